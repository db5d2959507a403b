/** Runs what stands in `vectors/`: each file is a list of examples, valid or refused with a code at a place. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type Code, Refusal } from '@parley/core/errors.ts';

export interface Vector {
  readonly name: string;
  readonly valid: boolean;
  readonly code?: Code;
  readonly at?: string;
}

const folder = new URL('../../vectors/', import.meta.url);

/** @param path below `vectors/`, such as `json/parts.json` */
export function readVectors<T>(path: string): readonly (Vector & T)[] {
  return JSON.parse(readFileSync(new URL(path, folder), 'utf8')) as (Vector & T)[];
}

/** One test for a file: `check` must take each valid example, and refuse each other one as the example says. */
export function runVectors<T>(path: string, check: (vector: Vector & T) => unknown): void {
  test(`vectors/${path}`, async () => {
    const vectors = readVectors<T>(path);
    assert.ok(vectors.length > 0, 'no vectors');
    for (const vector of vectors) {
      const refusal = await refusalOf(() => check(vector));
      const found = { name: vector.name, valid: refusal === null, code: refusal?.code, at: refusal?.at };
      const { name, valid, code, at } = vector;
      assert.deepEqual(found, { name, valid, code, at }, refusal?.message);
    }
  });
}

async function refusalOf(work: () => unknown): Promise<Refusal | null> {
  try {
    await work();
    return null;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}
