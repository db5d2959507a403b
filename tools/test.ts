/** Runs every test that needs no database server, no browser, and nothing beyond this machine; says what it left out. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
/** Types are stripped once, and not for each file and thread again. */
const compiled = join(root, 'node_modules', '.cache', 'compiled');
const given = process.argv.slice(2);
const folders = ['core', 'server', 'sdk', 'cli', 'bin', 'demo', 'interop', 'tools'];
const patterns = given.length > 0 ? given : folders.map((folder) => `${folder}/**/*.test.ts`);
const { status } = spawnSync(
  process.execPath,
  [
    '--disable-warning=ExperimentalWarning',
    '--test',
    '--test-concurrency=2',
    '--test-timeout=180000',
    ...patterns,
  ],
  { cwd: root, stdio: 'inherit', env: { NODE_COMPILE_CACHE: compiled, ...process.env } },
);
const left = [
  [!existsSync(join(root, '../shared/data')), 'the tests on real data, which is not beside this folder'],
  [!process.env.PARLEY_TEST_DATABASE, 'the tests on PostgreSQL: PARLEY_TEST_DATABASE names no server'],
  [!process.env.PARLEY_TEST_GO, 'the verifiers written in Go, which PARLEY_TEST_GO=1 asks for'],
] as const;
for (const [isLeft, what] of left) if (isLeft) console.log(`Skipped: ${what}.`);
process.exit(status ?? 1);
