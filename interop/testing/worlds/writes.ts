/** What a viewer sends: refused alike in both worlds, or answered alike. */
import { sessionType } from '@parley/core/session.ts';
import { signPayload } from '@parley/core/statement.ts';
import type { Door } from './door.ts';
import type { Brought } from './files.ts';
import type { Party } from './pair.ts';
import type { Known, Walk } from './routes.ts';

export interface Writing {
  readonly viewer: Party;
  /** Lines of a statement that the viewer has said before. */
  readonly before: string | null;
  readonly file: Brought;
  /** Such as others have said, marked so that they are refused, and one that is none. */
  readonly objects: readonly object[];
}

const api = '/api/v1';
const json = { 'content-type': 'application/json' };
const lines = { 'content-type': 'application/x-ndjson' };

/** Signed by the viewer's own device, for those that have one. */
async function signsIn(door: Door, { writing: { viewer } }: Known, about: object = {}) {
  const asked = await door.ask(`${api}/sessions/challenge`, { method: 'POST' });
  const { challenge } = JSON.parse(asked.raw) as { challenge: string };
  const payload = {
    ...{ centre: door.side.world.centre.name, party: viewer.id, device: viewer.desk.device },
    ...{ purpose: 'event-security', justification: 'case 7', challenge, ...about },
  };
  const body = JSON.stringify(await signPayload(sessionType, payload, viewer.desk));
  const answer = await door.ask(`${api}/sessions`, { method: 'POST', headers: json, payload: body });
  return (JSON.parse(answer.raw) as { token?: string }).token;
}

const refused =
  (method: string): Walk =>
  async (door, { rooms }, path) => {
    const url = path.replace(':room', rooms[0] ?? '');
    await door.ask(url, { method, headers: json, payload: '{}' });
  };

const opens: Walk = async (door, known, path) => {
  if (!door.viewer.deep || door.viewer.kind !== 'device') return refused('POST')(door, known, path);
  await signsIn(door, known);
  // One that no room of the viewer's has, and one that a room may have that it does not know.
  for (const purpose of ['x-hidden', 'x-inner']) await signsIn(door, known, { purpose });
};

const steps: Walk = async (door, known, path) => {
  const token = door.viewer.deep && door.viewer.kind === 'device' ? await signsIn(door, known) : undefined;
  // One that says nothing to change would end the session that the rest of the walk is made with.
  if (token === undefined) {
    await door.ask(path, { method: 'POST', headers: json, payload: '{"purpose":7}' });
    return;
  }
  const about = { method: 'POST', headers: json, token };
  await door.ask(path, { ...about, payload: '{"purpose":"x-hidden"}' });
  await door.ask(path, { ...about, payload: '{"purpose":"threat-prevention"}' });
};

const closes: Walk = async (door, known, path) => {
  if (!door.viewer.deep || door.viewer.kind !== 'device') return;
  const token = await signsIn(door, known);
  if (token === undefined) return;
  for (const method of ['DELETE', 'GET', 'DELETE']) await door.ask(path, { method, token });
};

/** The same bytes again: the first receipt, for a session of the party that said them. */
const repeats: Walk = async (door, known, path) => {
  const { before } = known.writing;
  if (before === null) return refused('POST')(door, known, path);
  await door.ask(path, { method: 'POST', headers: lines, payload: before });
};

const brings: Walk = async (door, known, path) => {
  if (!door.viewer.deep || door.viewer.kind !== 'device') return refused('POST')(door, known, path);
  const { file } = known.writing;
  const payload = Buffer.concat([await file.line(door.side), Buffer.from('\n'), file.bytes]);
  const headers = { 'content-type': 'application/vnd.parley.upload' };
  await door.ask(path, { method: 'POST', headers, payload });
};

/** Nothing of it is taken: what is has an id and salts that the centre draws. */
const sends: Walk = async (door, { rooms, writing }, path) => {
  const writer = door.viewer.kind === 'token';
  for (const room of writer ? rooms : rooms.slice(0, 1))
    for (const one of writer ? writing.objects : writing.objects.slice(-1)) {
      const payload = JSON.stringify(one);
      await door.ask(path.replace(':room', room), { method: 'POST', headers: json, payload });
    }
};

const asksForKey: Walk = async (door, _, path) => {
  await door.ask(path, { method: 'POST' });
};

export const writes: Readonly<Record<string, Walk>> = {
  [`POST ${api}/sessions/challenge`]: asksForKey,
  [`POST ${api}/sessions`]: opens,
  [`POST ${api}/sessions/step`]: steps,
  [`DELETE ${api}/sessions/current`]: closes,
  [`POST ${api}/statements`]: repeats,
  [`POST ${api}/files`]: brings,
  [`POST ${api}/rooms/:room/objects`]: sends,
  [`POST ${api}/connectors`]: asksForKey,
};

/** What a connector's object, taken, is answered with, but for the id that the centre drew. */
export function withoutId(body: string): string {
  return body.replace(/"id":"[0-9a-f-]{36}"/g, '"id":"…"');
}
