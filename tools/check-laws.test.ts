/** What no type can hold: one way in, one way out, no loose ends. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { it } from 'node:test';

const root = resolve(import.meta.dirname, '..');
const sources = ['core', 'cap', 'server', 'sdk', 'cli', 'bin', 'demo']
  .flatMap((folder) => {
    try {
      return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
        join(folder, name),
      );
    } catch {
      return [];
    }
  })
  .filter((name) => /\.tsx?$/.test(name) && !name.includes('node_modules'));
const code = sources.filter((name) => !/(\.test|sample)\.tsx?$/.test(name));
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const bare = (file: string) => read(file).replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:[^'\\\n]|\\.)*'/g, '');
const where = (pattern: RegExp, files = code, text = read) =>
  files.filter((file) => pattern.test(text(file)));

it('law 1: only the batch appends to the log, and it admits first; a copy takes what the same log has signed', () => {
  assert.deepEqual(where(/\blog\.append\(/), ['server/copying/log.ts', 'server/log/batch.ts']);
  const copy = read('server/copying/log.ts');
  assert.ok(copy.indexOf('verifyRecord(') < copy.indexOf('log.append('));
  assert.ok(copy.indexOf('equal(tree.root, head.root)') < copy.indexOf('log.advance('));
  const batch = read('server/log/batch.ts');
  assert.ok(batch.indexOf('await admit(') < batch.indexOf('log.append('));
  assert.deepEqual(where(/\badmit\b.*from '.*admission\/admit\.ts'/), ['server/writer.ts']);
});

it('law 3: only release/ seals, and nobody casts', () => {
  assert.deepEqual(
    where(/\breleased\b.*from '.*released\.ts'/).filter((file) => !file.startsWith('server/release/')),
    [],
  );
  assert.deepEqual(where(/\bas (?:unknown as )?Released\b/), ['server/release/released.ts']);
});

it('law 3: nobody but release reads a source, and what is one’s own is asked for in two places', () => {
  const outside = code.filter(
    (file) => /^server\/(api|delivery)\//.test(file) && !file.includes('/testing/'),
  );
  const reads = /\bsources\s*[.[]|=\s*(await\s+)?sources\b|\bsources:\s*\{/;
  assert.deepEqual(where(reads, outside, bare), []);
  assert.deepEqual(where(/\brelease(Own|Session)\(/, outside), [
    'server/api/accesses/routes.ts',
    'server/api/session/opening.ts',
    'server/api/session/routes.ts',
  ]);
});

it('law 3: what presents takes what was released', () => {
  const presenters = code.filter((file) => /^server\/api\/.*present\.ts$/.test(file));
  for (const file of presenters) assert.match(read(file), /Released</, `${file} takes nothing released`);
});

it('law 2: folds never read the clock, and never a journal', () => {
  const folds = code.filter((file) => file.startsWith('server/projections/'));
  assert.deepEqual(
    folds.filter((file) => /Date\.now|new Date\(\)|performance\.|journals\/|Math\.random/.test(read(file))),
    [],
  );
});

it('rules of access stand in release/ and admission/ only', () => {
  assert.deepEqual(
    where(/\bdecide\b.*from '.*decide\.ts'/).filter(
      (file) => !file.startsWith('server/release/') && file.startsWith('server/'),
    ),
    [],
  );
});

it('no loose ends', () => {
  const loose = /(: any\b|\bas any\b|<any>|\.skip\(|export default)/;
  assert.deepEqual(where(loose, sources, bare), []);
  // One rule of style has exceptions, each with its reason: control characters in a pattern that forbids them.
  const marks =
    /(@ts-ignore|@ts-expect-error|biome-ignore(?! lint\/suspicious\/noControlCharactersInRegex: )|\bTODO\b|\bFIXME\b)/;
  assert.deepEqual(where(marks, sources), []);
});

it('files are short enough to find one’s way', () => {
  const long = code.filter((file) => !file.includes('/testing/') && read(file).split('\n').length > 300);
  assert.deepEqual(long, []);
});
