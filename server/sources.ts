/** Fills the interfaces of release and admission from one moment of the store. */
import type { Instant } from '@parley/core/fields.ts';
import { isShippedPurpose } from '@parley/core/purposes.ts';
import type { Kysely } from 'kysely';
import type { Readers } from './admission/readers.ts';
import type { Tables } from './folds.ts';
import { logsIn } from './log/logs.ts';
import type { LogReader } from './log/ports.ts';
import { readComplaints } from './projections/complaints/read.ts';
import { readFiles } from './projections/files/read.ts';
import { readLaw } from './projections/law/read.ts';
import { readNarrowing } from './projections/objects/narrowing-read.ts';
import { readObjects } from './projections/objects/read.ts';
import { classOf } from './projections/objects/shares.ts';
import { findStream } from './projections/objects/streams.ts';
import { readParties } from './projections/parties/read.ts';
import { readRecalls } from './projections/recalls/read.ts';
import { readRequests } from './projections/requests/read.ts';
import { readRooms } from './projections/rooms/read.ts';
import { readUndertakings } from './projections/undertakings/read.ts';
import { partyKnows, partyReached, partyReaches, partySees } from './release/reach.ts';
import type { Sources } from './release/sources.ts';

export interface Moment {
  readonly log: LogReader;
  readonly db: Kysely<Tables>;
}

export function sourcesAt({ log, db }: Moment, now: Instant, disagree: Sources['disagree']): Sources {
  return {
    log,
    parties: readParties(db),
    rooms: readRooms(db),
    objects: readObjects(db),
    narrowing: readNarrowing(db),
    recalls: readRecalls(db),
    requests: readRequests(db),
    law: readLaw(db),
    complaints: readComplaints(db),
    undertakings: readUndertakings(db),
    now,
    disagree,
  };
}

/** @param succeeding as of `Readers` */
export function readersAt(moment: Moment, centre: string, succeeding: string | null = null): Readers {
  const { log, db } = moment;
  const parties = readParties(db);
  const rooms = readRooms(db);
  const objects = readObjects(db);
  const law = readLaw(db);
  return {
    centre,
    succeeding,
    log,
    logs: () => logsIn(log),
    accredited: async () => (await parties.accreditation()).highest,
    party: parties.party,
    parties: parties.all,
    device: parties.device,
    devicesOf: parties.devicesOf,
    invitation: parties.invitation,
    openInvitations: parties.openInvitations,
    recoveryKey: parties.recoveryKey,
    async guardians(party) {
      const [last] = await parties.arrangements(party, 1);
      return last?.guardians ? { parties: last.guardians, delay: last.delay } : null;
    },
    vouches: parties.vouches,
    objected: parties.objected,
    room: rooms.room,
    standing: rooms.standing,
    roomsOpened: rooms.opened,
    roomInvitations: rooms.invitations,
    streamsBy: objects.streamsBy,
    hasStream: async (room, handling, accepted) =>
      (await findStream(db, classOf(handling, room, accepted))) !== null,
    objectsIn: objects.objectsIn,
    async roomsSeen({ id, no }) {
      const granted = await objects.streams([], [`grant:${no}`]);
      return new Set([...(await rooms.staysOf(id)).keys(), ...granted.map(({ room }) => room)]);
    },
    objects: objects.objects,
    taken: objects.taken,
    reaches: (party, index, now) =>
      partyReaches(
        party,
        index,
        sourcesAt(moment, now, () => {}),
      ),
    reached: (party, index, now) =>
      partyReached(
        party,
        index,
        sourcesAt(moment, now, () => {}),
      ),
    sees: (party, index, now) =>
      partySees(
        party,
        index,
        sourcesAt(moment, now, () => {}),
      ),
    knows: (party, index, now) =>
      partyKnows(
        party,
        index,
        sourcesAt(moment, now, () => {}),
      ),
    withheld: (party, parts) => readNarrowing(db).withheldStill(party, parts),
    complaint: (index) => readComplaints(db).complaint(index),
    ask: (index) => readRequests(db).ask(index),
    notice: (index) => readRecalls(db).notice(index),
    hold: law.hold,
    holdsOn: async (target) => (await law.holdsOn(target)).length,
    held: law.held,
    subjectRequest: law.request,
    undertakings: readUndertakings(db),
    filesNamed: async (names) => new Set((await readFiles(db).parts(names)).keys()),
    find: (ref) => log.find(ref),
  };
}

/**
 * Whether a session may state this purpose: one of the list, one of a room whose terms its party accepted, or one that
 * something was passed on to it for.
 */
export async function isPurposeOf(party: string, purpose: string, sources: Sources): Promise<boolean> {
  if (isShippedPurpose(purpose)) return true;
  const standings = await sources.rooms.standingsOf(party);
  if (
    standings.some(({ state, accepted }) => state === 'member' && accepted?.terms.purposes.includes(purpose))
  )
    return true;
  const no = (await sources.parties.party(party))?.no;
  const grants = await sources.objects.streams([], [`grant:${no}`]);
  return grants.some(({ purposes }) => purposes.split(',').includes(purpose));
}
