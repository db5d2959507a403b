import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { Fake, stixPart } from '../testing/fake.ts';

interface Message {
  readonly id: string | undefined;
  readonly event: string | undefined;
  readonly data: string | undefined;
}

/** A connection that is read message by message; null for a heartbeat. */
async function listen(url: string, headers: Record<string, string>) {
  const gone = new AbortController();
  const response = await fetch(url, { headers, signal: gone.signal });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let held = '';
  async function next(): Promise<Message | null | 'end'> {
    for (;;) {
      const end = held.indexOf('\n\n');
      if (end >= 0) {
        const block = held.slice(0, end);
        held = held.slice(end + 2);
        return block === ':' ? null : parsed(block);
      }
      const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
      if (done) return 'end';
      held += value;
    }
  }
  /** The next that is no heartbeat. */
  async function news(): Promise<Message | 'end'> {
    for (;;) {
      const message = await next();
      if (message !== null) return message;
    }
  }
  return { response, next, news, close: () => gone.abort() };
}

function parsed(block: string): Message {
  const field = (name: string) =>
    block
      .split('\n')
      .find((line) => line.startsWith(`${name}: `))
      ?.slice(name.length + 2);
  return { id: field('id'), event: field('event'), data: field('data') };
}

async function scene(test: TestContext, limits?: { streams: number; streamsEach: number; patience: number }) {
  const fake = await Fake.open();
  const server = await fake.server(limits ? { events: limits } : {});
  await server.listen({ host: '127.0.0.1', port: 0 });
  test.after(() => {
    server.server.closeAllConnections();
    return server.close();
  });
  const { port } = server.server.address() as AddressInfo;
  const headers = await fake.signIn(server);
  const url = `http://127.0.0.1:${port}/api/v1/events`;
  return { fake, server, url, headers };
}

const idOf = (message: Message | 'end'): string => (message === 'end' ? '' : (message.id ?? ''));
const about = (message: Message | 'end') =>
  message === 'end' ? message : JSON.parse(message.data ?? '').record.index;

describe('the stream of events', () => {
  it('tells what is said from now on, and where to resume', async (test) => {
    const { fake, url, headers } = await scene(test);
    const stream = await listen(url, headers);
    assert.equal(stream.response.headers.get('content-type'), 'text/event-stream');
    const place = await stream.news();
    assert.ok(idOf(place) !== '');
    assert.equal(place === 'end' || place.data, undefined);
    await fake.take(await fake.share([stixPart('one')]));
    const event = await stream.news();
    assert.equal(event !== 'end' && event.event, 'share/1');
    assert.equal(about(event), 1);
    stream.close();
  });

  it('tells what another instance takes, whose clock is behind', async (test) => {
    const { fake, url, headers } = await scene(test);
    await fake.take(await fake.share([stixPart('before')]));
    fake.now += 5_000_000;
    const stream = await listen(url, headers);
    await stream.news();
    fake.now -= 4_000_000;
    await fake.take(await fake.share([stixPart('after')]));
    assert.equal(about(await stream.news()), 2);
    stream.close();
  });

  it('loses and doubles nothing, wherever it was cut off', async (test) => {
    const { fake, url, headers } = await scene(test);
    const first = await listen(url, headers);
    let last = idOf(await first.news());
    first.close();
    for (let i = 0; i < 7; i++) await fake.take(await fake.share([stixPart(`${i}`)]));
    const seen: number[] = [];
    while (seen.length < 7) {
      const stream = await listen(url, { ...headers, 'last-event-id': last });
      for (let i = 0; i < 3 && seen.length < 7; i++) {
        const event = await stream.news();
        seen.push(about(event));
        last = idOf(event);
      }
      stream.close();
    }
    assert.deepEqual(seen, [1, 2, 3, 4, 5, 6, 7]);
    const by = await listen(`${url}?after=${last}`, headers);
    assert.equal(idOf(await by.news()), last);
    await fake.take(await fake.share([stixPart('last')]));
    assert.equal(about(await by.news()), 8);
    by.close();
  });

  it('gathers many commits, and beats where nothing happens', async (test) => {
    const { fake, url, headers } = await scene(test);
    const stream = await listen(url, headers);
    await stream.news();
    const shares = await Promise.all(Array.from({ length: 20 }, (_, n) => fake.share([stixPart(`${n}`)])));
    for (const share of shares) await fake.take(share);
    for (let n = 1; n <= 20; n++) assert.equal(about(await stream.news()), n);
    assert.equal(await stream.next(), null);
    stream.close();
  });

  it('says that more may be seen behind the place, before what follows it', async (test) => {
    const { fake, server, url, headers } = await scene(test);
    const stream = await listen(url, headers);
    const last = idOf(await stream.news());
    stream.close();
    const other = await fake.signIn(server, { purpose: 'threat-prevention' });
    await fake.take(await fake.share([stixPart('one')]));
    const again = await listen(url, { ...other, 'last-event-id': last });
    const reread = await again.news();
    assert.equal(reread !== 'end' && reread.event, 'reread');
    again.close();
    const resumed = await listen(url, { ...other, 'last-event-id': idOf(reread) });
    assert.equal(about(await resumed.news()), 1);
    resumed.close();
  });

  it('ends with the session, with the device and with the server', async (test) => {
    const { fake, server, url, headers } = await scene(test);
    const untilEnd = async (end: () => unknown) => {
      const stream = await listen(url, headers);
      await stream.news();
      await end();
      assert.equal(await stream.news(), 'end');
    };
    await untilEnd(() => {
      fake.device = { revoked: 1 };
    });
    fake.device = {};
    const token = [...fake.sessions][0];
    await untilEnd(() => fake.sessions.clear());
    if (token) fake.sessions.set(...token);
    await untilEnd(() => server.close());
  });

  it('answers what is wrong before it begins', async (test) => {
    const { fake, url, headers } = await scene(test);
    const codeOf = async (to: string, given: Record<string, string>) => {
      const response = await fetch(to, { headers: given });
      return (JSON.parse(await response.text()) as { code: string }).code;
    };
    assert.equal(await codeOf(url, { ...headers, 'last-event-id': 'x' }), 'cursor.malformed');
    assert.equal(await codeOf(`${url}?room=${crypto.randomUUID()}`, headers), 'absent');
    fake.sessions.clear();
    assert.equal(await codeOf(url, headers), 'session.unknown');
  });

  it('is bounded in number, and gives its place back', async (test) => {
    const { url, headers } = await scene(test, { streams: 2, streamsEach: 1, patience: 1000 });
    const stream = await listen(url, headers);
    await stream.news();
    assert.equal((await fetch(url, { headers })).status, 429);
    const anybody = await listen(url, {});
    await anybody.news();
    stream.close();
    anybody.close();
    for (let status = 429; status !== 200; ) {
      const again = await listen(url, headers);
      status = again.response.status;
      again.close();
    }
  });
});
