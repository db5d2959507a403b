/** Writes the tables of `spec/errors.md` from the closed list and from who answers with it: `node tools/make-errors.ts`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { allCodes, type Code, classOf, Refusal, type RefusalClass, titleOf } from '@parley/core/errors.ts';
import { Command } from 'commander';
import { processIo } from '../cli/io.ts';
import { run } from '../cli/run.ts';
import { outward, problemOf } from '../server/api/problems.ts';

const meanings: Readonly<Record<RefusalClass, string>> = {
  malformed: 'the bytes are not what the format asks for',
  unauthenticated: 'nobody we know, or no longer',
  refused: 'well-formed, but may not be said or seen by this one',
  absent: 'not there, or not there for you; the two look alike',
  conflict: 'the identity is taken, or the state has moved on',
  'too-large': 'over a limit, which `params.limit` names where one figure says it',
  busy: 'try again, after the seconds of `Retry-After`, or of `params.after`',
  unproven:
    'a verifier did not find what it was promised: the other side may lie. Over HTTP: what was sent was read, and does not hold',
  usage: 'the command or the configuration is wrong; over HTTP it is `fault`',
  fault: 'our own, or of the centre that was called',
};

const file = new URL('../spec/errors.md', import.meta.url);
const classHeading = '| class | means | HTTP | exit |\n| --- | --- | --- | --- |\n';
const codeHeading = '| code | class | meaning |\n| --- | --- | --- |\n';
const [before = ''] = readFileSync(file, 'utf8').split(classHeading);
const classRows = await Promise.all((Object.keys(meanings) as RefusalClass[]).map(classRow));
const codeRows = allCodes.map((code) => `| \`${code}\` | ${classOf(code)} | ${titleOf(code)} |\n`);
writeFileSync(file, [before, classHeading, ...classRows, '\n', codeHeading, ...codeRows].join(''));

/** A class as each of its codes is answered. */
async function classRow(name: RefusalClass): Promise<string> {
  const codes = allCodes.filter((code) => classOf(code) === name);
  const statuses = codes.map((code) => problemOf(outward(new Refusal(code), ''), '').status);
  const exits = await Promise.all(codes.map(exitOf));
  return `| ${name} | ${meanings[name]} | ${listed(statuses)} | ${listed(exits)} |\n`;
}

function exitOf(code: Code): Promise<number> {
  const program = new Command();
  program.command('refuse').action(() => {
    throw new Refusal(code);
  });
  return run(program, ['refuse'], { ...processIo, stderr: new PassThrough().resume() });
}

function listed(figures: readonly number[]): string {
  return [...new Set(figures)].sort((a, b) => a - b).join(' or ');
}
