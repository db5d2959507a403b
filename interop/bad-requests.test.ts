/** Requests that are none, connections that never end: each is answered or closed, and the others are served. */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { after, afterEach, before, describe, it } from 'node:test';
import { utf8 } from '@parley/core/bytes.ts';
import { makePart } from '@parley/core/parts.ts';
import { indicator, random } from '../server/testing/actor.ts';
import { beginHostile, bodyOf, type Hostile, marker, received, sharing } from './testing/hostile.ts';

const head = (...lines: readonly string[]) => `${lines.join('\r\n')}\r\n\r\n`;
const statusOf = (text: string) => Number(/^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1] ?? 0);

describe('a request that is none', () => {
  let h: Hostile;
  before(async () => {
    h = await beginHostile();
  });
  after(() => h.end());
  afterEach(() => h.unharmed());

  const asked = (line: string, ...headers: readonly string[]) =>
    h.raw(head(line, 'host: x', 'connection: close', ...headers));
  const refusedAs = async (statuses: readonly number[], line: string, ...headers: readonly string[]) => {
    const text = await asked(line, ...headers);
    assert.ok(statuses.includes(statusOf(text)), `${line.slice(0, 80)}: ${text.slice(0, 80)}`);
    assert.doesNotMatch(text, /root:|\bat .+:\d+:\d+|node_modules|\.ts\b/);
    assert.ok(!text.includes(marker));
  };

  const long = 'a'.repeat(10_000);
  const paths = [
    '/../../etc/passwd',
    '/..%2f..%2fetc/passwd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/api/v1/../../etc/passwd',
    '/api/v1/statements/%00/%00',
    '/api/v1/statements/..%5c..%5c/x',
    `/api/v1/statements/${'f'.repeat(64)}/..`,
    `/api/v1/statements/${'f'.repeat(64)}/%2e%2e%2f`,
    `/api/v1/rooms/${long}`,
    `/api/v1/rooms/${marker}/parts`,
    `/${long}`,
    '//',
    '//evil.example/api/v1/centre',
    '/api//v1//centre',
    '/api/v1/centre/',
    '/API/v1/centre',
    '/%',
    '/%ff%fe',
    '/api/v1/rooms/%c0%ae%c0%ae/parts',
    '/log/1/tile/../../../x',
    '/log/1/tile/0/x000/-01',
    `/log/1/tile/0/${'x999/'.repeat(500)}999`,
    '/log/1/tile/99999999999999999999/000',
    '/log/1/tile/entries/000.p/257',
    '/__proto__',
    '/api/v1/constructor',
  ];
  for (const path of paths)
    it(`${path.slice(0, 60)} leads nowhere`, () => refusedAs([400, 404, 414, 431], `GET ${path} HTTP/1.1`));
  it('an address of elsewhere leads nowhere', () =>
    refusedAs([400, 404], 'GET http://evil.example/api/v1/none HTTP/1.1'));

  for (const verb of ['PUT', 'PATCH', 'TRACE', 'PROPFIND', 'DELETE', 'FOO', 'get', 'CONNECT'])
    it(`${verb} says nothing`, () =>
      refusedAs([400, 404, 405, 501, 0], `${verb} /api/v1/statements HTTP/1.1`));

  for (const [name, line, ...headers] of [
    ['a length that is none', 'POST /api/v1/statements HTTP/1.1', 'content-length: x'],
    ['a negative length', 'POST /api/v1/statements HTTP/1.1', 'content-length: -1'],
    ['two lengths', 'POST /api/v1/statements HTTP/1.1', 'content-length: 1', 'content-length: 2'],
    [
      'a length and chunks',
      'POST /api/v1/statements HTTP/1.1',
      'content-length: 5',
      'transfer-encoding: chunked',
    ],
    ['an unknown coding', 'POST /api/v1/statements HTTP/1.1', 'transfer-encoding: gzip'],
    ['a header without a name', 'GET /health HTTP/1.1', ': x'],
    ['a header that is folded', 'GET /health HTTP/1.1', 'x: a', ' b'],
    ['a header with a null byte', 'GET /health HTTP/1.1', 'x: a\0b'],
    [
      'headers without end',
      'GET /health HTTP/1.1',
      ...Array.from({ length: 300 }, (_, n) => `x-${n}: ${'y'.repeat(100)}`),
    ],
    ['an unknown protocol', 'GET /health HTTP/9.9'],
  ] as const)
    it(`${name} is refused`, () => refusedAs([400, 413, 431, 501, 505], line, ...headers));
  it('what is no HTTP is refused', async () => {
    for (const bytes of [
      Uint8Array.of(0x16, 3, 1, 0, 200, 1, 0),
      utf8('\r\n\r\n\r\nSSH-2.0-x\r\n'),
      random(3_000),
    ])
      assert.ok([400, 431, 0].includes(statusOf(await h.raw(bytes, 500))));
  });

  const queries = [
    'after=a',
    'after=!',
    'after=MTIz',
    `after=${'a'.repeat(600)}`,
    'limit=0',
    'limit=1001',
    'limit=1e3',
    'limit=-1',
    'limit=1&limit=2',
    'room=x',
    'x=1',
    '__proto__=1',
    'after[]=1',
    '%=%',
  ];
  for (const query of queries)
    it(`the query ${query.slice(0, 20)} is refused`, async () => {
      const { status, code } = await h.fetch(`/api/v1/statements?${query}`);
      assert.equal(status, 400);
      assert.match(code ?? '', /^(query|cursor)\.malformed$/);
    });
  it('a place in the events that is none is refused', async () => {
    for (const seen of ['a', 'MTIz', '../..', '0'])
      assert.equal(
        (await h.fetch('/api/v1/events', { headers: { 'last-event-id': seen } })).code,
        'cursor.malformed',
      );
  });
  it('JSON that is none is refused', async () => {
    const post = (body: string) =>
      h.fetch('/api/v1/sessions', { method: 'POST', body, headers: { 'content-type': 'application/json' } });
    for (const [body, status, code] of [
      ['', 400, 'dsse.malformed'],
      [`{"${marker}`, 400, 'json.malformed'],
      ['{"a":1,"a":2}', 400, 'json.duplicate-key'],
      ['['.repeat(30_000) + ']'.repeat(30_000), 400, 'json.too-deep'],
      ['"\\ud800"', 400, 'text.lone-surrogate'],
      [
        `{"payload":"${'='.repeat(60_000)}x","payloadType":"application/vnd.parley.session+json","signatures":[{"keyid":"","sig":"${'A'.repeat(86)}"}]}`,
        400,
        'dsse.malformed',
      ],
      [`"${'x'.repeat(70_000)}"`, 413, 'body.too-large'],
    ] as const) {
      const answer = await post(body);
      assert.deepEqual([answer.status, answer.code], [status, code], body.slice(0, 40));
    }
  });

  it('requests that come in one row are answered in order', async () => {
    const one = 'GET /health HTTP/1.1\r\nhost: x\r\n\r\n';
    const none = 'GET /nowhere HTTP/1.1\r\nhost: x\r\n\r\n';
    const text = await h.raw(
      (one + none).repeat(200) + head('GET /health HTTP/1.1', 'host: x', 'connection: close'),
    );
    const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => status);
    assert.deepEqual(statuses, [...Array.from({ length: 200 }, () => ['200', '404']).flat(), '200']);
  });
  it('a second request hidden in the body of the first is not taken', async () => {
    const hidden = 'GET /api/v1/centre HTTP/1.1\r\nhost: x\r\n\r\n';
    const post = head(
      'POST /api/v1/statements HTTP/1.1',
      'host: x',
      'connection: close',
      'content-type: application/x-ndjson',
      `content-length: ${hidden.length}`,
    );
    const text = await h.raw(post + hidden);
    assert.equal([...text.matchAll(/HTTP\/1\.1 \d{3} /g)].length, 1);
    assert.equal(statusOf(text), 400);
  });
});

describe('a connection that never ends', () => {
  let h: Hostile;
  const sockets: Socket[] = [];
  /** Milliseconds. The server looks at what is late every five seconds. */
  const [timeouts, late, slack] = [{ headers: 500, request: 1_000, idle: 2_000 }, 5_000, 3_000];
  before(async () => {
    h = await beginHostile({ timeouts, connections: 60 });
  });
  after(async () => {
    for (const socket of sockets) socket.destroy();
    await h.end();
  });
  afterEach(() => h.unharmed());

  function opened(): Socket {
    const socket = h.socket();
    sockets.push(socket);
    return socket;
  }

  /** Writes a piece every so often; gives how long it took until the other side closed, and what it said. */
  async function dribbled(
    first: string | Uint8Array,
    piece: string,
  ): Promise<{ took: number; text: string }> {
    const socket = opened();
    socket.write(first);
    const timer = setInterval(() => socket.write(piece), 50);
    const began = performance.now();
    const text = await received(socket, late + timeouts.request + slack + 1_000);
    clearInterval(timer);
    return { took: performance.now() - began, text };
  }

  it('is closed in time, whatever it is slow at', async () => {
    const parts = [makePart(indicator(marker), random)];
    const body = bodyOf((await sharing(h, parts)).envelope, parts);
    const post = ['POST /api/v1/statements HTTP/1.1', 'host: x', 'content-type: application/x-ndjson'];
    const chunked = head(...post, 'transfer-encoding: chunked');
    const whole = Buffer.concat([
      utf8(head(...post, `content-length: ${body.length + 100_000}`)),
      body,
      utf8('\n'),
    ]);
    const ways: readonly [string, string | Uint8Array, string, number][] = [
      ['its first line', 'GET /hea', 'l', 408],
      ['its headers', 'GET /health HTTP/1.1\r\nhost: x\r\n', 'x: y\r\n', 408],
      ['its body', whole, '{', 0],
      ['its chunks', chunked, '1\r\n{\r\n', 0],
      [
        'a session',
        head(
          'POST /api/v1/sessions HTTP/1.1',
          'host: x',
          'content-type: application/json',
          'content-length: 60000',
        ),
        '{',
        0,
      ],
    ];
    const ended = await Promise.all(ways.map(([, first, piece]) => dribbled(first, piece)));
    for (const [i, { took, text }] of ended.entries()) {
      const [name, , , status] = ways[i] ?? ['', '', '', 0];
      assert.ok(took < late + timeouts.request + slack, `${name}: ${took} ms`);
      if (status) assert.equal(statusOf(text), status, name);
      assert.ok(!text.includes(marker));
    }
  });

  it('is closed in time where it says nothing at all', async () => {
    const began = performance.now();
    await received(opened(), late + slack + 5_000);
    assert.ok(performance.now() - began < late + timeouts.idle + slack);
  });

  it('is closed in time where it goes on after it was refused', async () => {
    const socket = opened();
    socket.write(
      head(
        'POST /api/v1/statements HTTP/1.1',
        'host: x',
        'content-type: application/x-ndjson',
        'transfer-encoding: chunked',
      ),
    );
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
    let sent = 0;
    const pump = () => {
      while (!socket.destroyed && socket.write(chunk)) sent += chunk.length;
    };
    socket.on('drain', pump);
    const before = h.heap();
    pump();
    const began = performance.now();
    const text = await received(socket, late + timeouts.request + slack + 1_000);
    assert.ok(performance.now() - began < late + timeouts.request + slack);
    assert.match(text, /body\.too-large/);
    assert.ok(sent > 1_000_000);
    assert.ok(h.heap() - before < 32 * 1024 * 1024);
  });

  it('is one of a bounded number, and makes room', async () => {
    const began = performance.now();
    let closed = 0;
    const half = Array.from({ length: 200 }, async () => {
      const socket = opened();
      socket.write('GET /health HTTP/1.1\r\nx: ');
      await received(socket, late + slack);
      closed += 1;
    });
    // Those over the bound are closed at once, long before the server looks at what is late.
    while (half.length - closed > 60 && performance.now() - began < late)
      await new Promise((resolve) => setTimeout(resolve, 20));
    assert.ok(half.length - closed <= 60, `${half.length - closed} connections`);
    await Promise.all(half);
  });
});
