/** A connector of a party, and what an unmodified client sends with its token: for tests. */
import type { Handling } from '@parley/core/handling.ts';
import type { Right } from '@parley/core/kinds.ts';
import { makePart } from '@parley/core/parts.ts';
import { offerConnector } from '../connectors.ts';
import { type Actor, random, handling as usual } from './actor.ts';

export interface ConnectorWish {
  readonly rooms: readonly string[];
  readonly purpose?: string;
  readonly rights?: readonly Right[];
  readonly handling?: Partial<Handling> | null;
  /** Milliseconds from now. */
  readonly ends?: number;
  readonly personal?: boolean;
  readonly justification?: string;
}

export interface ClientOf {
  readonly device: string;
  readonly token: string;
}

export async function addConnector(owner: Actor, wish: ConnectorWish): Promise<ClientOf> {
  const { centre } = owner.world;
  const { journals, name, now } = centre;
  const { device, key, consent, token } = await offerConnector(name, owner.party, journals.connectors, now());
  const body = { key, consent, ...enrolmentOf(wish, now() / 1000) };
  const { justification } = wish;
  const part = makePart({ name: 'feed', ...(justification ? { justification } : {}) }, random);
  await owner.say('device.enrol/1', body, { parts: [part] });
  return { device, token };
}

export function enrolmentOf(wish: ConnectorWish, now: number) {
  const { rooms, purpose = 'event-security', rights = ['read'], ends = 3_600_000, personal = false } = wish;
  const access = rights.includes('speak') ? ('write' as const) : ('read' as const);
  const handling = access === 'write' ? { ...usual, ...wish.handling } : null;
  return {
    rights,
    rooms,
    personal,
    ends: new Date(Math.floor(now + ends)).toISOString(),
    connector: { purpose, access, handling: wish.handling === null ? null : handling },
  };
}

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
/** As curl --user any:TOKEN sends it. */
export const basic = (token: string, name = 'any') => ({
  authorization: `Basic ${Buffer.from(`${name}:${token}`).toString('base64')}`,
});
