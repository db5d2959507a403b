/** Who may import whom: the table of `ARCHITECTURE.md`, held against the code. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { it } from 'node:test';

const root = resolve(import.meta.dirname, '..');

/** The rows of the table: folder, and what it may import besides itself and packages. */
function allowed(): Map<string, string[]> {
  const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
  const rows = [...text.matchAll(/^\| `([^`]+)` \| ([^|]*) \|$/gm)].filter(([, folder]) =>
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
      /(?:^|\n)(?:import|export)\s[^'"]*?from\s+'([^']+)'|import\('([^']+)'\)|new URL\('(\.[^']+\.ts)'/g,
    ),
  ]
    .map(([, a, b, c]) => a ?? b ?? c ?? '')
    .map((name) => {
      if (name.startsWith('@parley/')) return name.slice('@parley/'.length);
      return name.startsWith('.') ? relative(root, resolve(root, dirname(file), name)) : `package:${name}`;
    });
}

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
  for (const file of ['core', 'server', 'sdk', 'cli', 'bench'].flatMap(files)) {
    const row = rowOf(file, rows);
    if (!row || isTest(file)) continue;
    for (const target of importsOf(file)) {
      if (target.startsWith('package:')) continue;
      const ok = sameFolder(file, target, row) || (table.get(row) ?? []).some((name) => covers(name, target));
      if (!ok) broken.push(`${file} imports ${target}`);
    }
  }
  assert.deepEqual(broken, []);
});

it('core and sdk run in a browser: no module of Node, and no package but those named', () => {
  const may = { core: ['zod', '@noble/hashes'], sdk: ['zod', 'eventsource-parser', '@cantoo/pdf-lib'] };
  for (const [folder, packages] of Object.entries(may))
    for (const file of files(folder).filter((name) => !isTest(name)))
      for (const target of importsOf(file).filter((name) => name.startsWith('package:')))
        assert.ok(
          packages.some((name) => target.startsWith(`package:${name}`)),
          `${file} imports ${target.slice(8)}`,
        );
});

it('tests are the only ones that import what is made for tests', () => {
  for (const file of ['core', 'server', 'sdk', 'cli'].flatMap(files).filter((name) => !isTest(name)))
    for (const target of importsOf(file)) assert.ok(!isTest(target), `${file} imports ${target}`);
});
