/** How secrets are compared and where they may stand: by a hash or in constant time, and never in what is printed. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { it } from 'node:test';

const root = resolve(import.meta.dirname, '..');
const code = ['core', 'cap', 'server', 'sdk', 'cli', 'bin']
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  )
  .filter((name) => name.endsWith('.ts') && !/\.test\.ts$|\/testing\/|node_modules/.test(name));
/** Without comments and strings, so that only what runs is looked at. */
const bare = (file: string) =>
  readFileSync(join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:[^'\\\n]|\\.)*'/g, "''");

const secret = String.raw`\b\w*(?:[tT]oken|[sS]ecret|[pP]assword|[mM]ac|[sS]eal|[cC]redential|[cC]hallenge)s?\b(?:\([^()]*\))?`;
const pattern = new RegExp(`${secret}\\s*[!=]==?\\s*(.+)|(\\S+)\\s*[!=]==?\\s*${secret}`);
const compared = new RegExp(pattern, 'g');
/** Whether there is one at all tells nothing of it. */
const absence = /^(?:null|undefined|''|typeof\b)/;

it('no comparison of a token, a secret or a seal ends at the first byte that differs', () => {
  const found = code
    .filter((file) => file.startsWith('server/'))
    .flatMap((file) =>
      [...bare(file).matchAll(compared)]
        .filter(
          ([whole, right]) => !absence.test(right ?? '') && !/\b(?:null|undefined)\s*[!=]==/.test(whole),
        )
        .map(([whole]) => `${file}: ${whole.trim()}`),
    );
  assert.deepEqual(found, []);
  // It finds what it looks for.
  for (const slip of ['if (token === given)', 'sealOf(row) !== seal', 'given == challenge'])
    assert.match(slip, pattern);
});

it('tokens are looked up by their hash, and what binds them is compared in constant time', () => {
  for (const file of ['server/journals/sessions.ts', 'server/journals/connectors.ts'])
    for (const [, value] of bare(file).matchAll(/where\('',\s*'',\s*([^)]*\)?)\)/g))
      assert.doesNotMatch(value ?? '', /^(?:token|given)\b/, file);
  const constant = ['server/journals/challenges.ts', 'server/api/centre/routes.ts', 'server/serve.ts'];
  for (const file of constant) assert.match(bare(file), /timingSafeEqual\(/, file);
});

it('CVE-2026-39980 (OpenCTI: what was written ran as a template): nothing here runs text as code', () => {
  const runs = /\beval\s*\(|\bnew\s+Function\b|node:vm\b|\brunInNewContext\b|\bimport\s*\((?!'')/;
  const found = code.filter(
    (file) => runs.test(bare(file)) || /from 'node:vm'/.test(readFileSync(join(root, file), 'utf8')),
  );
  assert.deepEqual(found, []);
  // Programs are started without a shell, so that no name of a file becomes a command.
  const shells = code.filter(
    (file) =>
      /(?<!\.)\bexec(?:Sync)?\s*\(\s*[`'a-z]|shell:\s*true/.test(bare(file)) &&
      /node:child_process/.test(readFileSync(join(root, file), 'utf8')),
  );
  assert.deepEqual(shells, []);
});
