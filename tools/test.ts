/** Runs every test that needs no database server, no browser, and nothing beyond this machine; says what it left out. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
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
  { cwd: root, stdio: 'inherit' },
);
if (!existsSync(join(root, '../shared/data')))
  console.log('Skipped: the tests on real data, which is not beside this folder.');
process.exit(status ?? 1);
