import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Refusal } from '@parley/core/errors.ts';
import { makePart } from '@parley/core/parts.ts';
import { offerConnector } from '../connectors.ts';
import { handling, random } from '../testing/actor.ts';
import { enrolmentOf } from '../testing/connectors.ts';
import type { Saying } from './said.ts';
import { begin, type Setting, table } from './testing/setting.ts';
import { checkBrought, checkUnused } from './uploads.ts';

describe('enrolling a connector', () => {
  let s: Setting;
  let room: string;
  let other: string;
  before(async () => {
    s = await begin();
    room = await s.world.room([s.anna]);
    other = await s.world.room([s.bert]);
  });
  after(() => s.end());
  const { refused, admitted } = table(() => s);

  /** With a key that the centre made, so that only the limits are judged. */
  async function enrol(change: object, wish: object = {}) {
    const { centre } = s.world;
    const { journals, name, now } = centre;
    const offer = await offerConnector(name, s.anna.party, journals.connectors, now());
    const body = {
      ...{ key: offer.key, consent: offer.consent },
      ...enrolmentOf({ rooms: [room], ...wish }, now() / 1000),
      ...change,
    };
    return () => s.anna.say('device.enrol/1', body, { parts: [makePart({ name: 'Sensors' }, random)] });
  }
  const reads = { purpose: 'event-security', access: 'read', handling: null };
  const writes = { ...reads, access: 'write', handling };

  admitted('one that reads a room of the party for one purpose', async () => (await enrol({}))());
  refused('one for all rooms', 'connector.limits', '/body/rooms', () => enrol({ rooms: null }));
  refused('one without an end', 'connector.limits', '/body/ends', () => enrol({ ends: null }));
  refused('one that governs', 'connector.limits', '/body/rights', () =>
    enrol({ rights: ['read', 'govern'] }),
  );
  refused('one that reads and has the right to speak', 'connector.limits', '/body/rights', () =>
    enrol({ rights: ['read', 'speak'] }),
  );
  refused('one that writes without a handling', 'connector.limits', '/body/connector/handling', () =>
    enrol({ rights: ['speak'], connector: { ...writes, handling: null } }),
  );
  refused(
    'one that shares what its device may not',
    'connector.limits',
    '/body/connector/handling/personal',
    () => {
      const personal = [{ category: 'victim', nature: 'fact' }];
      return enrol({ rights: ['speak'], connector: { ...writes, handling: { ...handling, personal } } });
    },
  );
  refused('one for a purpose of nobody’s', 'purpose.unknown', '/body/connector/purpose', () =>
    enrol({ connector: { ...reads, purpose: 'x-nobody' } }),
  );
  refused('one for a room of others', 'room.unknown', '/body/rooms/0', () => enrol({ rooms: [other] }));
});

it('refuses a share with files that were not brought, or are not what the header says: file.absent', () => {
  const file = { n: 1, size: 31, type: 'text/plain' };
  checkBrought([file], new Map([[1, file]]));
  for (const there of [null, { ...file, size: 30 }, { ...file, type: 'application/pdf' }])
    assert.throws(
      () => checkBrought([file], new Map([[1, there]])),
      (error) => error instanceof Refusal && error.code === 'file.absent' && error.at === '/body/files/0',
    );
});

it('refuses a file that was used before, or twice in one share: file.known', async () => {
  const parts = [makePart({}, random), makePart('one', random), makePart('two', random)];
  const files = [1, 2].map((n) => ({ n, size: 5, type: 'text/plain' }));
  const share = (used: readonly string[], which: readonly { bytes: Uint8Array }[]) =>
    checkUnused({
      header: { kind: 'share/1', party: 'a'.repeat(64), body: { files } },
      parts: which,
      readers: {
        filesNamed: async (names: string[]) => new Set(names.filter((_, i) => used.includes(`${i}`))),
      },
    } as unknown as Saying<'share/1'>);
  await share([], parts);
  const known = (at: string) => (error: unknown) =>
    error instanceof Refusal && error.code === 'file.known' && error.at === at;
  await assert.rejects(share(['1'], parts), known('/body/files/1'));
  const [object, one] = parts;
  assert.ok(object && one);
  await assert.rejects(share([], [object, one, one]), known('/body/files/1'));
});
