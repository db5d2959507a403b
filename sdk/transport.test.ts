import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromUtf8, utf8 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { z } from 'zod';
import { linesOf } from './lines.ts';
import { refused } from './testing/scene.ts';
import { readBytes, readJson, transport } from './transport.ts';

function answering(...answers: (() => Response)[]) {
  const seen: { url: string; init: RequestInit }[] = [];
  const line = transport('http://centre.example/parley', async (url, init) => {
    seen.push({ url, init });
    const answer = answers[Math.min(seen.length, answers.length) - 1];
    if (!answer) throw new Error('no answer');
    return answer();
  });
  return { line, seen };
}

const problem =
  (status: number, body: unknown, headers = {}) =>
  () =>
    new Response(JSON.stringify(body), { status, headers });
const fine = () => new Response('{"a":1}');

test('it asks below the base, with the token and no redirect', async () => {
  const { line, seen } = answering(fine);
  await line.open('api/v1/x', { token: 't', query: { after: 'a b', limit: 3, none: null } });
  assert.equal(seen[0]?.url, 'http://centre.example/parley/api/v1/x?after=a+b&limit=3');
  const { headers, redirect } = seen[0]?.init ?? {};
  assert.deepEqual([headers, redirect], [{ authorization: 'Bearer t' }, 'error']);
});

test('problem details become refusals with the code of the centre', async () => {
  const body = { code: 'handling.onward', at: '/body', detail: 'no', params: { limit: 3 } };
  const { line } = answering(problem(403, body));
  await assert.rejects(line.open('x'), (error: unknown) => {
    assert.ok(error instanceof Refusal);
    assert.deepEqual(
      [error.code, error.at, error.detail, error.params],
      ['handling.onward', '/body', 'no', { limit: 3 }],
    );
    return true;
  });
  await assert.rejects(answering(problem(403, { code: 'new.code' })).line.open('x'), refused('fault'));
  await assert.rejects(
    answering(() => new Response('<html>', { status: 502 })).line.open('x'),
    refused('fault'),
  );
});

test('a busy centre is asked again, as it asks, where that is safe', async () => {
  const busy = problem(503, { code: 'queue.full' }, { 'retry-after': '0' });
  const once = answering(busy, busy, fine);
  assert.deepEqual(await readJson(await once.line.open('x'), z.object({ a: z.number() })), { a: 1 });
  assert.equal(once.seen.length, 3);
  const post = answering(busy, fine);
  await assert.rejects(post.line.open('x', { method: 'POST' }), refused('queue.full'));
  assert.equal(post.seen.length, 1);
  await post.line.open('x', { method: 'POST', repeatable: true });
  await assert.rejects(answering(busy).line.open('x'), refused('queue.full'));
  const long = answering(problem(503, { code: 'queue.full' }, { 'retry-after': '3600' }));
  await assert.rejects(long.line.open('x'), refused('queue.full'));
});

test('a network that fails, an answer that breaks off, is too long or of another shape', async () => {
  await assert.rejects(answering().line.open('x'), refused('centre.unreachable'));
  const broken = new ReadableStream({
    pull: (controller) => controller.error(new TypeError('terminated')),
  });
  await assert.rejects(readBytes(new Response(broken)), refused('centre.unreachable'));
  await assert.rejects(readBytes(new Response('12345'), 4), refused('read.unproven'));
  await assert.rejects(
    readJson(new Response('{"a":"1"}'), z.object({ a: z.number() })),
    refused('read.unproven'),
  );
  await assert.rejects(readJson(new Response('{'), z.object({})), refused('read.unproven'));
  assert.throws(() => transport('not an address'), refused('command.usage'));
});

test('lines over chunks, with a limit', async () => {
  async function* chunks(...texts: string[]) {
    for (const text of texts) yield utf8(text);
  }
  const read = async (limit: number, ...texts: string[]) => {
    const lines: string[] = [];
    for await (const line of linesOf(chunks(...texts), limit)) lines.push(fromUtf8(line));
    return lines;
  };
  assert.deepEqual(await read(9, 'a', 'b\n\nc', '', 'd\n', 'e'), ['ab', '', 'cd', 'e']);
  await assert.rejects(read(3, '1234\n'), refused('read.unproven'));
  await assert.rejects(read(3, '12', '34'), refused('read.unproven'));
});
