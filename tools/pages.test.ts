/** Every command that a page of `docs/` names is there, takes what stands with it, and is given all that it needs. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { processIo } from '@parley/cli/io.ts';
import { cliCommands, parleyProgram } from '@parley/cli/program.ts';
import { operatorCommands } from '@parley/server/operator.ts';
import type { Command } from 'commander';
import { operatorTerminal } from '../bin/terminal.ts';

const docs = join(import.meta.dirname, '..', 'docs');
const pages = readdirSync(docs).filter((name) => name.endsWith('.md'));
const program = parleyProgram([...cliCommands(), ...operatorCommands(operatorTerminal(processIo))], '0');

/** As a shell splits them. */
function words(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}

interface Called {
  readonly command: Command;
  readonly options: readonly string[];
  readonly values: readonly string[];
}

/** @param line without the name of the program */
function called(line: string, whole: boolean): Called {
  const rest = words(line);
  let command = program;
  for (let next = named(command, rest[0]); next; next = named(command, rest[0])) {
    command = next;
    rest.shift();
  }
  const known = [...command.options, ...program.options];
  const [options, values]: [string[], string[]] = [[], []];
  while (rest.length > 0) {
    const word = rest.shift() as string;
    if (!/^--?[a-z]/.test(word)) {
      values.push(word);
      continue;
    }
    const option = known.find(({ long, short }) => long === word || short === word);
    assert.ok(option, `${line}: there is no ${word}`);
    options.push(option.attributeName());
    if (option.required) assert.ok(rest.shift() !== undefined || !whole, `${line}: ${word} takes something`);
  }
  return { command, options, values };
}

function named(command: Command, word: string | undefined): Command | undefined {
  return command.commands.find((each) => each.name() === word);
}

/** Blocks are typed as they stand; in the text, a command is only named. */
function linesOf(text: string): { blocks: string[]; inline: string[] } {
  const parts = text.split('```');
  const blocks = parts.filter((_, i) => i % 2 === 1).flatMap((block) => block.split('\n'));
  const inline = parts
    .filter((_, i) => i % 2 === 0)
    .flatMap((part) => part.match(/`parley [a-z][^`]*`/g) ?? []);
  return { blocks, inline: inline.map((each) => each.slice(1, -1)) };
}

for (const page of pages) {
  const text = readFileSync(join(docs, page), 'utf8');
  it(`the commands of ${page}`, () => {
    const { blocks, inline } = linesOf(text);
    for (const line of blocks.filter((each) => each.startsWith('parley '))) {
      const { command, options, values } = called(line.slice('parley '.length), true);
      assert.equal(command.commands.length, 0, `${line}: which of its commands?`);
      const wanted = command.registeredArguments.filter(({ required }) => required).length;
      const most = command.registeredArguments.length;
      assert.ok(values.length >= wanted && values.length <= most, `${line}: ${values.length} arguments`);
      for (const option of command.options.filter(({ mandatory }) => mandatory))
        assert.ok(options.includes(option.attributeName()), `${line}: without ${option.long}`);
    }
    for (const line of inline) {
      const { command } = called(line.slice('parley '.length), false);
      assert.notEqual(command, program, line);
    }
  });
  it(`the links of ${page}`, () => {
    for (const [, link] of text.matchAll(/\]\(([^)#]+)\)/g))
      if (!/^https?:/.test(link ?? '')) assert.ok(existsSync(join(docs, link ?? '')), `${page}: ${link}`);
  });
}
