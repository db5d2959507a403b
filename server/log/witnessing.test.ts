import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { describe, it, type TestContext } from 'node:test';
import type { Bytes } from '@parley/core/bytes.ts';
import { formatVkey, mlDsa44Type } from '@parley/core/note.ts';
import { parsePolicy } from '@parley/core/policy.ts';
import { fetching, opened, refusal, SmallLog, setUp, Witness } from './witness-sample.ts';
import { verifyNotBehind } from './witnessing.ts';

describe('witnessing', () => {
  it('stores the note once the quorum has cosigned, and again with all', async () => {
    const log = new SmallLog();
    const witnesses = [new Witness('a'), new Witness('b', mlDsa44Type), new Witness('c')];
    const { witnessing, cosigned, failures } = setUp(log, witnesses, 2);
    witnessing.newHead();
    await witnessing.settled();
    assert.equal(cosigned.length, 0, 'there is nothing to cosign yet');
    await log.grow(300);
    witnessing.newHead();
    await witnessing.settled();
    assert.deepEqual(
      cosigned.map(([size]) => size),
      [300, 300],
    );
    assert.equal((await opened(cosigned[0]?.[1], witnesses)).length, 2);
    assert.deepEqual(await opened(cosigned[1]?.[1], witnesses), ['a.example', 'b.example', 'c.example']);
    await log.grow(500);
    witnessing.newHead();
    await witnessing.settled();
    assert.deepEqual(witnesses[0]?.seen, [
      [0, 200],
      [300, 200],
    ]);
    assert.deepEqual(failures, []);
    await witnessing.stop();
  });

  for (const when of ['lost', 'persisted'] as const)
    it(`writes again what could not be written: ${when}`, async () => {
      const log = new SmallLog();
      const witnesses = [new Witness('a')];
      const written: number[] = [];
      let broken = true;
      const { witnessing, failures } = setUp(log, witnesses, 1, {
        putCosigned: async (size) => {
          if (!broken || when === 'persisted') written.push(size);
          if (broken) throw new Error('the disk is full');
        },
      });
      await log.grow(3);
      witnessing.newHead();
      await witnessing.settled();
      assert.ok(failures.length > 0);
      broken = false;
      witnessing.newHead();
      await witnessing.settled();
      assert.deepEqual(written, when === 'persisted' ? [3, 3] : [3]);
      await witnessing.stop();
    });

  it('makes one round of the heads that pass meanwhile', async () => {
    const log = new SmallLog();
    const witness = new Witness('a');
    const { witnessing } = setUp(log, [witness], 1);
    await log.grow(1);
    witnessing.newHead();
    for (let i = 0; i < 20; i++) {
      await log.grow(1);
      witnessing.newHead();
    }
    await witnessing.settled();
    assert.equal(witness.known?.size, 21);
    assert.ok(witness.seen.length <= 10);
    await witnessing.stop();
  });

  it('learns the size of a witness from its 409, once', async () => {
    const log = new SmallLog();
    const witness = new Witness('a');
    await log.grow(40);
    const before = setUp(log, [witness], 1);
    before.witnessing.newHead();
    await before.witnessing.settled();
    await log.grow(10);
    const after = setUp(log, [witness], 1);
    after.witnessing.newHead();
    await after.witnessing.settled();
    assert.deepEqual(witness.seen, [
      [0, 200],
      [0, 409],
      [40, 200],
    ]);
    witness.known = null;
    await log.grow(10);
    after.witnessing.newHead();
    await after.witnessing.settled();
    assert.deepEqual(witness.seen.slice(3), [
      [50, 409],
      [0, 200],
    ]);
    assert.deepEqual([...before.conflicts, ...after.conflicts], []);
  });

  it('does without one that is down, and asks it again later', async () => {
    const log = new SmallLog();
    const witnesses = [new Witness('a'), new Witness('b')];
    const [, late] = witnesses;
    assert.ok(late);
    late.down = true;
    const { witnessing, cosigned, failures } = setUp(log, witnesses, 1, { rest: { first: 5, most: 20 } });
    await log.grow(3);
    witnessing.newHead();
    await witnessing.settled();
    assert.deepEqual(await opened(cosigned[0]?.[1], witnesses), ['a.example']);
    assert.deepEqual([...new Set(failures)], ['b']);
    late.down = false;
    while (cosigned.length < 2) await new Promise((resolve) => setTimeout(resolve, 2));
    assert.deepEqual(await opened(cosigned[1]?.[1], witnesses), ['a.example', 'b.example']);
    assert.equal(witnesses[0]?.seen.length, 1);
    await witnessing.stop();
  });

  it('stores nothing below the quorum', async () => {
    const log = new SmallLog();
    const witnesses = [new Witness('a'), new Witness('b'), new Witness('c')];
    for (const witness of witnesses.slice(1)) witness.down = true;
    const { witnessing, cosigned } = setUp(log, witnesses, 2);
    await log.grow(3);
    witnessing.newHead();
    await witnessing.settled();
    assert.deepEqual(cosigned, []);
    await witnessing.stop();
  });

  for (const old of [false, true])
    it(`reports another history and never asks again (${old ? 'v1.0.0' : 'since 2026'})`, async () => {
      for (const [theirs, ours] of [
        [50, 50],
        [50, 60],
      ] as const) {
        const [log, other] = [new SmallLog(0), new SmallLog(1)];
        const witness = new Witness('a');
        witness.old = old;
        await other.grow(theirs);
        await log.grow(ours);
        const first = setUp(other, [witness], 1);
        first.witnessing.newHead();
        await first.witnessing.settled();
        const { witnessing, cosigned, conflicts, failures } = setUp(log, [witness], 1);
        witnessing.newHead();
        await witnessing.settled();
        assert.deepEqual(conflicts, [['a', 'witness.conflict']]);
        const asked = witness.seen.length;
        await log.grow(1);
        witnessing.newHead();
        await witnessing.settled();
        assert.equal(witness.seen.length, asked);
        assert.deepEqual([cosigned, failures], [[], []]);
      }
    });

  it('reports a witness that knows more than the store', async () => {
    const [log, restored] = [new SmallLog(), new SmallLog()];
    const witness = new Witness('a');
    await log.grow(70);
    await restored.grow(30);
    const first = setUp(log, [witness], 1);
    first.witnessing.newHead();
    await first.witnessing.settled();
    const { witnessing, conflicts } = setUp(restored, [witness], 1);
    witnessing.newHead();
    await witnessing.settled();
    assert.deepEqual(conflicts, [['a', 'store.behind']]);
    assert.equal(witness.known?.size, 70);
  });

  it('believes no line that it cannot verify', async () => {
    const log = new SmallLog();
    const [witness, impostor] = [new Witness('a'), new Witness('a')];
    await log.grow(3);
    const { witnessing, cosigned, failures } = setUp(log, [witness], 1, { fetch: fetching([impostor]) });
    witnessing.newHead();
    await witnessing.settled();
    assert.deepEqual([cosigned, failures], [[], ['a']]);
    const noise = [
      '',
      'nonsense\n',
      `— ${witness.vkey.name} ${Buffer.alloc(76).toString('base64')}\n`,
      'x'.repeat(600_000),
    ];
    for (const body of noise) {
      const noisy = setUp(log, [witness], 1, { fetch: async () => new Response(body) });
      noisy.witnessing.newHead();
      await noisy.witnessing.settled();
      assert.deepEqual([noisy.cosigned, noisy.failures], [[], ['a']]);
      await noisy.witnessing.stop();
    }
    await witnessing.stop();
  });
});

describe('what witnesses know at start', () => {
  it('is asked without moving them, and tells an old store', async () => {
    const [log, restored, empty, other] = [new SmallLog(), new SmallLog(), new SmallLog(), new SmallLog(1)];
    const witnesses = [new Witness('a'), new Witness('b'), new Witness('c')];
    const [a, b, c] = witnesses;
    assert.ok(a && b && c);
    await log.grow(70);
    await restored.grow(30);
    await other.grow(70);
    const sizes = async (from: SmallLog) =>
      (await setUp(from, witnesses, 1).witnessing.knownSizes()).map(({ size }) => size);
    assert.deepEqual(await sizes(empty), [0, 0, 0]);
    const { witnessing } = setUp(log, [a], 1);
    witnessing.newHead();
    await witnessing.settled();
    c.down = true;
    assert.deepEqual(await sizes(log), [70, 0, null]);
    assert.deepEqual(await sizes(restored), [70, 0, null]);
    assert.deepEqual(await sizes(empty), [70, 0, null]);
    assert.deepEqual([a.known?.size, b.known?.size], [70, 0]);
    await assert.rejects(sizes(other), refusal('witness.conflict'));
    assert.throws(() => verifyNotBehind(70, 30), refusal('store.behind'));
    verifyNotBehind(70, 70);
  });
});

describe('over HTTP', () => {
  async function serve(
    t: TestContext,
    status: number,
    location: string,
    answer: (body: Bytes) => Promise<string>,
  ) {
    const server = createServer(async (request, response) => {
      assert.equal(`${request.method} ${request.url}`, 'POST /sub/add-checkpoint');
      const body = await answer(new Uint8Array(await buffer(request)));
      response.writeHead(status, location === '' ? {} : { location }).end(body);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/sub`;
  }

  it('asks a witness, follows no redirect, and waits for nobody for ever', async (t) => {
    const log = new SmallLog();
    await log.grow(5);
    const witness = new Witness('a');
    const answer = async (body: Bytes) => (await witness.answer(body)).body;
    const never = () => new Promise<string>(() => {});
    for (const [url, expected] of [
      [await serve(t, 200, '', answer), 1],
      [await serve(t, 307, 'http://127.0.0.1:1/', answer), 0],
      [await serve(t, 200, '', never), 0],
    ] as const) {
      const policy = parsePolicy(`witness a ${formatVkey(witness.vkey)} ${url}\nquorum a`);
      const timeout = expected > 0 ? 10_000 : 100;
      const { witnessing, cosigned } = setUp(log, [witness], 1, { policy, fetch, timeout });
      witness.known = null;
      witnessing.newHead();
      await witnessing.settled();
      assert.equal(cosigned.length, expected);
      await witnessing.stop();
    }
  });
});
