/** Complaints of misuse, their answers, and what who supervises opens for one. */
import { Refusal } from '@parley/core/errors.ts';
import { type Instant, instantOf, type StatementRef } from '@parley/core/fields.ts';
import { handlingOf, isA } from '@parley/core/statement.ts';
import type { StoredRecord } from '../log/ports.ts';
import type { ComplaintState, RoomState, StandingState } from './readers.ts';
import { checkPartsLeft, type RuleOf, roomOf, type Saying } from './said.ts';

/** Content is not opened for longer; it can be opened again while the complaint is open. */
const longestOpening = 30 * 86_400_000_000;

/**
 * Whoever stands or stood in the room; who supervises decides, and makes no case for itself. The addressee is one that
 * the speaker may know of.
 */
export const lodge: RuleOf<'complaint.lodge/1'> = async (saying) => {
  const { header, readers } = saying;
  const { about, statement } = header.body;
  const { room, standing } = await roomOf(saying);
  const stands = ['member', 'suspended', 'left'].includes(standing.state) && standing.role !== 'supervisor';
  if (!stands) throw new Refusal('room.not-member', { at: '/room' });
  const unknown = (detail?: string) =>
    new Refusal('party.unknown', { at: '/body/about', ...(detail === undefined ? {} : { detail }) });
  if (about === header.party) throw unknown('it is your own');
  const record = statement && (await knownAt(saying, statement));
  const other = await readers.party(about);
  if (!other || other.role === 'centre') throw unknown();
  // Who read one's own is told by the list of readers, which stands in a journal: any party that has joined.
  const named = statement && (statement.party === header.party || statement.party === about);
  if (!named && about !== room.owner && !(await isShown(saying, room, standing))) throw unknown();
  if (record && !named) {
    const observes = (await readers.standing(room.no, about))?.role === 'observer';
    checkAddressed(record, about, observes);
  }
};

/** The addressee learns of it by the complaint: what another named to a few, or said to one, stays with those. */
function checkAddressed({ header }: StoredRecord, about: string, observes: boolean): void {
  const to = handlingOf(header)?.to;
  if (
    to === undefined ||
    (to === 'room' && observes) ||
    (typeof to === 'object' && !to.parties.includes(about))
  )
    throw new Refusal('handling.onward', {
      at: '/body/statement',
      detail: 'it is another’s and not addressed to the party complained of, which would learn of it',
    });
}

/** One answer for what is not there, was said elsewhere, or may not be seen. */
async function knownAt({ header, instant, readers }: Saying, ref: StatementRef): Promise<StoredRecord> {
  const index = await readers.find(ref);
  const [record] = index === null ? [] : await readers.log.records([index]);
  const there = record !== undefined && record.header.room === header.room;
  if (!there || !(await readers.knows(header.party, record.index, instant)))
    throw new Refusal('target.unknown', { at: '/body/statement' });
  return record;
}

/** As the roster shows members to members; who observes is no secret to those it observes. */
async function isShown(
  { header, readers }: Saying<'complaint.lodge/1'>,
  room: RoomState,
  { state, role, accepted }: StandingState,
): Promise<boolean> {
  if (state !== 'member' || role !== 'member') return false;
  const other = await readers.standing(room.no, header.body.about);
  if (other?.state !== 'member' && other?.state !== 'suspended') return false;
  const owner = room.owner === header.party;
  const roster = accepted?.terms.roster === true && other.accepted?.terms.roster === true;
  return other.role === 'observer' || (other.role === 'member' && (owner || roster));
}

/** Whom it is about, and who decides it: each once, also after leaving. */
export const answerComplaint: RuleOf<'complaint.answer/1'> = async ({ header, readers }) => {
  const complaint = await complaintOf(header.body.complaint, header.room, readers);
  const { party } = header;
  if (!complaint || (complaint.about !== party && complaint.supervisor !== party))
    throw new Refusal('answer.unasked', { at: '/body/complaint' });
  if (complaint.answers.some((answer) => answer.party === party))
    throw new Refusal('answer.given', { at: '/body/complaint' });
};

async function complaintOf(
  ref: StatementRef,
  room: string | undefined,
  readers: Saying['readers'],
): Promise<ComplaintState | null> {
  const index = await readers.find(ref);
  const complaint = index === null ? null : await readers.complaint(index);
  return complaint?.room === room ? complaint : null;
}

export const noCase = {
  at: '/body/complaint',
  detail:
    'name a complaint that is open to you, and content that it names or that is by or for its addressee',
};

/**
 * Content only where an open complaint asks for it. One answer for whatever is missing: who looks without a case learns
 * nothing, and those concerned learn of it.
 */
export const openContent: RuleOf<'supervision.open/1'> = async (saying) => {
  const { header, instant, readers } = saying;
  const { body } = header;
  const { room, standing } = await roomOf(saying);
  const supervises = standing.role === 'supervisor' && standing.state === 'member';
  if (!supervises || room.terms.terms.supervisor !== header.party)
    throw new Refusal('room.not-supervisor', { at: '/room' });
  const complaint = await complaintOf(body.complaint, header.room, readers);
  const index = await readers.find(body.target);
  const [found] = index === null ? [] : await readers.log.records([index]);
  const target = found && found.header.room === header.room && isA(found.header, 'share/1') ? found : null;
  if (!complaint || !target || !(await isAbout(saying, room, complaint, target)))
    throw new Refusal('supervision.no-case', {
      ...noCase,
      concerns: [target?.header.party, complaint?.author].filter((id) => id !== undefined),
    });
  checkUntil(instantOf(body.until), instant);
  await checkPartsLeft(target, body.parts, readers);
  return { granted: body.parts === null ? (target.header.parts?.count ?? 0) : body.parts.length };
};

/** The author agreed to being supervised, and what it said is what the complaint names, or by or for its addressee. */
async function isAbout(
  { header, instant, readers }: Saying<'supervision.open/1'>,
  room: RoomState,
  { about, statement, supervisor, open }: ComplaintState,
  target: StoredRecord,
): Promise<boolean> {
  if (!open || supervisor !== header.party) return false;
  const author = await readers.standing(room.no, target.header.party);
  if (author?.accepted?.terms.supervisor !== header.party) return false;
  if (statement === target.index || target.header.party === about) return true;
  return (await readers.reaches(about, target.index, instant)).size > 0;
}

function checkUntil(until: Instant, now: Instant): void {
  const detail =
    until <= now
      ? 'the end has come already'
      : until > now + longestOpening
        ? 'at most 30 days from now'
        : null;
  if (detail !== null) throw new Refusal('header.malformed', { at: '/body/until', detail });
}
