import assert from 'node:assert/strict';
import { it } from 'node:test';
import { type DigestSources, hour, sayDigests } from './digests.ts';
import type { Voice } from './voice.ts';

/** What is said of a centre that was opened then, and last built a digest up to `next`. */
async function saidAt(now: number, opened: number | null, next: number | null): Promise<string[]> {
  const said: string[] = [];
  const sources: DigestSources = {
    next: async () => next,
    build: async (from, to) => ({ from, to, leaves: 0, root: new Uint8Array(32) }),
    said: async () => true,
    opened: async () => opened,
  };
  const voice = { say: async (_kind: string, cause: string) => void said.push(cause) };
  await sayDigests(sources, voice as unknown as Voice, now);
  return said;
}

it('commits to no hour before the centre was opened, however long that takes', async () => {
  const now = 500_000 * hour;
  assert.deepEqual(await saidAt(now + 1, null, null), []);
  assert.deepEqual(await saidAt(now + 1, now - 1, null), ['2027-01-15T07:00:00.000Z']);
  assert.deepEqual(await saidAt(now + 1, now - hour - 1, now), []);
});
