/**
 * Every route and verb as every kind of caller, against the table in `testing/doors.ts`: who is let in where, and who is
 * refused by which word. A route, a verb or a kind of caller without its place in the table fails here.
 */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { makePart } from '@parley/core/parts.ts';
import { handling, indicator, random } from '../server/testing/actor.ts';
import { bearing, type CallerName, callers, type Doors, openDoors, sessionOf } from './testing/callers.ts';
import { type Outcome, type Row, rowsOf, wordOf } from './testing/doors.ts';
import { bodyOf } from './testing/hostile.ts';
import { sessionRequest } from './testing/sending.ts';

/** What a caller puts into a path: of what is there, and of what never was. */
interface Known {
  readonly room: string;
  readonly party: string;
  readonly id: string;
  readonly device: string;
}
interface Told extends Outcome {
  readonly text: string;
}

describe('the doors', () => {
  let doors: Doors;
  let there: Known;
  let nowhere: Known;
  before(async () => {
    doors = await openDoors();
    const hex = () => Buffer.from(random(32)).toString('hex');
    there = { room: doors.room, ...doors.ref, device: doors.device };
    nowhere = { room: crypto.randomUUID(), party: hex(), id: crypto.randomUUID(), device: hex() };
  });
  after(async () => {
    assert.deepEqual(doors.world.doubts, []);
    assert.equal(doors.world.centre.disagreements(), 0);
    await doors.end();
  });

  const pathOf = (path: string, known: Known) =>
    path
      .replace(':room', known.room)
      .replace(':party', known.party)
      .replace(':id', known.id)
      .replace(':device', known.device)
      .replace(':n', '0')
      .replace('*', path.includes('entries') ? '000.p/1' : '0/000.p/1') +
    (path.endsWith('/cases') ? '?ref=case%207' : '');

  /** Whatever the verb; a stream is left as soon as it has begun. */
  function told(method: string, path: string, headers: object, body?: string | Uint8Array): Promise<Told> {
    return new Promise((resolve, reject) => {
      const call = request(doors.url + path, { method, headers: { ...headers } }, (answer) => {
        const { statusCode: status = 0, headers: got } = answer;
        let text = '';
        const done = () => resolve({ status, code: codeIn(text), text });
        if (got['content-type']?.startsWith('text/event-stream')) {
          answer.destroy();
          done();
          return;
        }
        answer.setEncoding('utf8').on('data', (piece) => (text += piece));
        answer.on('end', done).on('error', reject);
      });
      call.on('error', reject).end(body);
    });
  }

  /** What this caller sends there in earnest. */
  async function sentBy(name: CallerName, method: string, path: string, known: Known) {
    const { actor, token } = doors.people[name];
    const about = bearing({ token });
    const json = { ...about, 'content-type': 'application/json' };
    if (method !== 'POST') return { headers: about };
    if (path.endsWith('/sessions'))
      return { headers: json, body: actor ? await sessionRequest(doors.url, actor) : '{}' };
    if (path.endsWith('/step')) return { headers: json, body: '{"purpose":"event-security"}' };
    if (path.endsWith('/objects')) return { headers: json, body: JSON.stringify(indicator('sent')) };
    if (path.endsWith('/statements') && actor) {
      const parts = [makePart(indicator('said'), random)];
      const { envelope } = await actor.make('share/1', { handling }, { room: known.room, parts });
      const headers = { ...about, 'content-type': 'application/x-ndjson' };
      return { headers, body: bodyOf(envelope, parts) };
    }
    if (path.endsWith('/connectors') || path.endsWith('/challenge')) return { headers: about };
    return { headers: about, body: 'nothing' };
  }

  async function outcome(name: CallerName, method: string, path: string, known: Known): Promise<Told> {
    const { headers, body } = await sentBy(name, method, path, known);
    return told(method, pathOf(path, known), headers, body);
  }

  it('each route has its row, and each row its route', () => {
    const routes = doors.table.filter(({ method }) => method !== 'OPTIONS');
    assert.deepEqual(
      rowsOf().map(({ route }) => route),
      routes.map(({ method, path }) => `${method} ${path}`).sort(),
    );
    for (const { cells } of rowsOf()) assert.deepEqual(Object.keys(cells), [...callers]);
  });

  for (const name of callers)
    it(`${name} is told what the table says, and of what is hidden what is said of what is not there`, async () => {
      const rows = rowsOf();
      const mayKnow = (path: string) =>
        rows.some(({ route, cells }) => cells[name] === 'yes' && path.startsWith(itself(route)));
      const wrong: string[] = [];
      for (const { route, cells } of rows.sort(byEnd)) {
        const [method = '', path = ''] = route.split(' ');
        const real = await outcome(name, method, path, there);
        const word = wordOf(real);
        if (path.endsWith('/step') && word === 'yes') stepped(name, real.text);
        if (word !== cells[name]) wrong.push(`${route} as ${name}: ${word}, not ${cells[name]}`);
        const its = word === 'yes' && name !== 'nobody';
        if (!path.includes(':') || its || mayKnow(path)) continue;
        const none = await outcome(name, method, path, nowhere);
        if (none.text !== real.text) wrong.push(`${route} as ${name}: ${real.text} / ${none.text}`);
      }
      assert.deepEqual(wrong, []);
    });

  /** It goes on with the session that the step gave. */
  function stepped(name: CallerName, text: string): void {
    const { token } = JSON.parse(text) as { token: string };
    doors.people[name] = { ...doors.people[name], token };
  }

  it('verbs that a path does not have lead nowhere, whoever asks', async () => {
    const has = new Set(doors.table.map(({ method, path }) => `${method} ${path}`));
    const verbs = ['PUT', 'PATCH', 'DELETE', 'POST', 'HEAD', 'TRACE', 'PROPFIND'];
    const absent = await told('GET', '/nowhere', {});
    assert.deepEqual([absent.status, absent.code], [404, 'method.absent']);
    for (const name of ['nobody', 'governor', 'revoked'] as const)
      for (const path of new Set(doors.table.map((entry) => entry.path)))
        for (const method of verbs.filter((verb) => !has.has(`${verb} ${path}`))) {
          const one = await told(method, pathOf(path, there), bearing(doors.people[name]));
          assert.equal(one.status, 404, `${method} ${path} as ${name}`);
          if (method !== 'HEAD') assert.equal(one.text, absent.text, `${method} ${path} as ${name}`);
        }
  });

  it('OPTIONS tells which verbs there are, and needs no rights', async () => {
    for (const path of new Set(doors.table.map((entry) => entry.path))) {
      const { status, text } = await told('OPTIONS', pathOf(path, there), {});
      assert.deepEqual([status, text], [path === '/openapi.json' ? 404 : 204, status === 204 ? '' : text]);
    }
  });

  /** Another spelling of a path, a query or a header opens no more than the plain one does. */
  const spellings: readonly (readonly [string, (path: string) => string, object])[] = [
    ['a slash at the end', (path) => path.replace(/(\?|$)/, '/$1'), {}],
    ['a slash twice', (path) => path.replace('/', '//').replace('/v1/', '/v1//'), {}],
    ['a dot', (path) => path.replace('/v1/', '/v1/./'), {}],
    ['dots', (path) => path.replace('/v1/', '/v1/centre/../'), {}],
    ['encoded dots', (path) => path.replace('/v1/', '/v1/centre/%2e%2e/'), {}],
    ['an encoded slash', (path) => path.replace('/v1/', '/v1%2f'), {}],
    ['an encoded letter', (path) => path.replace('/api', '/%61pi'), {}],
    ['twice encoded', (path) => path.replace('/api', '/%2561pi'), {}],
    ['capitals', (path) => path.replace('/api/v1', '/API/V1'), {}],
    ['a semicolon', (path) => path.replace(/(\?|$)/, ';.json$1'), {}],
    ['a null byte', (path) => path.replace(/(\?|$)/, '%00$1'), {}],
    ['a matrix parameter', (path) => path.replace('/v1/', '/v1;x=1/'), {}],
    ['an extension', (path) => path.replace(/(\?|$)/, '.json$1'), {}],
    [
      'another verb in a header',
      (path) => path,
      { 'x-http-method-override': 'GET', 'x-method-override': 'GET' },
    ],
    [
      'another path in a header',
      () => '/health',
      { 'x-original-url': '/api/v1/tasks', 'x-rewrite-url': '/api/v1/tasks' },
    ],
    [
      'another name in a header',
      (path) => path,
      { 'x-forwarded-user': 'root', 'x-remote-user': 'root', 'x-user-id': '1' },
    ],
    [
      'another host in a header',
      (path) => path,
      { 'x-forwarded-host': 'localhost', forwarded: 'for=127.0.0.1' },
    ],
    [
      'this machine in a header',
      (path) => path,
      { 'x-forwarded-for': '127.0.0.1', 'x-real-ip': '127.0.0.1' },
    ],
  ];
  for (const [name, spelled, headers] of spellings)
    it(`${name} opens nothing`, async () => {
      const gets = doors.table.filter(({ method, path }) => method === 'GET' && path.startsWith('/api'));
      for (const who of ['nobody', 'outsider', 'revoked', 'elsewhere'] as const)
        for (const { path } of gets) {
          const about = bearing(doors.people[who]);
          const plain = await told('GET', pathOf(path, there), about);
          if (plain.status < 400) continue;
          const { status, text } = await told('GET', spelled(pathOf(path, there)), { ...about, ...headers });
          if (status < 400) assert.equal(text, '{"status":"ok"}', `${path} as ${who}`);
        }
    });

  it('a verb in a header or a query ends no session', async () => {
    const { actor } = doors.people.speaker;
    assert.ok(actor);
    const about = bearing({ token: await sessionOf(actor) });
    const path = '/api/v1/sessions/current';
    for (const [method, where, headers] of [
      ['POST', path, { 'x-http-method-override': 'DELETE' }],
      ['GET', path, { 'x-http-method-override': 'DELETE', 'x-http-method': 'DELETE' }],
      ['GET', `${path}?_method=DELETE`, {}],
      ['POST', `${path}?_method=DELETE`, {}],
    ] as const)
      await told(method, where, { ...about, ...headers });
    assert.equal((await told('GET', path, about)).status, 200);
  });
});

/** What ends a session comes last. */
const byEnd = (a: Row, b: Row) => Number(a.route.startsWith('DELETE')) - Number(b.route.startsWith('DELETE'));

/** The route of a thing itself, to which others are added behind it; of any other route what no path begins with. */
function itself(route: string): string {
  const found = /^GET (\/.*\/(?::room|:party\/:id))$/.exec(route);
  return found?.[1] ?? 'nothing';
}

function codeIn(text: string): string | null {
  return /"code":"([a-z.-]+)"/.exec(text)?.[1] ?? null;
}
