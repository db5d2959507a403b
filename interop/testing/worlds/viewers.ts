/** Everybody who looks at a history: devices of the viewer's party, its tokens, the public, and who has no part in it. */
import type { Viewer } from './door.ts';
import type { Made } from './making.ts';
import { hour, type Pair, type Party, type Side } from './pair.ts';

interface Opening {
  readonly device?: string;
  readonly purpose?: string;
  readonly justification?: string;
  readonly person?: string;
}

/** Opens the sessions in both worlds; tokens are drawn by lot, and are not compared. */
export async function viewersOf(
  pair: Pair,
  { history, viewing }: Made,
): Promise<readonly [Viewer, ...Viewer[]]> {
  const { viewer, cast } = history;
  const device = async (name: string, about: Opening = {}, party = viewer, deep = false): Promise<Viewer> => {
    const tokens = new Map<Side, string>();
    for (const side of pair.sides) tokens.set(side, await open(side, party, about));
    const live = !name.endsWith('revoked');
    return { name, kind: 'device', live, deep, token: (side) => tokens.get(side) ?? 'none' };
  };
  const held = (name: string, { tokens }: typeof viewing.feed): Viewer => ({
    ...{ name, kind: 'token', live: true, deep: false },
    token: (side) => tokens.get(side) ?? 'none',
  });
  const justification = 'case 7';
  return [
    await device('a device', {}, viewer, true),
    { name: 'the public', kind: 'public', live: true, deep: false, token: () => null },
    await device('with a justification', { purpose: 'threat-prevention', justification, person: 'N7' }),
    await device('a device of one room', { device: viewing.limited.device, justification }),
    await device('a device without personal data', { device: viewing.impersonal.device }),
    await device('for an inner purpose', { purpose: 'x-inner', justification }),
    held('a connector that reads', viewing.feed),
    held('a connector that writes', viewing.writer),
    await device('a device that is revoked', { device: viewing.revoked.device }),
    await device('an outsider', {}, cast.outsider),
  ];
}

async function open(side: Side, party: Party, about: Opening): Promise<string> {
  const { journals, now } = side.world.centre;
  const { device = party.desk.device, purpose = 'event-security', justification = null, ...more } = about;
  const who = { party: party.id, device, purpose, justification, ...more };
  return journals.sessions.open({ ...who, now: now(), ttl: 2_000 * hour });
}
