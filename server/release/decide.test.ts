/** The rules as a list that a lawyer can read: `vectors/release/decide.json`, a row each, in the order in which they apply. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { Handling } from '@parley/core/handling.ts';
import { type Decision, decide, type Looker, type Said, type Stand } from './decide.ts';

interface Row {
  readonly name: string;
  readonly viewer?: Partial<Looker>;
  /** Its `handling` is null for governance, else left out. */
  readonly said?: Partial<Said>;
  readonly handling?: Partial<Handling>;
  readonly stand?: Partial<Stand>;
  readonly verdict: Decision['verdict'];
  readonly by: Decision['rule'];
  /** Where it stands for the viewer; without it, where it was said. */
  readonly position?: number;
}

interface Table {
  /** What holds where a row says nothing else. */
  readonly usual: {
    readonly now: number;
    readonly viewer: Looker;
    readonly said: Omit<Said, 'handling'>;
    readonly handling: Handling;
    readonly stand: Stand;
  };
  readonly rows: readonly Row[];
}

const file = new URL('../../vectors/release/decide.json', import.meta.url);
const { usual, rows } = JSON.parse(readFileSync(file, 'utf8')) as Table;

describe('decide', () => {
  for (const { name, viewer, said, handling, stand, verdict, by, position } of rows)
    it(name, () => {
      const about: Said = {
        ...usual.said,
        ...said,
        handling: said?.handling === null ? null : { ...usual.handling, ...handling },
      };
      const looker = { ...usual.viewer, ...viewer };
      assert.deepEqual(decide(looker, about, { ...usual.stand, ...stand }, usual.now), {
        verdict,
        rule: by,
        position: position ?? usual.said.position,
      });
    });

  it('has a row for every rule', () => {
    const rules: Record<Decision['rule'], true> = {
      'viewer-ended': true,
      device: true,
      'taken-back': true,
      withheld: true,
      author: true,
      addressed: true,
      'not-addressed': true,
      'target-hidden': true,
      ended: true,
      purpose: true,
      justification: true,
      public: true,
      member: true,
      observer: true,
      suspended: true,
      grant: true,
      supervision: true,
    };
    assert.deepEqual(new Set(rows.map(({ by }) => by)), new Set(Object.keys(rules)));
  });
});
