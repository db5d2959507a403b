/** What release reads of the party in memory: everything is its own, and visible to it. */

import { type Part, partNumber } from '@parley/core/parts.ts';
import type { DeviceFacts, RecordFacts, Sources } from '../../release/sources.ts';

/** The only room. */
export const room = '11111111-1111-4111-8111-111111111111';

export interface Held {
  readonly party: string;
  readonly signer: { readonly device: string };
  readonly now: number;
  readonly records: readonly RecordFacts[];
  readonly parts: ReadonlyMap<number, Part>;
  readonly device: Partial<DeviceFacts>;
  readonly happened: string[];
}

export function sourcesOf(fake: Held): Sources {
  const own = { no: 1, id: fake.party, index: 0, role: 'member' as const, level: null, name: 'A' };
  const device: DeviceFacts = {
    id: fake.signer.device,
    party: 1,
    index: 0,
    rights: ['read', 'speak', 'govern'],
    ends: null,
    name: 'desk',
    revoked: null,
    rooms: null,
    personal: true,
    from: 'founding',
    ...fake.device,
  };
  const none = async () => [];
  const stream = { no: 1, room: 1, audience: 'author:1', purposes: '', personal: false, past: true };
  const terms = { index: 0, hash: '', terms: {} };
  const facts = { no: 1, id: room, index: 0, owner: fake.party, terms };
  const shares = fake.records.filter(({ header }) => header.kind === 'share/1');
  return {
    now: fake.now,
    disagree: (rule) => fake.happened.push(`disagreed ${rule}`),
    log: {
      records: async (indexes) => fake.records.filter(({ index }) => indexes.includes(index)),
      find: async ({ party, id }) =>
        fake.records.find(({ header }) => header.party === party && header.id === id)?.index ?? null,
      findAll: async (refs) =>
        refs.map(
          ({ party, id }) =>
            fake.records.find(({ header }) => header.party === party && header.id === id)?.index ?? null,
        ),
      parts: async (numbers) =>
        new Map(
          numbers.flatMap((number) => {
            const part = fake.parts.get(number);
            return part ? [[number, part] as const] : [];
          }),
        ),
    },
    parties: {
      accreditation: async () => ({ highest: 'unclassified', index: null }),
      party: async (id) => (id === fake.party ? own : null),
      byNumber: async () => own,
      all: async () => [own],
      device: async (id) => (id === device.id ? device : null),
      devicesOf: async () => [device],
      broughtBy: async (_party, id) => (id === device.id ? [device.index] : []),
      currentRecoveryKey: async () => null,
      arrangements: none,
      wardsOf: none,
      vouches: none,
    },
    rooms: {
      room: async (id: string) => (id === room ? facts : null),
      byNumber: async () => facts,
      standing: async () => null,
      standings: none,
      standingsOf: none,
      staysOf: async () => new Map(),
    } as unknown as Sources['rooms'],
    objects: {
      streams: async (rooms, audiences) =>
        rooms.includes(1) || audiences.includes('author:1') ? [stream] : [],
      page: async ({ after, limit }) =>
        shares
          .flatMap((record) =>
            Array.from({ length: record.header.parts?.count ?? 0 }, (_, n) => ({
              position: record.instant + n,
              part: partNumber(record.index, n),
            })),
          )
          .filter(({ position }) => after === null || position > after)
          .slice(0, limit),
      headings: async ({ after, limit, order }) => {
        const rows = fake.records.map(({ instant, index }) => ({ position: instant, index }));
        return (order === 'newest' ? rows.reverse() : rows)
          .filter(
            ({ position }) => after === null || (order === 'newest' ? position < after : position > after),
          )
          .slice(0, limit);
      },
      headingsOf: async (indexes) =>
        indexes.map((index) => ({ stream: 1, index, position: fake.records[index]?.instant ?? 0 })),
      shares: async () =>
        new Map(
          shares.map(({ index, instant, header }) => {
            const count = header.parts?.count ?? 0;
            const purposes = ['event-security'];
            return [
              index,
              { index, room: 1, party: 1, instant, count, remaining: count, purposes, past: true },
            ];
          }),
        ),
      taken: async () => new Set(),
      takenBy: none,
      caseRows: none,
      grantees: async () => [],
      granted: async () => new Map(),
      noticed: async () => new Set(),
      above: none,
      tallies: none,
      dueTallies: none,
    },
    recalls: { recallsOf: none, noticesTo: none, noticesAbout: none },
    requests: { openFor: none },
    narrowing: {
      withheld: async () => new Map(),
      withheldTallies: none,
      opened: async () => new Map(),
    },
    complaints: { complaintsOf: none },
    undertakings: { statesIn: none, suspensionsIn: none, suspensionsFrom: none },
    law: {
      holdsBy: none,
      holdsIn: none,
      heldBy: async () => new Map(),
      held: async () => new Set(),
      lastHoldEnded: async () => null,
      requestsOf: none,
    },
  };
}
