/** What stands around the content: complaints, holds, what persons asked, undertakings, attempts, connectors. */
import { Refusal } from '@parley/core/errors.ts';
import type { RoomView, Session } from '@parley/sdk/session.ts';

interface Target {
  json(name: string, value: unknown): Promise<void>;
}

/** A file each. One that this device may not have is left out, and so is its name in the README. */
export async function writeRecords(
  session: Session,
  rooms: readonly RoomView[],
  files: Target,
): Promise<void> {
  const records: Readonly<Record<string, () => Promise<unknown>>> = {
    'complaints.json': () => session.complaints(),
    'holds.json': async () => ({ holds: await session.holds(), kept: await session.kept() }),
    'subject-requests.json': () => session.subjectRequests(),
    'undertakings.json': () => undertakingsIn(session, rooms),
    'attempts.json': () => session.attempts(),
    'connectors.json': () => session.connectors.list(),
  };
  for (const [name, read] of Object.entries(records)) {
    const found = await unlessDenied(read);
    if (found !== null) await files.json(name, found);
  }
}

/** Of rooms in which the party stood; elsewhere they are not there. */
async function undertakingsIn(session: Session, rooms: readonly RoomView[]) {
  const found = [];
  for (const { room } of rooms) {
    const undertakings = await unlessDenied(() => session.undertakings(room));
    if (undertakings && undertakings.length > 0) found.push({ room, undertakings });
  }
  return found;
}

async function unlessDenied<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Refusal && (error.class === 'absent' || error.class === 'refused')) return null;
    throw error;
  }
}
