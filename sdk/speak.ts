/** One function for each kind of statement that a party says. Each returns a receipt that has been verified. */
import { type Bytes, base64 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { StatementRef } from '@parley/core/fields.ts';
import type { Handling } from '@parley/core/handling.ts';
import { invitationCode, invitationSeed, type PartyId, pkcs8 } from '@parley/core/keys.ts';
import type { BodyOf, KindName, Right, RoomRole } from '@parley/core/kinds.ts';
import { makePart, type Part } from '@parley/core/parts.ts';
import type { Receipt } from '@parley/core/receipt.ts';
import type { Level, Terms } from '@parley/core/terms.ts';
import { checkAccredited } from './accreditation.ts';
import { type Connection, fetchReceipt } from './connection.ts';
import { readEnrolmentRequest } from './enrolment.ts';
import { type FilesOptions, type FileToShare, shareFiles } from './files.ts';
import { type Because, type LawSpeaking, lawSpeech, partsFor } from './law.ts';
import { markingsUnder } from './markings.ts';
import type { Reader } from './reader.ts';
import { type RecoverySpeaking, recoverySpeech } from './recovery.ts';
import { type ShareOptions, shareObjects } from './share.ts';
import { random, signerFromPkcs8 } from './signer.ts';
import { type Speaker, submit, type Words } from './submit.ts';
import { type SupervisionSpeaking, supervisionSpeech } from './supervision.ts';
import { type UndertakingSpeaking, undertakingSpeech } from './undertakings.ts';

/** A statement; with its room where that is known, else it is looked up. */
export type Target = StatementRef & { readonly room?: string };

export interface Speaking extends LawSpeaking, RecoverySpeaking, UndertakingSpeaking, SupervisionSpeaking {
  /** Whatever the functions below do not say. */
  say<K extends KindName>(words: Words<K>): Promise<Receipt>;

  /** The code goes to the party by another way than through the centre, which never learns it. Default: 14 days. */
  inviteParty(about?: Inviting): Promise<{ code: string; receipt: Receipt }>;
  withdrawInvitation(code: string): Promise<Receipt>;
  /** @param request what the new device printed (`enrolmentRequest`) */
  enrol(request: string, about: Enrolling): Promise<Receipt>;
  revoke(device: string): Promise<Receipt>;

  openRoom(terms: Terms): Promise<Receipt>;
  changeTerms(room: string, terms: Terms): Promise<Receipt>;
  invite(room: string, party: PartyId, as?: RoomRole): Promise<Receipt>;
  withdraw(room: string, party: PartyId): Promise<Receipt>;
  accept(room: string, termsHash: string): Promise<Receipt>;
  decline(room: string, termsHash: string, reason?: Reason): Promise<Receipt>;
  leave(room: string): Promise<Receipt>;
  remove(room: string, party: PartyId, reason?: Reason): Promise<Receipt>;
  /** Until it is restored, the party sees nothing of the room but what it said itself. */
  suspend(room: string, party: PartyId, reason?: Reason): Promise<Receipt>;
  restore(room: string, party: PartyId): Promise<Receipt>;

  /** As many shares as the objects need. */
  share(
    room: string,
    objects: AsyncIterable<Bytes> | Iterable<Bytes>,
    handling: Handling,
    options?: ShareOptions,
  ): Promise<Receipt[]>;
  /** One share of files, with what tells of them; cleaned of metadata unless that is to be kept. */
  shareFiles(
    room: string,
    files: readonly FileToShare[],
    handling: Handling,
    options?: FilesOptions,
  ): Promise<Receipt>;
  recall(
    target: Target,
    parts?: readonly number[] | null,
    reason?: Reason,
    about?: Recalling,
  ): Promise<Receipt>;
  ask(target: Target, about: Wanted & { reason?: Reason }): Promise<Receipt>;
  /** `terms`: the hash of those that reading under the grant accepts; without it, those now in force in the room. */
  grant(target: Target, about: Wanted & { terms?: string; ask?: StatementRef | null }): Promise<Receipt>;
  deny(ask: Target, reason?: Reason): Promise<Receipt>;
  ack(notice: Target, about: Acknowledgement): Promise<Receipt>;
}

export interface Inviting {
  readonly until?: string;
  /** The host vouches that who joins is this party, which lost everything. */
  readonly formerly?: PartyId;
  /** At which alone it will take part; null or left out: at any. */
  readonly level?: Level | null;
}

export interface Enrolling {
  readonly rights: readonly Right[];
  readonly ends: string | null;
  /** The only rooms in which it speaks, and that it sees; null or left out: all. */
  readonly rooms?: readonly string[] | null;
  /** Whether it shares and sees personal data. Left out: yes. */
  readonly personal?: boolean;
}

/** In words; with the cases of which it is part, where it is. */
export type Reason = string | Because;

export interface Recalling {
  /** Taken back from these parties only, others keep it; left out: from all. */
  readonly from?: readonly PartyId[];
}

export interface Wanted {
  readonly to: PartyId;
  readonly purposes: readonly string[];
  /** Null or left out: all parts. */
  readonly parts?: readonly number[] | null;
}

type AckBody = BodyOf<'ack/1'>;
export interface Acknowledgement {
  readonly answer: AckBody['answer'];
  readonly basis?: AckBody['basis'];
  readonly until?: string | null;
  readonly reason?: Reason;
}

const invitationDays = 14;

export function speaking(connection: Connection, reader: Reader, speaker: Speaker): Speaking {
  const say = <K extends KindName>(words: Words<K>): Promise<Receipt> => submit(connection, speaker, words);
  return {
    say,
    ...partySpeech(say, connection.centre, speaker),
    ...roomSpeech(say, connection),
    ...contentSpeech(say, connection, reader),
    ...lawSpeech(say, connection),
    shareFiles: (room, files, handling, options) =>
      shareFiles({ connection, speaker, say }, room, files, handling, options),
    ...undertakingSpeech(say, connection, reader),
    ...supervisionSpeech(say, connection),
    ...recoverySpeech(say, connection.centre),
  };
}

type Say = Speaking['say'];

function partySpeech(say: Say, centre: string, { party }: Speaker) {
  return {
    async inviteParty({ until, formerly, level = null }: Inviting = {}) {
      const code = invitationCode(random(25));
      const ends = until ?? new Date(Date.now() + invitationDays * 86_400_000).toISOString();
      const key = await invitationKey(code);
      const body = {
        key,
        until: ends,
        ...(formerly === undefined ? {} : { formerly }),
        ...(level ? { level } : {}),
      };
      return { code, receipt: await say({ kind: 'party.invite/1', body }) };
    },
    withdrawInvitation: async (code: string) =>
      say({ kind: 'party.withdraw/1', body: { key: await invitationKey(code) } }),
    async enrol(request: string, about: Enrolling) {
      const { name, key, consent, ...asked } = await readEnrolmentRequest(request);
      if (asked.centre !== centre || asked.party !== party)
        throw new Refusal('body.malformed', { detail: 'the request is to another party or centre' });
      const { rights, ends, rooms = null, personal = true } = about;
      // What is not limited is left unsaid: as it was said before there were limits.
      const limits = { ...(rooms ? { rooms: [...rooms] } : {}), ...(personal ? {} : { personal }) };
      const body = { key, rights: [...rights], ends, consent, ...limits };
      return say({ kind: 'device.enrol/1', body, parts: [makePart({ name }, random)] });
    },
    revoke: (device: string) => say({ kind: 'device.revoke/1', body: { device } }),
  };
}

async function invitationKey(code: string): Promise<string> {
  return base64((await signerFromPkcs8(pkcs8(invitationSeed(code)))).publicKey);
}

function roomSpeech(say: Say, connection: Connection) {
  const checkTerms = ({ handling }: Terms) =>
    checkAccredited(connection, handling, '/parts/0/handling/classification');
  return {
    async openRoom(terms: Terms) {
      await checkTerms(terms);
      return say({ kind: 'room.open/1', body: {}, parts: [makePart(terms, random)] });
    },
    async changeTerms(room: string, terms: Terms) {
      await checkTerms(terms);
      return say({ kind: 'room.terms/1', room, body: {}, parts: [makePart(terms, random)] });
    },
    invite: (room: string, party: PartyId, as?: RoomRole) =>
      say({ kind: 'room.invite/1', room, body: as === undefined ? { party } : { party, as } }),
    withdraw: (room: string, party: PartyId) => say({ kind: 'room.withdraw/1', room, body: { party } }),
    accept: (room: string, terms: string) => say({ kind: 'room.accept/1', room, body: { terms } }),
    decline: (room: string, terms: string, reason?: Reason) =>
      say({ kind: 'room.decline/1', room, body: { terms }, parts: because(reason) }),
    leave: (room: string) => say({ kind: 'room.leave/1', room, body: {} }),
    remove: (room: string, party: PartyId, reason?: Reason) =>
      say({ kind: 'room.remove/1', room, body: { party }, parts: because(reason) }),
    suspend: (room: string, party: PartyId, reason?: Reason) =>
      say({ kind: 'room.suspend/1', room, body: { party }, parts: because(reason) }),
    restore: (room: string, party: PartyId) => say({ kind: 'room.restore/1', room, body: { party } }),
  };
}

/** Reasons are free text, so they stand in a part, which can be taken back. */
function because(reason: Reason | undefined): Part[] {
  return partsFor(typeof reason === 'string' ? { reason } : reason);
}

function contentSpeech(say: Say, connection: Connection, reader: Reader) {
  const roomFor = async (target: Target): Promise<string> => {
    const room = target.room ?? (await fetchReceipt(connection, target)).statement.header.room;
    if (room === undefined) throw new Refusal('target.kind', { detail: 'it was not said in a room' });
    return room;
  };
  return {
    async share(
      room: string,
      objects: AsyncIterable<Bytes> | Iterable<Bytes>,
      handling: Handling,
      options?: ShareOptions,
    ) {
      await checkAccredited(connection, handling);
      const checkMarkings = markingsUnder(handling);
      const sayThese = (parts: readonly Part[]) => {
        checkMarkings(parts);
        return say({ kind: 'share/1', room, body: { handling }, parts });
      };
      return shareObjects(sayThese, objects, options);
    },
    recall: async (
      target: Target,
      parts: readonly number[] | null = null,
      reason?: Reason,
      { from }: Recalling = {},
    ) => {
      const some = from === undefined ? {} : { from: [...from] };
      const body = { target: refFrom(target), parts: numbers(parts), ...some };
      return say({ kind: 'recall/1', room: await roomFor(target), body, parts: because(reason) });
    },
    ask: async (target: Target, { to, purposes, parts = null, reason }: Wanted & { reason?: Reason }) => {
      const body = { target: refFrom(target), parts: numbers(parts), to, purposes: [...purposes] };
      return say({ kind: 'ask/1', room: await roomFor(target), body, parts: because(reason) });
    },
    grant: async (target: Target, about: Wanted & { terms?: string; ask?: StatementRef | null }) => {
      const { to, purposes, parts = null } = about;
      const room = await roomFor(target);
      const terms = about.terms ?? (await termsNow(reader, room));
      const answered = about.ask ? refFrom(about.ask) : null;
      const body = {
        target: refFrom(target),
        parts: numbers(parts),
        to,
        purposes: [...purposes],
        terms,
        ask: answered,
      };
      return say({ kind: 'grant/1', room, body });
    },
    deny: async (ask: Target, reason?: Reason) =>
      say({ kind: 'deny/1', room: await roomFor(ask), body: { ask: refFrom(ask) }, parts: because(reason) }),
    ack: async (notice: Target, { answer, basis = null, until = null, reason }: Acknowledgement) => {
      const body = { notice: refFrom(notice), answer, basis, until };
      return say({ kind: 'ack/1', room: await roomFor(notice), body, parts: because(reason) });
    },
  };
}

function refFrom({ party, id }: StatementRef): StatementRef {
  return { party, id };
}

function numbers(parts: readonly number[] | null): number[] | null {
  return parts && [...parts].sort((a, b) => a - b);
}

async function termsNow(reader: Reader, room: string): Promise<string> {
  const { offered, accepted } = await reader.room(room);
  const terms = offered ?? accepted;
  if (!terms) throw new Refusal('room.unknown', { detail: 'the terms of the room are not known here' });
  return terms.hash;
}
