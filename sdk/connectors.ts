/** Connectors: for clients that cannot sign, the centre holds a key and the client a token. Everyone sees that it is so. */
import { type Bytes, fromBase64 } from '@parley/core/bytes.ts';
import { verifyEd25519 } from '@parley/core/ed25519.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { Handling } from '@parley/core/handling.ts';
import { connectorConsent, type DeviceId, fingerprint, publicKeyFrom } from '@parley/core/keys.ts';
import { type Right, rights } from '@parley/core/kinds.ts';
import { makePart } from '@parley/core/parts.ts';
import type { Receipt } from '@parley/core/receipt.ts';
import { askJson, type Connection } from './connection.ts';
import {
  type Attempt,
  attemptsShape,
  type ConnectorRefusal,
  type ConnectorView,
  connectorsShape,
  offerShape,
  refusalsShape,
} from './connector-shapes.ts';
import { random } from './signer.ts';
import type { Speaking } from './speak.ts';
import type { Speaker } from './submit.ts';

export type { Attempt, ConnectorRefusal, ConnectorView } from './connector-shapes.ts';

/** What a connector is for. Its party signs this; the centre can widen nothing of it. */
export interface ConnectorAbout {
  readonly name: string;
  readonly rooms: readonly string[];
  /** The only one, for all that it reads. */
  readonly purpose: string;
  /** When it ends. */
  readonly ends: string;
  /** Whether it reads; default: it does. */
  readonly reads?: boolean;
  /** Under which it shares; left out: it shares nothing. Where a room keeps nothing for ever, the centre names an end. */
  readonly handling?: Handling;
  /** Whether it sees and shares personal data; default: it does not. */
  readonly personal?: boolean;
  /** Why it reads personal data: it stands beside each of its reads. */
  readonly justification?: string;
}

export interface ConnectorMade {
  readonly device: DeviceId;
  /** For the client, once: `Authorization: Bearer TOKEN`, or as the password of HTTP Basic under any name. */
  readonly token: string;
  readonly receipt: Receipt;
}

export interface Connecting {
  /** Needs a device that may govern. @throws connector.*, room.*, handling.*, read.unproven */
  add(about: ConnectorAbout): Promise<ConnectorMade>;
  /** The party's own, those that have ended among them. `revoke` of the session ends one. */
  list(): Promise<readonly ConnectorView[]>;
  /** What the centre refused it, and by which rule, newest first. @throws absent */
  why(device: DeviceId): Promise<readonly ConnectorRefusal[]>;
}

export function connecting(connection: Connection, say: Speaking['say'], { party }: Speaker): Connecting {
  return {
    async add(about) {
      const { token, ...offer } = await askJson(connection, 'connectors', offerShape, { method: 'POST' });
      const device = await checkOffer(offer, connection.centre, party);
      const body = { key: offer.key, consent: offer.consent, ...limitsOf(about) };
      const { name, justification } = about;
      const named = justification === undefined ? { name } : { name, justification };
      const receipt = await say({ kind: 'device.enrol/1', body, parts: [makePart(named, random)] });
      return { device, token, receipt };
    },
    list: async () => (await askJson(connection, 'connectors', connectorsShape)).connectors,
    why: async (device) =>
      (await askJson(connection, `connectors/${encodeURIComponent(device)}/refusals`, refusalsShape))
        .refusals,
  };
}

/** What was tried against the party and refused, newest first. */
export async function attemptsAgainst(connection: Connection): Promise<readonly Attempt[]> {
  return (await askJson(connection, 'attempts', attemptsShape)).attempts;
}

function limitsOf({ rooms, purpose, ends, reads = true, handling, personal = false }: ConnectorAbout) {
  const wanted: Readonly<Record<Right, boolean>> = {
    read: reads,
    speak: handling !== undefined,
    govern: false,
  };
  return {
    rights: rights.filter((right) => wanted[right]),
    ends,
    rooms: [...rooms],
    personal,
    connector: {
      purpose,
      access: handling ? ('write' as const) : ('read' as const),
      handling: handling ?? null,
    },
  };
}

/** The key agreed to be a connector of this party: it cannot be enrolled as anything else. */
async function checkOffer(
  { device, key, consent }: { device: string; key: string; consent: string },
  centre: string,
  party: string,
): Promise<DeviceId> {
  const publicKey = publicKeyFrom(key);
  const signature: Bytes | null = fromBase64(consent);
  if (!signature || fingerprint(publicKey) !== device)
    throw new Refusal('read.unproven', { detail: 'not the key that it is said to be' });
  await verifyEd25519(publicKey, connectorConsent(centre, party), signature);
  return device;
}
