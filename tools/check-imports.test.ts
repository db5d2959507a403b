/** Who may import whom: the table of `ARCHITECTURE.md`, held against the code. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { it } from 'node:test';

const root = resolve(import.meta.dirname, '..');

/** The rows of the table: folder, and what it may import besides itself and packages. */
function allowed(): Map<string, string[]> {
  const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
  const rows = [...text.matchAll(/^\| `([^`]+)` \|([^|]*)\|$/gm)].filter(([, folder]) =>
    folder?.endsWith('/'),
  );
  return new Map(
    rows.map(([, folder, list]) => [
      folder as string,
      [...(list as string).matchAll(/`([^`]+)`/g)].map(([, name]) => name as string),
    ]),
  );
}

function files(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !name.includes('node_modules'))
    .map((name) => join(folder, name));
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [
    ...text.matchAll(
      /(?:^|\n)(?:import|export)\s[^'"]*?from\s+'([^']+)'|(?:^|\n)import\s+'([^']+)'|import\('([^']+)'\)|new URL\('(\.[^']+\.ts)'/g,
    ),
  ]
    .map(([, ...found]) => found.find((name) => name !== undefined) ?? '')
    .map((name) => {
      if (name.startsWith('@parley/')) return name.slice('@parley/'.length);
      return name.startsWith('.') ? relative(root, resolve(root, dirname(file), name)) : `package:${name}`;
    });
}

/** All that is built or run; `tools/` alone looks at every folder. */
const folders = ['core', 'cap', 'server', 'sdk', 'cli', 'bin', 'demo', 'bench', 'interop'];

/** What such a folder may import is said though all of it is tests, so that the table tells of every folder. */
const isForTests = (row: string) => row === 'interop/' || row.endsWith('/testing/');

const isTest = (file: string) =>
  /\.test\.tsx?$/.test(file) || /(^|\/)(testing|fixture)(\/|\.ts$)/.test(file) || /sample\.ts$/.test(file);

/** The longest row that a path lies under; `*` stands for one folder. */
function rowOf(path: string, rows: readonly string[]): string | undefined {
  const under = (row: string) => {
    const parts = row.slice(0, -1).split('/');
    const own = path.split('/');
    return own.length > parts.length && parts.every((part, i) => part === '*' || part === own[i]);
  };
  return rows.filter(under).sort((a, b) => b.split('/').length - a.split('/').length)[0];
}

/** A folder, a file, or with `*` the files right below a folder. */
function covers(name: string, target: string): boolean {
  if (name === 'everything') return true;
  if (!name.includes('*')) return target.startsWith(name);
  return new RegExp(`^${name.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`).test(target);
}

function sameFolder(a: string, b: string, row: string): boolean {
  const depth = row.slice(0, -1).split('/').length;
  return a.split('/').slice(0, depth).join('/') === b.split('/').slice(0, depth).join('/');
}

it('every import is one that the table allows', () => {
  const table = allowed();
  const rows = [...table.keys()];
  assert.ok(rows.length >= 10, 'the table stands in ARCHITECTURE.md');
  const broken: string[] = [];
  for (const file of folders.flatMap(files)) {
    const row = rowOf(file, rows);
    assert.ok(row, `${file} stands in a folder without a row`);
    if (isTest(file) && !isForTests(row)) continue;
    for (const target of importsOf(file)) {
      if (target.startsWith('package:')) continue;
      const ok = sameFolder(file, target, row) || (table.get(row) ?? []).some((name) => covers(name, target));
      if (!ok) broken.push(`${file} imports ${target}`);
    }
  }
  assert.deepEqual(broken, []);
});

it('core and sdk run in a browser: no module of Node, and no package but those named', () => {
  const may = {
    core: ['zod', '@noble/hashes', 'robust-predicates', 'point-in-polygon-hao'],
    sdk: ['zod', 'eventsource-parser', '@cantoo/pdf-lib'],
  };
  for (const [folder, packages] of Object.entries(may))
    for (const file of files(folder).filter((name) => !isTest(name)))
      for (const target of importsOf(file).filter((name) => name.startsWith('package:')))
        assert.ok(
          packages.some((name) => target.startsWith(`package:${name}`)),
          `${file} imports ${target.slice(8)}`,
        );
});

it('cap runs in a browser but for signatures: they alone need a module of Node', () => {
  const pure = ['zod', 'xmlbuilder2', 'fast-xml-parser'];
  const signing = /^cap\/(algorithms|certificate|receive|sign|verify)\.ts$/;
  for (const file of files('cap').filter((name) => !isTest(name)))
    for (const target of importsOf(file)) {
      const ok = target.startsWith('package:')
        ? [...pure, ...(signing.test(file) ? ['node:crypto', 'xml-crypto'] : [])].some((name) =>
            target.startsWith(`package:${name}`),
          )
        : signing.test(file) || !signing.test(target);
      assert.ok(ok, `${file} imports ${target}`);
    }
});

it('tests are the only ones that import what is made for tests', () => {
  const others = folders.filter((folder) => folder !== 'interop');
  for (const file of others.flatMap(files).filter((name) => !isTest(name)))
    for (const target of importsOf(file)) assert.ok(!isTest(target), `${file} imports ${target}`);
});
