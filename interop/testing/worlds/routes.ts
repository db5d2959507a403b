/**
 * How each route is walked. A route of the server that has no place here fails the test, and so does a place whose
 * route is gone: nothing that a viewer can ask goes by unlooked at.
 */
import type { StatementRef } from '@parley/core/fields.ts';
import type { Caller } from '../../../server/api/route.ts';
import type { Entry } from '../../../server/api/routes-table.ts';
import type { Door } from './door.ts';
import { type Writing, writes } from './writes.ts';

export interface Known {
  readonly rooms: readonly string[];
  readonly refs: readonly StatementRef[];
  readonly cases: readonly string[];
  /** Connectors, one's own and others'. */
  readonly devices: readonly string[];
  /** Which earlier cursors are asked with again. */
  readonly cursors: readonly string[];
  readonly writing: Writing;
}

export type Walk = (door: Door, known: Known, path: string) => Promise<void>;

const plain: Walk = async (door, _, path) => {
  await door.ask(path);
  if (door.viewer.deep) await door.ask(path, { headers: conditional });
};

/** It looks at nobody: the same for all who ask, so that some of them are enough. */
const plainForAll: Walk = async (door, known, path) => {
  if (door.viewer.deep || door.viewer.kind === 'public') await plain(door, known, path);
};

/** No answer says whether one that was kept is still the newest, unless for tiles, which never change. */
const conditional = { 'if-none-match': '*', 'if-modified-since': 'Thu, 01 Jan 2026 00:00:00 GMT' };

/** A list that is paged, in every way that it can be asked for. */
const list =
  (...queries: readonly string[]): Walk =>
  async (door, known, path) => {
    const [first = '', ...more] = queries;
    await door.pages(`${path}${first}`);
    if (!door.viewer.deep) return;
    for (const query of more) await door.pages(`${path}${query}`);
    for (const [i, cursor] of known.cursors.entries())
      await door.ask(`${path}?after=${cursor}`, { as: `${path}?after=#${i}` });
  };

const ofRooms =
  (walk: Walk): Walk =>
  async (door, known, path) => {
    for (const room of roomsFor(door, known)) await walk(door, known, path.replace(':room', room));
  };

/** The first of them by everyone, the rest by those who ask deep. */
export function roomsFor({ viewer: { deep } }: Door, { rooms }: Known): readonly string[] {
  return deep ? rooms : rooms.slice(0, 2);
}

const ofStatements: Walk = async (door, { refs }, path) => {
  for (const { party, id } of door.viewer.deep ? refs : refs.slice(0, 3))
    await door.ask(path.replace(':party', party).replace(':id', id).replace(':n', '1'));
};

const ofCases: Walk = async (door, { cases, rooms }, path) => {
  for (const one of cases) {
    const query = `?ref=${encodeURIComponent(one)}`;
    await door.pages(`${path}${query}`);
    if (!door.viewer.deep) continue;
    await door.pages(`${path}${query}&limit=1`);
    for (const room of rooms.slice(0, 2)) await door.ask(`${path}${query}&room=${room}`);
  }
};

const ofDevices: Walk = async (door, { devices }, path) => {
  for (const device of devices) await door.ask(path.replace(':device', device));
};

/** The whole stream is listened to beside the walk; here what the first batch tells by its head. */
const listened: Walk = async () => {};

/** Only this machine may, and not for somebody else. */
const proxied: Walk = async (door, _, path) => {
  await door.ask(path, { headers: { 'x-forwarded-for': '192.0.2.1' } });
};

/** What the log publishes is declared to differ; how it is answered is not. */
const published: Walk = async (door, _, path) => {
  await door.ask(path.replace('*', 'nothing'));
  if (!path.includes('*')) return;
  await door.ask(path.replace('*', '9/999'));
};

const roomParts = list(
  '?limit=3',
  '?limit=2&order=newest',
  '?type=identity&limit=4',
  '?case=case%207&limit=1',
  '?limit=0',
);

const api = '/api/v1';
export const routes: Readonly<Record<string, Walk>> = {
  [`GET ${api}/centre`]: plain,
  'GET /': plainForAll,
  'GET /health': plainForAll,
  'GET /ready': plainForAll,
  'GET /metrics': proxied,
  'GET /openapi.json': plainForAll,
  [`GET ${api}/sessions/current`]: plain,
  [`GET ${api}/statements`]: async (door, known, path) => {
    await list('?limit=100', '?limit=7')(door, known, path);
    for (const room of roomsFor(door, known)) await door.pages(`${path}?room=${room}&limit=20`);
  },
  [`GET ${api}/statements/:party/:id`]: ofStatements,
  [`GET ${api}/statements/:party/:id/receipt`]: ofStatements,
  [`GET ${api}/statements/:party/:id/readers`]: ofStatements,
  [`GET ${api}/statements/:party/:id/audience`]: ofStatements,
  [`GET ${api}/statements/:party/:id/parts/:n/file`]: ofStatements,
  [`GET ${api}/rooms`]: plain,
  [`GET ${api}/rooms/:room`]: ofRooms(plain),
  [`GET ${api}/rooms/:room/parts`]: ofRooms(roomParts),
  [`GET ${api}/rooms/:room/locked`]: ofRooms(plain),
  [`GET ${api}/rooms/:room/undertakings`]: ofRooms(plain),
  [`GET ${api}/rooms/:room/supervision/accesses`]: ofRooms(list('?limit=5')),
  [`GET ${api}/rooms/:room/supervision/statistics`]: ofRooms(list('')),
  [`GET ${api}/complaints`]: async (door, known, path) => {
    await plain(door, known, path);
    for (const room of roomsFor(door, known)) await door.ask(`${path}?room=${room}`);
  },
  [`GET ${api}/parties`]: plain,
  [`GET ${api}/devices`]: plain,
  [`GET ${api}/recovery`]: plain,
  [`GET ${api}/tasks`]: plain,
  [`GET ${api}/recalls`]: plain,
  [`GET ${api}/holds`]: plain,
  [`GET ${api}/subject-requests`]: plain,
  [`GET ${api}/cases`]: ofCases,
  [`GET ${api}/accesses`]: list('?limit=200', '?limit=40'),
  [`GET ${api}/accesses/digests`]: list(''),
  [`GET ${api}/connectors`]: plain,
  [`GET ${api}/connectors/:device/refusals`]: ofDevices,
  [`GET ${api}/attempts`]: plain,
  [`GET ${api}/events`]: listened,
  'GET /log/1/checkpoint': plainForAll,
  'GET /log/1/cosigned': plainForAll,
  'GET /log/1/tile/*': published,
  ...writes,
};

/** Who may call a route, and so which viewers there must be. A new kind of caller has to find its place here. */
export const callers: Readonly<Record<Caller, 'everyone' | 'with a session' | 'nobody'>> = {
  anyone: 'everyone',
  party: 'with a session',
  operator: 'nobody',
};

/** What looks at nobody, or is listened to beside the walk, or ends a session: not everybody has to ask for it. */
const bySome = new Set(
  ['/', '/health', '/ready', '/openapi.json', '/log/1/checkpoint', '/log/1/cosigned', `${api}/events`]
    .map((path) => `GET ${path}`)
    .concat(`DELETE ${api}/sessions/current`),
);

/** @param looked answers by who looked and the route @returns what nobody has looked at who may */
export function unseen(looked: ReadonlyMap<string, number>): string[] {
  const routeOf = (pair: string) => pair.slice(pair.indexOf(': ') + 2);
  const byAny = new Set([...looked].flatMap(([pair, answers]) => (answers > 0 ? [routeOf(pair)] : [])));
  return [...looked].flatMap(([pair, answers]) => {
    const seen = answers > 0 || (bySome.has(routeOf(pair)) && byAny.has(routeOf(pair)));
    return seen ? [] : [pair];
  });
}

/** @throws where the table of the server and this one are not the same */
export function checkPlaces(table: readonly Entry[]): void {
  const there = table.map(({ method, path }) => `${method} ${path}`);
  const shadows = /^(?:HEAD|OPTIONS) /;
  const unplaced = there.filter((one) => !shadows.test(one) && !Object.hasOwn(routes, one));
  const unknown = table.filter(({ viewer }) => !Object.hasOwn(callers, viewer)).map(({ path }) => path);
  const gone = Object.keys(routes).filter((one) => !there.includes(one));
  if (unplaced.length + gone.length + unknown.length > 0)
    throw new Error(
      `routes without a place: ${unplaced}; places without a route: ${gone}; callers: ${unknown}`,
    );
}

/**
 * In the order in which the server has registered them.
 * @param taken which of them by their number; left out are those whose turn it is not
 * @returns how many answers each gave that has a place
 */
export async function walkAll(
  door: Door,
  known: Known,
  taken: (route: number) => boolean,
): Promise<Map<string, number>> {
  const walked = new Map<string, number>();
  for (const [i, { method, path }] of door.side.app.table.entries()) {
    if (!taken(i)) continue;
    const walk = routes[`${method} ${path}`];
    const before = door.answers.length;
    if (walk) await walk(door, known, path);
    // Which verbs a path has is the same for all who ask.
    else if (door.viewer.deep) await door.ask(filled(path, known), { method });
    if (walk) walked.set(`${method} ${path}`, door.answers.length - before);
  }
  return walked;
}

/** `HEAD` and `OPTIONS` of a path that stands in the table by another verb. */
function filled(path: string, { rooms, refs, devices }: Known): string {
  const [ref] = refs;
  const url = path
    .replace(':room', rooms[0] ?? '')
    .replace(':party', ref?.party ?? '')
    .replace(':id', ref?.id ?? '')
    .replace(':n', '1')
    .replace(':device', devices[0] ?? '')
    .replace('*', '9/999');
  if (/:[a-z]/.test(url)) throw new Error(`nothing to put into ${path}`);
  return url;
}
