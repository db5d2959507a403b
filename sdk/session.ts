/** A session: a device reads for one purpose, and speaks for its party. */
import type { PartyId } from '@parley/core/keys.ts';
import { sessionType } from '@parley/core/session.ts';
import { type Signer, signPayload } from '@parley/core/statement.ts';
import type { Centre } from './centre.ts';
import { ask, askJson, type Connection } from './connection.ts';
import { type Attempt, attemptsAgainst, type Connecting, connecting } from './connectors.ts';
import { openReader, type Reader } from './reader.ts';
import { readRecovery } from './recovery.ts';
import { challengeShape, openedShape, type RecoveryView, type SessionInfo } from './shapes.ts';
import { type Speaking, speaking } from './speak.ts';

export { ReadPart, type ReadStatement } from './answer.ts';
export type { EventsQuery, ReadEvent } from './events.ts';
export type { PartsQuery, Reader, ReadWhole, StatementsQuery } from './reader.ts';
export type { RoomView, ShownTerms } from './room.ts';

export interface SessionRequest {
  readonly signer: Signer;
  readonly party: PartyId;
  readonly purpose: string;
  readonly justification?: string | null;
  /** Who sits at the device, by a pseudonym that the party alone can resolve. */
  readonly person?: string | null;
}

export interface Session extends Reader, Speaking {
  /** How the party would come back, whom it guards, and what is under way; proven by the statements. */
  recovery(): Promise<RecoveryView>;
  readonly centre: Centre;
  readonly party: PartyId;
  /** For what it reads now. */
  readonly current: SessionInfo;
  /** Of clients that cannot sign. */
  readonly connectors: Connecting;
  /** What was tried against the party and refused, newest first. */
  attempts(): Promise<readonly Attempt[]>;
  /** Opens what is locked to this purpose, in one recorded step. */
  step(to: { purpose?: string; justification?: string }): Promise<SessionInfo>;
  close(): Promise<void>;
}

/** @param connection of the public; the session gets one of its own */
export async function openSession(
  centre: Centre,
  connection: Connection,
  request: SessionRequest,
): Promise<Session> {
  const { signer, party, purpose, justification = null, person = null } = request;
  const { challenge } = await askJson(connection, 'sessions/challenge', challengeShape, { method: 'POST' });
  const payload = {
    centre: connection.centre,
    party,
    device: signer.device,
    person,
    purpose,
    justification,
    challenge,
  };
  const body = JSON.stringify(await signPayload(sessionType, payload, signer));
  let opened = await askJson(connection, 'sessions', openedShape, {
    method: 'POST',
    type: 'application/json',
    body,
  });
  const own: Connection = { ...connection, token: () => opened.token };
  const reader = openReader(own);
  const speech = speaking(own, reader, { signer, party });
  return {
    ...reader,
    ...speech,
    connectors: connecting(own, speech.say, { signer, party }),
    attempts: () => attemptsAgainst(own),
    recovery: () => readRecovery(own, party),
    centre,
    party,
    get current() {
      return withoutToken(opened);
    },
    async step(to) {
      opened = await askJson(own, 'sessions/step', openedShape, jsonCall(to));
      return withoutToken(opened);
    },
    async close() {
      await ask(own, 'sessions/current', { method: 'DELETE' });
    },
  };
}

function jsonCall(value: unknown) {
  return { method: 'POST', type: 'application/json', body: JSON.stringify(value) } as const;
}

function withoutToken({ expires, party, device, purpose, justified }: SessionInfo): SessionInfo {
  return { expires, party, device, purpose, justified };
}
