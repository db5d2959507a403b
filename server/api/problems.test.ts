import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { allCodes, Refusal } from '@parley/core/errors.ts';
import { outward, problemOf, traceOf } from './problems.ts';
import { Fake } from './testing/fake.ts';

describe('problems', () => {
  it('give each class its status, and each code its type', () => {
    for (const code of allCodes) {
      const { status, body } = problemOf(new Refusal(code), 'centre.example');
      assert.ok(status >= 400 && status < 600, code);
      assert.equal(body.type, `urn:parley:error:${code}`);
      assert.equal(body.status, status);
    }
    const statusOf = (code: (typeof allCodes)[number]) => problemOf(new Refusal(code), '').status;
    assert.deepEqual(
      (['json.malformed', 'session.needed', 'device.right', 'absent', 'statement.id-known'] as const).map(
        statusOf,
      ),
      [400, 401, 403, 404, 409],
    );
    assert.deepEqual(
      (['parts.too-large', 'chain.broken', 'rate.limited', 'queue.full', 'store.corrupt'] as const).map(
        statusOf,
      ),
      [413, 422, 429, 503, 500],
    );
  });

  it('say when to come back, and how to sign in', () => {
    const busy = problemOf(new Refusal('queue.full', { params: { after: 2.2 } }), '');
    assert.equal(busy.headers['retry-after'], '3');
    const nobody = problemOf(new Refusal('session.needed'), 'centre.example');
    const basic = 'Basic realm="centre.example", charset="UTF-8"';
    assert.deepEqual(nobody.headers['www-authenticate'], ['Bearer realm="centre.example"', basic]);
    const ended = problemOf(new Refusal('session.unknown'), 'centre.example');
    assert.match(String(ended.headers['www-authenticate']), /error="invalid_token"/);
  });

  it('tell nothing of faults but the id of the request', () => {
    const secret = 'the text of a report';
    const errors = [
      new Error(secret),
      new Refusal('store.corrupt', { detail: secret, at: secret }),
      new Refusal('config.value', { detail: secret }),
      secret,
      Object.assign(new Error(secret), { statusCode: 503 }),
    ];
    for (const error of errors) {
      const { code, params, at, detail } = outward(error, 'id-1');
      assert.deepEqual([code, params, at, detail], ['fault', { request: 'id-1' }, undefined, undefined]);
    }
  });

  it('never repeat what JSON.parse quotes', () => {
    let quoted: unknown;
    try {
      JSON.parse('{"secret text');
    } catch (error) {
      quoted = error;
    }
    const trace = traceOf(new Error('while reading', { cause: quoted })).join('\n');
    assert.match(trace, /SyntaxError/);
    assert.doesNotMatch(trace, /secret/);
  });

  it('leave no stack trace and no text in an answer', async () => {
    const fake = await Fake.open();
    fake.overrides = {
      read: async () => {
        throw new TypeError('secret of the store');
      },
    };
    const server = await fake.server();
    const answer = await server.inject('/api/v1/parties');
    assert.equal(answer.statusCode, 500);
    assert.equal(answer.headers['content-type'], 'application/problem+json');
    const { code, params } = answer.json();
    assert.equal(code, 'fault');
    assert.doesNotMatch(answer.body, /secret|\.ts/);
    assert.match(fake.logged, new RegExp(params.request));
    await server.close();
  });
});
