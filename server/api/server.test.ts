import assert from 'node:assert/strict';
import { type AddressInfo, connect } from 'node:net';
import { describe, it } from 'node:test';
import { utf8 } from '@parley/core/bytes.ts';
import { formatPart } from '@parley/core/parts.ts';
import { envelopeJson } from '@parley/core/statement.ts';
import { fastify } from 'fastify';
import { kept } from './limits.ts';
import { keepTable } from './register.ts';
import { Fake, room, stixPart } from './testing/fake.ts';

describe('the server', () => {
  it('starts no route that does not say who may call it', async () => {
    const app = fastify();
    keepTable(app);
    assert.throws(() => app.get('/open', () => 'content'), /does not say who may call it/);
    await app.close();
  });

  it('CVE-2026-95805 (MISP: a slip in the table of rights): a word that is none opens nothing, it starts nothing', async () => {
    const app = fastify();
    keepTable(app);
    for (const viewer of ['pary', 'Party', 'any', '*', 'constructor', '__proto__', '', null, true]) {
      const config = { viewer } as unknown as { viewer: 'party' };
      assert.throws(() => app.get(`/${viewer}`, { config }, () => 'content'), /does not say who may call it/);
    }
    app.get('/known', { config: { viewer: 'party' } }, () => 'content');
    await app.close();
  });

  it('has a table of every route and verb', async () => {
    const fake = await Fake.open();
    const server = await fake.server();
    await server.ready();
    const names = server.table.map(({ method, path, viewer }) => `${viewer} ${method} ${path}`);
    assert.equal(new Set(names).size, names.length);
    for (const name of [
      'anyone POST /api/v1/statements',
      'anyone GET /api/v1/statements',
      'anyone OPTIONS /api/v1/statements',
      'party GET /api/v1/statements/:party/:id/readers',
      'party GET /api/v1/accesses',
      'operator GET /metrics',
      'anyone HEAD /log/1/tile/*',
    ])
      assert.ok(names.includes(name), name);
    const content = server.table.filter(({ method, path }) => method === 'HEAD' && path.includes('/rooms'));
    assert.deepEqual(content, []);
  });

  it('answers problems to what it does not know', async () => {
    const fake = await Fake.open();
    const server = await fake.server();
    const answerTo = async (method: 'GET' | 'PUT' | 'HEAD' | 'PATCH', url: string) => {
      const { statusCode, headers, body } = await server.inject({ method, url });
      assert.match(String(headers['content-type']), /problem\+json/);
      return [statusCode, body === '' ? '' : JSON.parse(body).code];
    };
    assert.deepEqual(await answerTo('GET', '/nothing'), [404, 'method.absent']);
    assert.deepEqual(await answerTo('PUT', '/api/v1/rooms'), [404, 'method.absent']);
    assert.deepEqual(await answerTo('PATCH', '/api/v1/sessions/current'), [404, 'method.absent']);
    assert.equal((await answerTo('HEAD', `/api/v1/rooms/${room}/parts`))[0], 404);
    assert.deepEqual(await answerTo('GET', '/%zz'), [400, 'query.malformed']);
    for (const url of [
      '/api/v1//rooms',
      '/api/v1/../v1/rooms/',
      '/log/1/tile/0/../000',
      '/log/1/tile/%2e%2e/000',
      '/log/1/tile/0/x%00',
      `/api/v1/rooms/${room}%2fparts`,
      '/API/v1/rooms',
    ])
      assert.ok(Number((await answerTo('GET', url))[0]) >= 400, url);
  });

  it('says which verbs a path has', async () => {
    const server = await (await Fake.open()).server();
    const { statusCode, headers } = await server.inject({
      method: 'OPTIONS',
      url: '/api/v1/sessions/current',
    });
    assert.deepEqual([statusCode, headers.allow], [204, 'DELETE, GET, OPTIONS']);
    assert.equal(headers['access-control-allow-origin'], undefined);
    const head = await server.inject({ method: 'HEAD', url: '/health' });
    assert.deepEqual([head.statusCode, head.body], [200, '']);
  });

  it('describes itself', async () => {
    const server = await (await Fake.open()).server();
    const description = (await server.inject('/openapi.json')).json();
    assert.equal(description.openapi, '3.1.0');
    const { paths } = description;
    const documented = Object.entries(paths).flatMap(([path, verbs]) =>
      Object.keys(verbs as object).map(
        (verb) => `${verb.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`,
      ),
    );
    for (const { method, path } of server.table)
      if (!['HEAD', 'OPTIONS'].includes(method))
        assert.ok(documented.includes(`${method} ${path.replace('*', ':*')}`) || path.endsWith('*'), path);
    const { get } = paths['/api/v1/rooms/{room}/parts'];
    const limit = get.parameters.find(({ name }: { name: string }) => name === 'limit');
    assert.equal(limit.schema.type, 'string');
    assert.ok(get.responses['200'].content['application/x-ndjson']);
    assert.ok(
      paths['/api/v1/tasks'].get.responses['200'].content['application/json'].schema.properties.tasks,
    );
  });

  it('builds its description once, and sends it to who does not have it', async () => {
    const server = await (await Fake.open()).server();
    await server.ready();
    let built = 0;
    const build = server.swagger.bind(server);
    server.swagger = (() => {
      built++;
      return build();
    }) as typeof server.swagger;
    const first = await server.inject('/openapi.json');
    const second = await server.inject('/openapi.json');
    assert.equal(first.body, second.body);
    const etag = String(first.headers.etag);
    const ask = (tags: string) => server.inject({ url: '/openapi.json', headers: { 'if-none-match': tags } });
    for (const tags of [etag, `"x", W/${etag}`, '*']) {
      const { statusCode, body, headers } = await ask(tags);
      assert.deepEqual([statusCode, body, headers.etag], [304, '', etag], tags);
    }
    assert.equal((await ask('"x"')).statusCode, 200);
    assert.equal(built, 1);
  });

  it('limits addresses and parties', async () => {
    const fake = await Fake.open();
    const server = await fake.server({ rates: { perAddress: 6, perParty: 3 } });
    const headers = await fake.signIn(server);
    const get = (remoteAddress: string, given: object = {}) =>
      server.inject({ url: '/api/v1/parties', headers: { ...given }, remoteAddress });
    for (let i = 0; i < kept; i++) assert.equal((await get(`10.0.1.${i}`, headers)).statusCode, 200);
    assert.equal((await get('10.0.0.2', headers)).statusCode, 200);
    assert.equal((await get('10.0.0.3', headers)).statusCode, 200);
    const party = await get('10.0.0.4', headers);
    assert.deepEqual([party.statusCode, party.json().code], [429, 'rate.limited']);
    assert.ok(Number(party.headers['retry-after']) > 0);
    assert.equal((await get('10.0.0.4')).statusCode, 200);
    for (let i = 0; i < 6; i++) await get('10.0.0.5');
    assert.equal((await get('10.0.0.5')).statusCode, 429);
    assert.equal((await server.inject({ url: '/health', remoteAddress: '10.0.0.5' })).statusCode, 200);
  });

  it('counts what it turns away, and every verb and path, before anything is read', async () => {
    const fake = await Fake.open();
    const rates = { perAddress: 4, perParty: 100 };
    const server = await fake.server({ rates, lateness: 1e9, keepsUp: async () => false });
    const statuses: number[] = [];
    for (let i = 0; i < 6; i++) statuses.push((await server.inject('/api/v1/centre')).statusCode);
    assert.deepEqual(statuses, [503, 503, 503, 503, 429, 429]);
    const remoteAddress = '10.0.0.9';
    for (let i = 0; i < 4; i++) await server.inject({ url: '/nothing', remoteAddress });
    const junk = { payload: '{'.repeat(1_000), headers: { 'content-type': 'application/json' } };
    for (const url of ['/nothing', '/api/v1/sessions'])
      assert.equal((await server.inject({ method: 'POST', url, remoteAddress, ...junk })).statusCode, 429);
    assert.equal((await server.inject({ url: '/health', remoteAddress })).statusCode, 200);
  });

  it('that cannot keep up takes small statements still, and who signs in to make them', async () => {
    const fake = await Fake.open();
    const server = await fake.server({ lateness: 1e9, keepsUp: async () => false });
    const headers = await fake.signIn(server);
    const reading = await server.inject({ url: '/api/v1/tasks', headers });
    assert.deepEqual([reading.statusCode, reading.json().code], [503, 'queue.full']);
    const say = async (bytes: number, more: object = {}) => {
      const { statement, parts } = await fake.share([stixPart('x'.repeat(bytes))]);
      const lines = [utf8(JSON.stringify(envelopeJson(statement.envelope))), ...parts.map(formatPart)];
      const payload = Buffer.concat(lines.flatMap((line) => [line, utf8('\n')]));
      const type = { 'content-type': 'application/x-ndjson' };
      return server.inject({
        ...{ method: 'POST', url: '/api/v1/statements', payload },
        headers: { ...type, ...more },
      });
    };
    assert.equal((await say(100)).statusCode, 201);
    assert.equal((await say(17_000)).statusCode, 503);
    assert.equal((await say(100, { 'transfer-encoding': 'chunked' })).statusCode, 503);
    assert.equal((await server.inject('/nothing')).statusCode, 503);
  });

  it('turns away who comes while it stops, and says so to its supervisor', async () => {
    const fake = await Fake.open();
    const server = await fake.server();
    assert.equal((await server.inject('/ready')).statusCode, 200);
    fake.isStopping = true;
    const answer = await server.inject('/api/v1/centre');
    assert.deepEqual([answer.statusCode, answer.json().code], [503, 'stopping']);
    assert.equal((await server.inject('/health')).statusCode, 200);
    assert.equal((await server.inject('/ready')).statusCode, 503);
  });

  it('keeps figures for itself', async () => {
    const fake = await Fake.open();
    const server = await fake.server();
    const get = (about: object) => server.inject({ url: '/metrics', ...about });
    await server.inject('/api/v1/nothing?secret=1');
    const figures = await get({});
    assert.match(figures.body, /parley_requests_total\{method="GET",route="unknown",status="404"\} 1/);
    assert.match(figures.body, /parley_log_records 1/);
    assert.doesNotMatch(figures.body, /secret/);
    assert.equal((await get({ remoteAddress: '10.0.0.1' })).statusCode, 404);
    assert.equal((await get({ headers: { 'x-forwarded-for': '10.0.0.1' } })).statusCode, 404);
    for (const [host, status] of [
      ['localhost', 200],
      ['LOCALHOST:8080', 200],
      ['127.0.0.1:8080', 200],
      ['[::1]:8080', 200],
      ['evil.example', 404],
      ['evil.example:8080', 404],
      ['localhost.evil.example', 404],
      ['127.0.0.1.evil.example', 404],
      ['10.0.0.1', 404],
    ] as const)
      assert.equal((await get({ headers: { host } })).statusCode, status, host);
    const guarded = await fake.server({ metricsToken: 'token' });
    const ask = (headers: object) => guarded.inject({ url: '/metrics', headers: { ...headers } });
    assert.equal((await ask({})).statusCode, 404);
    assert.equal((await ask({ authorization: 'Bearer token' })).statusCode, 200);
    assert.equal((await ask({ authorization: 'Bearer token', host: 'centre.example' })).statusCode, 200);
  });

  it('logs what was asked without what was in it', async () => {
    const fake = await Fake.open();
    const server = await fake.server();
    const headers = await fake.signIn(server);
    await server.inject({ url: `/api/v1/rooms/${room}/parts?limit=5`, headers });
    const lines = fake.logged
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const last = lines.at(-1);
    assert.deepEqual([last.route, last.status], ['/api/v1/rooms/:room/parts', 200]);
    assert.match(last.request, /^[0-9a-f-]{36}$/);
    for (const secret of [headers.authorization.slice(7), room, fake.party, 'limit=5'])
      assert.ok(!fake.logged.includes(secret), secret);
  });

  it('serves the log to anybody, and tells who it is', async () => {
    const fake = await Fake.open();
    const server = await fake.server();
    const checkpoint = await server.inject('/log/1/checkpoint');
    assert.equal(checkpoint.headers['content-type'], 'text/plain; charset=utf-8');
    assert.equal(checkpoint.headers['cache-control'], 'no-store');
    const tile = await server.inject('/log/1/tile/0/000.p/1');
    assert.deepEqual([tile.statusCode, tile.rawPayload.length], [200, 32]);
    assert.match(String(tile.headers['cache-control']), /immutable/);
    assert.equal((await server.inject('/log/1/cosigned')).statusCode, 404);
    const info = (await server.inject('/api/v1/centre')).json();
    assert.deepEqual([info.centre, info.limits.parts], ['centre.example', 256]);
    const page = await server.inject('/');
    assert.match(page.body, /can read what is said here/);
    assert.match(String(page.headers['content-security-policy']), /default-src 'none'/);
  });

  it('answers what is no request, and outlives slow clients', async (test) => {
    const fake = await Fake.open();
    const server = await fake.server({ timeouts: { headers: 300, request: 600, idle: 1000 } });
    await server.listen({ host: '127.0.0.1', port: 0 });
    test.after(() => server.close());
    const { port } = server.server.address() as AddressInfo;
    const said = (text: string) =>
      new Promise<string>((resolve) => {
        let answer = '';
        const socket = connect(port, '127.0.0.1', () => socket.write(text));
        socket.on('data', (data) => {
          answer += data.toString();
        });
        socket.on('error', () => {}).on('close', () => resolve(answer));
      });
    assert.match(await said('not http\r\n\r\n'), /^HTTP\/1.1 400 [\s\S]*body.malformed/);
    assert.match(await said(`GET / HTTP/1.1\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`), /^HTTP\/1.1 431 /);
    const post = 'POST /api/v1/statements HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-ndjson\r\n';
    await said(`${post}content-length: 100\r\n\r\n{`);
    await said('GET / HTTP/1.1\r\n');
    assert.equal((await server.inject('/health')).statusCode, 200);
  });
});
