/** Runs every test that needs no database server, no browser, and nothing beyond this machine; says what it left out. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
/** Types are stripped once, and not for each file and thread again. */
const compiled = join(root, 'node_modules', '.cache', 'compiled');
/** Of what hangs, as a file does whose test failed and left a centre running. In a long run a test may take long. */
const isLong = process.env.PARLEY_KILLS !== undefined || process.env.PARLEY_HISTORIES !== undefined;
const patience = (isLong ? 45 : 15) * 60_000;
const gib = 2 ** 30;

/**
 * Where a disk of memory is there and large enough, centres of tests lie on it: each commit waits for its disk, and
 * that a commit is synced shows in the settings of the store (`server/journals/group-commit.test.ts`), not in a test
 * that no power fails in.
 */
function folderInMemory(): string | null {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    if (bavail * bsize < 3 * gib || process.availableMemory() < 6 * gib) return null;
    const folder = mkdtempSync('/dev/shm/parley-tests-');
    // Mounted so that nothing runs from there, it is of no use to tests that write a program.
    const script = join(folder, 'runs');
    writeFileSync(script, '#!/bin/sh\n', { mode: 0o700 });
    if (spawnSync(script).status === 0) return folder;
    rmSync(folder, { recursive: true });
  } catch {}
  return null;
}

/** @returns its exit status */
function run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...env, ...process.env },
  });
  // A terminal tells both of us; who tells us alone means the tests.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => child.once('exit', (status) => resolve(status ?? 1)));
}

const given = process.argv.slice(2);
const folders = ['core', 'cap', 'server', 'sdk', 'cli', 'bin', 'demo', 'interop', 'tools'];
const patterns = given.length > 0 ? given : folders.map((folder) => `${folder}/**/*.test.ts`);
const memory = process.env.TMPDIR ? null : folderInMemory();
const env = { NODE_COMPILE_CACHE: compiled, ...(memory ? { TMPDIR: memory } : {}) };
const args = ['--test', '--test-concurrency=2', `--test-timeout=${patience}`, ...patterns];
const status = await run(args, env);
if (memory) rmSync(memory, { recursive: true, force: true });

const left = [
  [!existsSync(join(root, '../shared/data')), 'the tests on real data, which is not beside this folder'],
  [!process.env.PARLEY_TEST_DATABASE, 'the tests on PostgreSQL: PARLEY_TEST_DATABASE names no server'],
  [
    spawnSync('xmlsec1', ['--version']).status !== 0,
    'the verdict of xmlsec1 on signatures: it is not installed',
  ],
  [!process.env.PARLEY_TEST_GO, 'the verifiers written in Go, which PARLEY_TEST_GO=1 asks for'],
] as const;
for (const [isLeft, what] of left) if (isLeft) console.log(`Skipped: ${what}.`);
process.exit(status);
