import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readVectors, runVectors } from '../tools/vectors/read.ts';
import { checkVectorHeader, type VectorHeader } from '../tools/vectors/wire.ts';
import { utf8 } from './bytes.ts';
import { centreKinds, isKind, type KindName, kinds } from './kinds.ts';
import { checkParts, parsePart } from './parts.ts';
import { handlingOf } from './statement.ts';

interface KindVector {
  readonly header: VectorHeader;
  readonly parts: readonly string[];
}

const names = Object.keys(kinds) as KindName[];
const pageOf = (kind: string): string => kind.replace(/\/\d+$/, '');

for (const kind of names)
  runVectors<KindVector>(`kinds/${pageOf(kind)}.json`, ({ header, parts }) => {
    const read = checkVectorHeader(header);
    assert.equal(read.kind, kind);
    const lines = parts.map((line, n) => parsePart(utf8(line), `/parts/${n}`));
    checkParts(read.kind, read.parts, lines, handlingOf(read));
  });

test('each kind has a valid and two invalid examples, and each file of examples a kind', () => {
  for (const kind of names) {
    const vectors = readVectors(`kinds/${pageOf(kind)}.json`);
    assert.ok(vectors.some(({ valid }) => valid) && vectors.filter(({ valid }) => !valid).length >= 2, kind);
  }
  const files = readdirSync(new URL('../vectors/kinds/', import.meta.url));
  assert.deepEqual(files.sort(), names.map((kind) => `${pageOf(kind)}.json`).sort());
});

test('each kind has a page that answers the five questions', () => {
  const questions = ['Who may say it', 'What it means', 'Body and parts', 'Who may see it', 'What remains'];
  for (const kind of names) {
    const file = new URL(`../spec/kinds/${pageOf(kind)}.md`, import.meta.url);
    assert.ok(existsSync(file), kind);
    const page = readFileSync(file, 'utf8');
    assert.ok(page.startsWith(`# ${kind}\n`), kind);
    for (const question of questions) assert.ok(page.includes(`**${question}.**`), `${kind}: ${question}`);
    assert.ok(page.includes(`Needs the right \`${kinds[kind].right}\``), `${kind}: right`);
  }
});

test('names of kinds are those of the list alone', () => {
  for (const kind of names) assert.ok(isKind(kind));
  for (const name of ['constructor', '__proto__', 'share', 'share/2', 'SHARE/1'])
    assert.equal(isKind(name), false);
  for (const kind of centreKinds) assert.ok(isKind(kind));
});
