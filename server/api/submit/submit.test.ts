import assert from 'node:assert/strict';
import { type AddressInfo, connect } from 'node:net';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { utf8 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { formatPart, maxPartBytes } from '@parley/core/parts.ts';
import { parseReceipt } from '@parley/core/receipt.ts';
import { envelopeJson } from '@parley/core/statement.ts';
import type { FastifyInstance } from 'fastify';
import type { Submission } from '../context.ts';
import { Fake, partOfText, stixPart } from '../testing/fake.ts';
import { bodyLimit, readSubmission } from './body.ts';

const url = '/api/v1/statements';
const type = { 'content-type': 'application/x-ndjson' };

function bodyOf({ statement, parts }: Submission): Buffer {
  const lines = [utf8(JSON.stringify(envelopeJson(statement.envelope))), ...parts.map(formatPart)];
  return Buffer.concat(lines.flatMap((line) => [line, utf8('\n')]));
}

const post = (server: FastifyInstance, payload: Buffer | string, headers: object = {}) =>
  server.inject({ method: 'POST', url, payload, headers: { ...type, ...headers } });

const codeOf = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code;

/** In pieces of any size, as a network gives them. */
function pieces(bytes: Buffer, size: number): Readable {
  return Readable.from(
    (function* () {
      for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
    })(),
    { objectMode: false },
  );
}

describe('a submission', () => {
  it('is read to the byte, however it comes in', async () => {
    const fake = await Fake.open();
    const odd = partOfText('{ "type":"identity",\t"id" : "x","n":1.0,"ü":"\\u00fc\r"}');
    const share = await fake.share([stixPart('one'), odd]);
    for (const size of [1, 7, 100_000]) {
      const { statement, parts } = await readSubmission(pieces(bodyOf(share), size));
      assert.deepEqual(statement.envelope, share.statement.envelope);
      assert.deepEqual(parts, share.parts);
    }
    const unended = await readSubmission(pieces(bodyOf(share).subarray(0, -1), 11));
    assert.deepEqual(unended.parts, share.parts);
  });

  it('is refused when a line is not what it should be', async () => {
    const fake = await Fake.open();
    const whole = bodyOf(await fake.share([stixPart('one')])).toString();
    const [envelope = '', part = ''] = whole.split('\n');
    const read = (text: string) => readSubmission(pieces(Buffer.from(text), 1000));
    await assert.rejects(read(''), codeOf('body.malformed'));
    await assert.rejects(read('\n'), codeOf('json.malformed'));
    await assert.rejects(read('{'), codeOf('json.malformed'));
    await assert.rejects(read('{}'), codeOf('dsse.malformed'));
    await assert.rejects(read(`${envelope}\n\n${part}\n`), codeOf('part.malformed'));
    await assert.rejects(read(`${envelope}\r\n${part} \n`), codeOf('part.malformed'));
    await assert.rejects(read(`${envelope}\n{"part":{},"salt":"x"}\n`), codeOf('part.malformed'));
    await assert.rejects(read(`${part}\n`), codeOf('dsse.malformed'));
  });

  it('is bounded in bytes and lines, and in its first line', async () => {
    const fake = await Fake.open();
    const envelope = JSON.stringify(envelopeJson((await fake.share([stixPart('one')])).statement.envelope));
    let given = 0;
    const endless = (first: string, next: string) =>
      Readable.from(
        (function* () {
          yield Buffer.from(first);
          for (;;) {
            given += next.length;
            yield Buffer.from(next);
          }
        })(),
        { objectMode: false },
      );
    await assert.rejects(readSubmission(endless('{', ' '.repeat(1000))), codeOf('body.too-large'));
    await assert.rejects(
      readSubmission(endless(`${envelope}\n{"salt`, ' '.repeat(10_000))),
      codeOf('body.too-large'),
    );
    const line = `${Buffer.from(formatPart(partOfText('{}'))).toString()}\n`;
    await assert.rejects(readSubmission(endless(`${envelope}\n`, line)), codeOf('parts.too-many'));
    assert.ok(given < 3 * (5 * 1024 * 1024 + bodyLimit), 'what is thrown away is bounded, too');
  });

  it('may be as large as the limits say', async () => {
    const fake = await Fake.open();
    const text = (n: number) => `{"x":"${'y'.repeat(n)}"}`;
    const each = Math.floor(maxPartBytes / 256);
    const parts = Array.from({ length: 256 }, () => partOfText(text(each - 8)));
    const body = bodyOf(await fake.share(parts));
    assert.ok(body.length < bodyLimit);
    assert.equal((await readSubmission(pieces(body, 65_536))).parts.length, 256);
  });

  it('is answered with its receipt, without parts', async () => {
    const fake = await Fake.open();
    const server = await fake.server();
    const share = await fake.share([stixPart('one'), stixPart('two')]);
    const answer = await post(server, bodyOf(share));
    assert.equal(answer.statusCode, 201);
    const receipt = parseReceipt(answer.rawPayload);
    assert.deepEqual(receipt.statement.envelope, share.statement.envelope);
    assert.equal(receipt.parts.size, 0);
    assert.equal(receipt.leaves.length, 2);
    assert.equal(receipt.record.index, 1);
    assert.deepEqual(
      receipt.chain.map(({ header }) => header.kind),
      ['party.found/1'],
    );
  });

  it('said again gets its first receipt, in a session of the same party only', async () => {
    const fake = await Fake.open();
    const server = await fake.server();
    const share = await fake.share([stixPart('one')]);
    const first = (await post(server, bodyOf(share))).json();
    const again = await post(server, bodyOf(share));
    assert.deepEqual([again.statusCode, again.json().code], [409, 'statement.id-known']);
    const session = await fake.signIn(server);
    const known = await post(server, bodyOf(share), session);
    assert.deepEqual([known.statusCode, known.json().record], [200, first.record]);
    const other = await fake.say('share/1', share.statement.header.body, [stixPart('other')], {
      room: share.statement.header.room,
      id: share.statement.header.id,
    });
    assert.equal((await post(server, bodyOf(other), session)).json().code, 'statement.id-known');
  });

  it('that is not lines is refused', async () => {
    const fake = await Fake.open();
    const server = await fake.server();
    for (const headers of [{ 'content-type': 'application/json' }, { 'content-type': 'text/plain' }]) {
      const answer = await server.inject({ method: 'POST', url, payload: '{}', headers });
      assert.deepEqual([answer.statusCode, answer.json().code], [400, 'body.malformed']);
    }
    assert.equal((await server.inject({ method: 'POST', url })).json().code, 'body.malformed');
  });

  it('over the limit gets its answer on a real connection, and who never ends is cut off', async (test) => {
    const fake = await Fake.open();
    const server = await fake.server();
    test.after(() => server.close());
    await server.listen({ host: '127.0.0.1', port: 0 });
    const { port } = server.server.address() as AddressInfo;
    const little = await sent(port, bodyLimit + 500_000);
    assert.match(little.answer, /^HTTP\/1.1 413 [\s\S]*body.too-large/);
    const much = await sent(port, 1e9);
    assert.ok(much.written < 64 * 1024 * 1024, `${much.written}`);
    assert.equal((await server.inject('/health')).statusCode, 200);
  });
});

/** Says that so many bytes follow, and sends them as long as somebody takes them or until there is an answer. */
function sent(port: number, length: number): Promise<{ answer: string; written: number }> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    let left = length;
    const write = () => {
      while (left > 0 && !socket.destroyed) {
        const piece = Math.min(left, 65_536);
        left -= piece;
        if (!socket.write('x'.repeat(piece))) return;
      }
    };
    socket.on('drain', write).on('error', () => {});
    socket.on('data', (data) => {
      answer += data.toString();
      if (length < 1e8 && answer.includes('body.too-large')) socket.destroy();
    });
    socket.on('close', () => resolve({ answer, written: length - left }));
    socket.write(`POST ${url} HTTP/1.1\r\nhost: x\r\ncontent-type: ${type['content-type']}\r\n`);
    socket.write(`content-length: ${length}\r\n\r\n`);
    write();
  });
}
