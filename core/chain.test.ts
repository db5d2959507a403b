import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readVectors, runVectors } from '../tools/vectors/read.ts';
import { verifyBy, verifyChain } from './chain.ts';
import { Refusal } from './errors.ts';
import { fingerprint } from './keys.ts';
import { type EnvelopeJson, parseStatement, type Statement } from './statement.ts';

interface ChainVector {
  readonly party: string;
  readonly links: readonly EnvelopeJson[];
}

const statementsOf = (links: readonly EnvelopeJson[]): Statement[] =>
  links.map((link) => parseStatement({ ...link }));

runVectors<ChainVector & { devices: string[] }>('chain/chains.json', async ({ party, links, devices }) => {
  const found = await verifyChain(party, statementsOf(links));
  assert.deepEqual([...found.keys()], devices);
  for (const [id, device] of found) assert.equal(id, fingerprint(device.key));
});

runVectors<ChainVector & { statement: EnvelopeJson }>(
  'chain/speakers.json',
  async ({ party, links, statement }) => {
    const devices = await verifyChain(party, statementsOf(links));
    const said = parseStatement({ ...statement });
    await verifyBy(devices.get(said.header.device), said);
  },
);

test('leaving links out or changing their order never lets a device in', async () => {
  const valid = readVectors<ChainVector>('chain/chains.json').find(({ links }) => links.length === 3);
  assert.ok(valid);
  const statements = statementsOf(valid.links);
  const whole = await verifyChain(valid.party, statements);
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray(statements), async (links) => {
      try {
        const devices = await verifyChain(valid.party, links);
        for (const id of devices.keys()) assert.ok(whole.has(id));
        assert.deepEqual(links, statements.slice(0, links.length));
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        assert.equal(error.code, 'chain.broken');
      }
    }),
  );
});
