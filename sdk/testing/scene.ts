/** A party with a room at a small centre, for tests. */
import assert from 'node:assert/strict';
import { type Bytes, utf8 } from '@parley/core/bytes.ts';
import { type Code, Refusal } from '@parley/core/errors.ts';
import type { Handling } from '@parley/core/handling.ts';
import { refOf, roomId, type Signer } from '@parley/core/statement.ts';
import type { Terms } from '@parley/core/terms.ts';
import { type Centre, type Memory, memoryInRam, openCentre } from '../centre.ts';
import type { Session } from '../session.ts';
import { generateKey } from '../signer.ts';
import { address, SmallCentre } from './small-centre.ts';

export const terms: Terms = {
  title: 'Summit',
  purposes: ['event-security', 'threat-prevention'],
  own: [],
  handling: { purposes: ['event-security'], onward: 'ask', tlp: 'amber' },
  retention: 365,
  past: true,
  roster: true,
  conditions: '',
};

export const handling: Handling = {
  to: 'room',
  purposes: ['event-security'],
  onward: 'ask',
  until: null,
  review: null,
  tlp: 'amber',
  personal: false,
};

export interface Scene {
  readonly small: SmallCentre;
  readonly centre: Centre;
  readonly memory: Memory;
  readonly signer: Signer;
  readonly session: Session;
  readonly room: string;
}

export function object(n: number, text = 'x'): Bytes {
  const id = `indicator--00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
  return utf8(`{"type":"indicator", "id":"${id}","modified":"2026-01-01T00:00:00Z","name":"${text}"}`);
}

/** A party has joined, opened a room and a session. */
export async function openScene(): Promise<Scene> {
  const small = await SmallCentre.open();
  const memory = memoryInRam();
  const centre = await openCentre(address, { memory, fetch: small.fetch });
  const { signer } = await generateKey();
  await centre.join({ code: '00000-11111-22222-33333-44444', name: 'Embassy of A', device: 'desk', signer });
  const session = await centre.session({ signer, party: signer.device, purpose: 'event-security' });
  const opened = await session.openRoom(terms);
  return { small, centre, memory, signer, session, room: roomId(refOf(opened.statement.header)) };
}

/** Another visit of the same device, or of a new one with a memory of its own. */
export function visit(small: SmallCentre, memory = memoryInRam()): Promise<Centre> {
  return openCentre(address, { memory, fetch: small.fetch });
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** For `assert.rejects`: refused with this very code. */
export function refused(code: Code) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof Refusal, String(error));
    assert.equal(error.code, code, error.message);
    return true;
  };
}
