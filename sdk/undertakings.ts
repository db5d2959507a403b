/** What each side of a room undertakes: saying that it holds or was broken, suspending, and reading it with its proof. */
import { Refusal } from '@parley/core/errors.ts';
import { hash, partyId, type StatementRef, statementRef } from '@parley/core/fields.ts';
import type { PartyId } from '@parley/core/keys.ts';
import { type BodyOf, type KindName, undertakingStates } from '@parley/core/kinds.ts';
import type { Receipt } from '@parley/core/receipt.ts';
import { type AnyHeader, isA } from '@parley/core/statement.ts';
import { undertakingId, undertakingsSchema } from '@parley/core/undertakings.ts';
import { z } from 'zod';
import { time } from './answer-fields.ts';
import { askJson, type Connection, fetchReceipt } from './connection.ts';
import { type Because, partsFor } from './law.ts';
import type { Reader } from './reader.ts';
import type { Words } from './submit.ts';

type Say = <K extends KindName>(words: Words<K>) => Promise<Receipt>;

const state = z.object({
  statement: statementRef,
  /** Who owes it. */
  by: partyId,
  author: partyId,
  state: z.enum(undertakingStates),
  terms: hash,
  at: time,
});
/** The last word of one party on whether another keeps one undertaking. */
export type UndertakingState = z.infer<typeof state>;

const suspension = z.object({
  statement: statementRef,
  party: partyId,
  /** From whom it withholds what it shared in the room. */
  from: partyId,
  because: statementRef,
  at: time,
  /** Null: it stands. */
  resumed: time.nullable(),
});
export type Suspension = z.infer<typeof suspension>;

const view = z.object({
  undertaking: undertakingId,
  /** As in the terms that bind the viewer; null: they have it no more. */
  words: undertakingsSchema.element.nullable(),
  states: z.array(state),
  suspensions: z.array(suspension),
});
export type UndertakingView = z.infer<typeof view>;
const undertakingsShape = z.object({ undertakings: z.array(view) });

export interface Stating {
  readonly undertaking: string;
  /** Who owes it. */
  readonly by: PartyId;
  readonly state: BodyOf<'undertaking.state/1'>['state'];
  /** What shows it: statements of the room that the party said or may see. */
  readonly evidence?: readonly StatementRef[];
  /** The hash of those that the party accepted, where it is known; else it is looked up. */
  readonly terms?: string;
  readonly because?: Because;
}

export interface UndertakingSpeaking {
  stateUndertaking(room: string, about: Stating): Promise<Receipt>;
  /** From here on, what the party shared in the room is withheld from who broke the other one. Never a warning. */
  suspendUndertaking(
    room: string,
    about: { undertaking: string; because: StatementRef; from?: PartyId },
  ): Promise<Receipt>;
  resumeUndertaking(room: string, suspension: StatementRef): Promise<Receipt>;
}

export function undertakingSpeech(say: Say, connection: Connection, reader: Reader): UndertakingSpeaking {
  return {
    async stateUndertaking(room, { undertaking, by, state, evidence = [], because, ...about }) {
      const terms = about.terms ?? (await reader.room(room)).accepted?.hash;
      if (terms === undefined)
        throw new Refusal('undertaking.unknown', { detail: 'your party has accepted no terms there' });
      const body = { undertaking, by, terms, state, evidence: evidence.map(refFrom) };
      return say({ kind: 'undertaking.state/1', room, body, parts: partsFor(because) });
    },
    async suspendUndertaking(room, { undertaking, because, from }) {
      const body = {
        undertaking,
        because: refFrom(because),
        from: from ?? (await owing(connection, because)),
      };
      return say({ kind: 'undertaking.suspend/1', room, body });
    },
    resumeUndertaking: (room, suspension) =>
      say({ kind: 'undertaking.resume/1', room, body: { suspension: refFrom(suspension) } }),
  };
}

/** Who broke what the statement says was broken. */
async function owing(connection: Connection, ref: StatementRef): Promise<PartyId> {
  const { header } = (await fetchReceipt(connection, ref)).statement;
  if (!isA(header, 'undertaking.state/1'))
    throw new Refusal('target.kind', { detail: 'it does not say that an undertaking was broken' });
  return header.body.by;
}

export interface UndertakingReader {
  /** Undertakings of a room, with the last word of each party on them; each proven by its statement. */
  undertakings(room: string): Promise<readonly UndertakingView[]>;
}

export function undertakingReader(connection: Connection): UndertakingReader {
  const headerOf = async (ref: StatementRef) => (await fetchReceipt(connection, ref)).statement.header;
  return {
    async undertakings(room) {
      const path = `rooms/${encodeURIComponent(room)}/undertakings`;
      const { undertakings } = await askJson(connection, path, undertakingsShape);
      for (const { undertaking, states, suspensions } of undertakings) {
        for (const one of states) needState(await headerOf(one.statement), room, undertaking, one);
        for (const one of suspensions) needSuspension(await headerOf(one.statement), room, undertaking, one);
      }
      return undertakings;
    },
  };
}

/** @throws read.unproven */
function needState(header: AnyHeader, room: string, undertaking: string, shown: UndertakingState): void {
  const same =
    isA(header, 'undertaking.state/1') &&
    header.room === room &&
    header.party === shown.author &&
    header.body.undertaking === undertaking &&
    header.body.by === shown.by &&
    header.body.state === shown.state &&
    header.body.terms === shown.terms;
  if (!same)
    throw new Refusal('read.unproven', { detail: 'the statement on an undertaking says something else' });
}

/** @throws read.unproven */
function needSuspension(header: AnyHeader, room: string, undertaking: string, shown: Suspension): void {
  const same =
    isA(header, 'undertaking.suspend/1') &&
    header.room === room &&
    header.party === shown.party &&
    header.body.undertaking === undertaking &&
    header.body.from === shown.from &&
    header.body.because.party === shown.because.party &&
    header.body.because.id === shown.because.id;
  if (!same) throw new Refusal('read.unproven', { detail: 'the suspension says something else' });
}

function refFrom({ party, id }: StatementRef): StatementRef {
  return { party, id };
}
