import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseReceipt } from '@parley/core/receipt.ts';
import { Fake, partOfText, room, stixPart } from './testing/fake.ts';

const odd = '{ "type":"identity",\t"n":1.0,"ü":"\\u00fc","n2":1e400}';

describe('an answer with content', () => {
  it('gives the bytes of each part as they were said, in the spelling of the specification', async () => {
    const fake = await Fake.open();
    const server = await fake.server();
    const part = partOfText(odd);
    const share = await fake.take(await fake.share([part, stixPart('two')]));
    const headers = await fake.signIn(server);
    const { header } = share;
    const url = `/api/v1/statements/${header.party}/${header.id}`;
    const answer = await server.inject({ url, headers });
    assert.equal(answer.statusCode, 200);
    assert.equal(answer.headers['content-type'], 'application/x-ndjson');
    assert.equal(answer.headers['cache-control'], 'no-store');
    const lines = answer.body.split('\n');
    assert.equal(lines.length, 6);
    assert.match(lines[0] ?? '', new RegExp(`^\\{"chain":\\{"party":"${fake.party}","profile":\\{"salt":"`));
    const statement = JSON.parse(lines[1] ?? '');
    assert.deepEqual(Object.keys(statement), ['statement', 'record', 'leaves', 'added', 'content']);
    assert.equal(statement.content, 'open');
    const salt = Buffer.from(part.salt).toString('base64');
    assert.equal(lines[2], `{"n":0,"added":"${statement.added}","salt":"${salt}","part":${odd}}`);
    assert.equal(lines[4], '{"next":null}');
    assert.equal(lines[5], '');
  });

  it('is in the journal before its bytes leave', async () => {
    const fake = await Fake.open();
    const server = await fake.server();
    const { header } = await fake.take(await fake.share([stixPart('one')]));
    const headers = await fake.signIn(server);
    for (const url of [`/api/v1/statements/${header.party}/${header.id}`, `/api/v1/rooms/${room}/parts`]) {
      fake.happened.length = 0;
      assert.equal((await server.inject({ url, headers })).statusCode, 200);
      assert.deepEqual(fake.happened, ['recorded', 'sent']);
    }
    assert.deepEqual(
      fake.accesses.map(({ route, list, purpose }) => ({ route, list, purpose })),
      ['/api/v1/statements/:party/:id', '/api/v1/rooms/:room/parts'].map((route) => ({
        route,
        list: [{ index: 1, parts: [0] }],
        purpose: 'event-security',
      })),
    );
  });

  it('is no answer where the journal fails', async () => {
    const fake = await Fake.open();
    const server = await fake.server();
    await fake.take(await fake.share([stixPart('a secret')]));
    const headers = await fake.signIn(server);
    fake.journalFails = true;
    const answer = await server.inject({ url: `/api/v1/rooms/${room}/parts`, headers });
    assert.deepEqual([answer.statusCode, answer.json().code], [500, 'fault']);
    assert.doesNotMatch(answer.body, /secret|journals/);
    assert.doesNotMatch(fake.logged, /a secret/);
  });

  it('of headers only, and of receipts, is no access', async () => {
    const fake = await Fake.open();
    const server = await fake.server();
    const { header } = await fake.take(await fake.share([stixPart('one')]));
    const headers = await fake.signIn(server);
    const list = await server.inject({ url: '/api/v1/statements', headers });
    assert.doesNotMatch(list.body, /"n":0/);
    assert.equal(list.body.match(/"statement":/g)?.length, 2);
    const url = `/api/v1/statements/${header.party}/${header.id}/receipt`;
    assert.equal(parseReceipt((await server.inject({ url, headers })).rawPayload).record.index, 1);
    assert.deepEqual(fake.accesses, []);
  });

  it('comes page by page, and streams what is large', async () => {
    const fake = await Fake.open();
    const server = await fake.server();
    const large = Array.from({ length: 20 }, (_, n) => partOfText(`{"x":"${String(n).repeat(20_000)}"}`));
    await fake.take(await fake.share(large));
    const headers = await fake.signIn(server);
    const read = async (query: string) =>
      (await server.inject({ url: `/api/v1/rooms/${room}/parts?${query}`, headers })).body;
    const whole = await read('limit=1000');
    const parts = (body: string) => body.split('\n').filter((line) => line.startsWith('{"n":'));
    assert.deepEqual(
      parts(whole).map((line) => line.slice(line.indexOf('"part":') + 7, -1)),
      large.map(({ bytes }) => Buffer.from(bytes).toString()),
    );
    const paged: string[] = [];
    for (let next: string | null = ''; next !== null; ) {
      const body = await read(`limit=7${next ? `&after=${next}` : ''}`);
      paged.push(...parts(body));
      next = JSON.parse(body.trimEnd().split('\n').at(-1) ?? '').next;
    }
    assert.deepEqual(paged, parts(whole));
  });

  it('refuses what is not a page', async () => {
    const fake = await Fake.open();
    const server = await fake.server();
    const headers = await fake.signIn(server);
    const codeOf = async (path: string) =>
      (await server.inject({ url: `/api/v1/${path}`, headers })).json().code;
    for (const query of [
      'limit=0',
      'limit=1001',
      'limit=1e2',
      'limit=1&limit=2',
      'order=x',
      'type=X',
      'other=1',
    ])
      assert.equal(await codeOf(`rooms/${room}/parts?${query}`), 'query.malformed', query);
    assert.equal(await codeOf(`rooms/${room}/parts?after=x`), 'cursor.malformed');
    assert.equal(await codeOf('rooms/x/parts'), 'query.malformed');
    assert.equal(await codeOf(`statements/${fake.party}/${room}`), 'absent');
  });
});

describe('accesses', () => {
  it('are listed by sealed cursors that fit the one party only', async () => {
    const fake = await Fake.open();
    const server = await fake.server();
    const { header } = await fake.take(await fake.share([stixPart('one')]));
    const headers = await fake.signIn(server);
    const get = (url: string) => server.inject({ url: `/api/v1/${url}`, headers });
    for (let i = 0; i < 3; i++) await get(`statements/${header.party}/${header.id}`);
    const first = (await get('accesses?limit=2')).json();
    assert.equal(first.accesses.length, 2);
    assert.deepEqual(first.accesses[0].statements, [{ party: header.party, id: header.id, parts: [0] }]);
    const second = (await get(`accesses?limit=2&after=${first.next}`)).json();
    assert.deepEqual([second.accesses.length, second.next], [1, null]);
    const broken = `${first.next.slice(0, -2)}AA`;
    for (const after of ['2', broken, 'A'.repeat(48)])
      assert.equal((await get(`accesses?after=${after}`)).json().code, 'cursor.malformed');
  });
});
