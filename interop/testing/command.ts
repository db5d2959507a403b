/** A command of the operator, in a process of its own, on the centre whose configuration lies in a directory. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileCache } from './operated.ts';

const program = new URL('../../bin/parley.ts', import.meta.url).pathname;

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  said(): string;
}

export function operate(dir: string, args: readonly string[]): Running {
  const words = ['--disable-warning=ExperimentalWarning', program, '--json', ...args];
  const child = spawn(process.execPath, [...words, '--config', join(dir, 'parley.json')], {
    cwd: dir,
    env: { PATH: process.env.PATH ?? '', NODE_COMPILE_CACHE: compileCache },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (piece) => {
      said += piece;
    });
  const ended = new Promise<number | null>((resolve) => child.once('exit', (status) => resolve(status)));
  return { child, ended, said: () => said };
}

/** Over what its configuration says. */
export function configure(dir: string, more: object): void {
  const path = join(dir, 'parley.json');
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...more }));
}
