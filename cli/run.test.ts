import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allCodes, classOf, Refusal } from '@parley/core/errors.ts';
import { Command } from 'commander';
import { cliCommands } from './program.ts';
import { humanError, jsonError, run } from './run.ts';
import { parley } from './testing/terminal.ts';

test('every command has a description, an example and what --json prints', () => {
  const all = (commands: readonly Command[]): Command[] =>
    commands.flatMap((each) => [each, ...all(each.commands)]);
  for (const command of all(cliCommands())) {
    assert.notEqual(command.description(), '', command.name());
    if (command.commands.length > 0) continue;
    let help = '';
    command.configureOutput({
      writeOut: (text) => {
        help += text;
      },
    });
    command.outputHelp();
    assert.match(help, /Examples?:\n {2}\$ parley /, command.name());
    assert.match(help, /With --json:/, command.name());
  }
});

test('wrong calls end with 2, and say what would be right on stderr alone', async () => {
  const wrong = [
    ['nonsense'],
    ['witness'],
    ['witness', 'nonsense'],
    ['witness', 'init'],
    ['witness', 'init', '--nonsense'],
    ['witness', 'init', '--name', 'x', '--type', 'rsa'],
    ['witness', 'run', '--listen', 'nowhere', '--log', 'x'],
    ['witness', 'show', 'too', 'many'],
  ];
  for (const args of wrong) {
    const human = await parley(args);
    assert.deepEqual([human.status, human.out], [2, ''], args.join(' '));
    assert.match(human.err, /^parley: .*\[command\.usage\]/);
    const { status, out, err } = await parley([...args, '--json']);
    assert.deepEqual([status, out], [2, ''], args.join(' '));
    assert.equal(JSON.parse(err).error.code, 'command.usage');
    assert.equal(err.split('\n').length, 2, 'one line');
  }
});

test('help and version end with 0', async () => {
  for (const args of [[], ['--help'], ['--version'], ['witness', '--help'], ['witness', 'run', '--help']]) {
    const { status, out, err } = await parley(args);
    assert.deepEqual([status, err], [0, ''], args.join(' '));
    assert.notEqual(out, '');
  }
});

test('each code has its exit status: refusals 1, usage 2, faults 3', async () => {
  for (const code of allCodes) {
    const program = new Command('parley').argument('<word>').action(() => Promise.reject(new Refusal(code)));
    const expected = { usage: 2, fault: 3 }[classOf(code) as string] ?? 1;
    const io = {
      stdin: process.stdin,
      stdout: silent(),
      stderr: silent(),
      env: {},
      stopping: () => new AbortController().signal,
    };
    assert.equal(await run(program, ['word'], io), expected, code);
  }
  function silent(): NodeJS.WritableStream {
    return { write: () => true } as unknown as NodeJS.WritableStream;
  }
});

test('an error tells what, where, why and the code', () => {
  const refusal = new Refusal('handling.contradiction', {
    at: '/body/handling/tlp',
    detail: 'what is public is TLP:CLEAR',
    params: { limit: 3 },
  });
  assert.equal(
    humanError(refusal),
    'parley: The handling contradicts itself or a marking [handling.contradiction]\n  what is public is TLP:CLEAR\n  at /body/handling/tlp\n  with limit 3\n',
  );
  assert.deepEqual(JSON.parse(jsonError(refusal)), {
    error: {
      code: 'handling.contradiction',
      title: 'The handling contradicts itself or a marking',
      at: '/body/handling/tlp',
      detail: 'what is public is TLP:CLEAR',
      params: { limit: 3 },
    },
  });
});

test('an escape sequence in what a centre answers does not reach the terminal', () => {
  assert(!humanError(new Refusal('fault', { detail: '\u001b[2Jgone' })).includes('\u001b'));
});
