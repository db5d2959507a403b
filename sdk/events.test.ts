import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8 } from '@parley/core/bytes.ts';
import { openCentre } from './centre.ts';
import type { ReadEvent } from './events.ts';
import { memoryInRam } from './memory.ts';
import { handling, object, openScene, refused } from './testing/scene.ts';
import { address, type SmallCentre } from './testing/small-centre.ts';

/** The stream of a centre from an index on, in bits of seven bytes, broken off after `most` events. */
function stream(small: SmallCentre, from: number, most: number): Response {
  const events = small.kept.slice(from, from + most).map((kept, i) => {
    const { kind } = kept.statement.header;
    return `id: ${from + i + 1}\nevent: ${kind}\ndata: ${small.statementLine(kept)}\n\n`;
  });
  const bytes = utf8(`: hello\n\nid: ${from}\n\n${events.join('')}id: 77\nevent: share/1\ndata: half an ev`);
  let at = 0;
  const body = new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.error(new TypeError('terminated'));
      controller.enqueue(bytes.slice(at, at + 7));
      at += 7;
    },
  });
  return new Response(body);
}

test('events are verified, and followed across interruptions', async () => {
  const { small, session, room } = await openScene();
  await session.share(room, [object(1)], handling);
  const asked: (string | null)[] = [];
  const centre = await openCentre(address, {
    memory: memoryInRam(),
    fetch: async (url, init) => {
      if (!url.includes('/events')) return small.fetch(url, init);
      const last = new Headers(init.headers).get('last-event-id');
      asked.push(last);
      return stream(small, Number(last ?? 0), last === null ? 0 : 3);
    },
  });
  const stop = new AbortController();
  const seen: ReadEvent[] = [];
  for await (const event of centre.public().events({ signal: stop.signal })) {
    seen.push(event);
    if (seen.length === 4) stop.abort();
  }
  assert.deepEqual(
    seen.map((event) => [event.id, event.event === 'statement' && event.statement.record.index]),
    [
      ['1', 0],
      ['2', 1],
      ['3', 2],
      ['4', 3],
    ],
  );
  // The first connection gave its place and nothing else.
  assert.deepEqual(asked, [null, '0', '3']);
});

test('an event that was altered, or is of another kind, is refused', async () => {
  const { small } = await openScene();
  const follow = async (change: (text: string) => string) => {
    const [kept] = small.kept;
    assert.ok(kept);
    const text = change(`id: 1\nevent: centre.open/1\ndata: ${small.statementLine(kept)}\n\n`);
    const fetch: typeof small.fetch = async (url, init) =>
      url.includes('/events') ? new Response(text) : small.fetch(url, init);
    const centre = await openCentre(address, { memory: memoryInRam(), fetch });
    for await (const event of centre.public().events()) return event;
  };
  assert.equal((await follow((text) => text))?.event, 'statement');
  assert.deepEqual(await follow(() => 'id: 9\nevent: reread\ndata:\n\n'), { id: '9', event: 'reread' });
  await assert.rejects(
    follow((text) => text.replace(/"span":\d+/, '"span":7')),
    refused('receipt.commitment'),
  );
  await assert.rejects(
    follow((text) => text.replace('event: centre.open/1', 'event: share/1')),
    refused('read.unproven'),
  );
  await assert.rejects(
    follow(() => `data: ${'x'.repeat(2 << 20)}`),
    refused('read.unproven'),
  );
});
