/** The SDK's small centre on the loopback, with the lists that commands ask for beside what it says itself. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { base64, fromUtf8 } from '@parley/core/bytes.ts';
import { textOf } from '@parley/core/fields.ts';
import { isA, refOf, roomId } from '@parley/core/statement.ts';
import { type Kept, SmallCentre } from '@parley/sdk/testing/small-centre.ts';
import { parley, type Ran, temporary } from './terminal.ts';

export interface TestCentre {
  readonly small: SmallCentre;
  readonly url: string;
  /** What further routes answer with, by path below `api/v1/`. */
  readonly routes: Map<string, unknown>;
  onRequest: (path: string, headers: IncomingHttpHeaders) => void;
}

export async function testCentre(t: TestContext): Promise<TestCentre> {
  const small = await SmallCentre.open();
  const routes = new Map<string, unknown>();
  small.alter = (path, answer) => {
    const value = routes.get(path.replace('api/v1/', '')) ?? listed(small, path);
    return value === undefined ? answer : { status: 200, body: JSON.stringify(value) };
  };
  const server = createServer(async (request, response) => {
    centre.onRequest(request.url?.split('?')[0] ?? '', request.headers);
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const body = pieces.length > 0 ? { body: new Uint8Array(Buffer.concat(pieces)) } : {};
    const init = { method: request.method ?? 'GET', ...body };
    // The small centre reads a session's body as text, and a statement's as bytes.
    const text =
      request.url?.includes('/sessions') && 'body' in init ? { ...init, body: fromUtf8(init.body) } : init;
    const answer = await small.fetch(`http://centre.example${request.url}`, text);
    response
      .writeHead(answer.status, Object.fromEntries(answer.headers))
      .end(Buffer.from(await answer.arrayBuffer()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const centre: TestCentre = { small, url: `http://127.0.0.1:${port}/`, routes, onRequest: () => {} };
  return centre;
}

function listed({ kept }: SmallCentre, path: string): unknown {
  if (path === 'api/v1/rooms') return { rooms: kept.flatMap(roomOf) };
  if (path === 'api/v1/attempts') return { attempts: [] };
  if (path === 'api/v1/parties') return { parties: kept.flatMap(partyOf) };
  return undefined;
}

function roomOf({ statement: { header }, record, parts, leaves }: Kept): object[] {
  const [part] = parts;
  if (!isA(header, 'room.open/1') || !part || !leaves[0]) return [];
  const terms = { hash: base64(leaves[0]), salt: base64(part.salt), part: JSON.parse(fromUtf8(part.bytes)) };
  const about = {
    room: roomId(refOf(header)),
    owner: header.party,
    relation: 'owner',
    offered: terms,
    accepted: terms,
  };
  const others = { as: null, members: [], observers: [], supervisor: null };
  return [{ ...about, ...others, since: textOf(record.instant), invitation: null }];
}

function partyOf({ statement: { header }, parts }: Kept): object[] {
  const [part] = parts;
  if (!isA(header, 'party.found/1') || !part) return [];
  return [
    { party: header.party, name: JSON.parse(fromUtf8(part.bytes)).name, relation: 'known', level: null },
  ];
}

export interface Member {
  readonly home: string;
  readonly party: string;
  /** Runs a command in the home of this party, and insists that it succeeds. */
  readonly do: (...args: string[]) => Promise<string>;
  /** The same with `--json`, read. */
  readonly json: <T = Record<string, unknown>>(...args: string[]) => Promise<T>;
  /** Runs a command, however it ends. */
  readonly try: (...args: string[]) => Promise<Ran>;
}

export async function member(t: TestContext, { url }: TestCentre, name: string): Promise<Member> {
  const home = temporary(t);
  const env = { PARLEY_HOME: home };
  const attempt = (...args: string[]) => parley(args, { env });
  const succeed = async (...args: string[]) => {
    const { status, out, err } = await attempt(...args);
    if (status !== 0) throw new Error(`parley ${args.join(' ')}: ${err}`);
    return out;
  };
  const json = async <T>(...args: string[]) => JSON.parse(await succeed(...args, '--json')) as T;
  const joined = await json<{ party: string }>(
    'join',
    url,
    '00000-11111-22222-33333-44444',
    '--name',
    name,
    '--device',
    'Desk',
  );
  return { home, party: joined.party, do: succeed, json, try: attempt };
}
