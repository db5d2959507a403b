import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Refusal } from '@parley/core/errors.ts';
import { eventually } from '@parley/core/testing/eventually.ts';
import { releaseStatement } from './release/content.ts';
import { releaseReaders, releaseRecalls, releaseTasks } from './release/dues.ts';
import { releaseHeadings } from './release/headings.ts';
import { releaseLocked } from './release/locked.ts';
import { type Actor, indicator } from './testing/actor.ts';
import { ofSqliteAlone } from './testing/postgres.ts';
import { World } from './testing/world.ts';

const refused = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code;

describe('a centre', () => {
  let world: World;
  let anna: Actor;
  let bert: Actor;
  let carl: Actor;

  before(async () => {
    world = await World.begin({ ownThread: true });
    anna = await world.party('Anna');
    bert = await world.party('Bert');
    carl = await world.party('Carl');
  });
  after(async () => {
    await world.end();
    assert.deepEqual(world.doubts, []);
    assert.equal(world.centre.disagreements(), 0);
  });

  it('gives members what is shared in a room, and outsiders nothing', async () => {
    const room = await world.room([anna, bert]);
    await anna.share(room, [indicator('a'), indicator('b')]);
    assert.deepEqual(await bert.names(room), ['a', 'b']);
    assert.deepEqual(await bert.names(room, { order: 'newest' }), ['b', 'a']);
    await assert.rejects(carl.names(room), refused('absent'));
    await assert.rejects(carl.share(room, [indicator('c')]), refused('room.unknown'));
  });

  it('pages without loss', async () => {
    const room = await world.room([anna, bert]);
    const names = Array.from({ length: 25 }, (_, i) => `n${i}`);
    await anna.share(
      room,
      names.slice(0, 10).map((name) => indicator(name)),
    );
    await bert.share(
      room,
      names.slice(10).map((name) => indicator(name)),
    );
    for (const order of ['oldest', 'newest'] as const) {
      const seen: string[] = [];
      for (let next: string | null = ''; next !== null; ) {
        const page = await bert.read(room, { limit: 7, order, ...(next ? { after: next } : {}) });
        seen.push(
          ...page.statements.flatMap(({ parts }) =>
            parts.map(({ part }) => JSON.parse(new TextDecoder().decode(part.bytes)).name),
          ),
        );
        next = page.next;
      }
      assert.deepEqual(order === 'oldest' ? seen : seen.reverse(), names);
    }
  });

  it('shows to a new member what was said since it joined, unless the terms show the past', async () => {
    const closed = await world.room([anna]);
    const open = await world.room([anna], { past: true });
    await anna.share(closed, [indicator('before')]);
    await anna.share(open, [indicator('before')]);
    for (const room of [closed, open]) {
      await world.host.invite(room, bert);
      await bert.accept(room);
      await anna.share(room, [indicator('after')]);
    }
    assert.deepEqual(await bert.names(closed), ['after']);
    assert.deepEqual(await bert.names(open), ['before', 'after']);
  });

  it('shows nothing more to who has left, and the gap stays closed on rejoining', async () => {
    const room = await world.room([anna, bert]);
    await anna.share(room, [indicator('one')]);
    await bert.share(room, [indicator('own')]);
    await bert.say('room.leave/1', {}, { room });
    await anna.share(room, [indicator('gap')]);
    assert.deepEqual(await bert.names(room), ['own'], 'an author sees its own even after leaving');
    await world.host.invite(room, bert);
    await bert.accept(room);
    await anna.share(room, [indicator('two')]);
    assert.deepEqual(await bert.names(room), ['one', 'own', 'two']);
  });

  it('locks what another purpose or a justification would open, and counts it', async () => {
    const room = await world.room([anna, bert]);
    await anna.share(room, [indicator('other')], { purposes: ['threat-prevention'] });
    await anna.share(room, [indicator('person')], { personal: [{ category: 'other', nature: 'fact' }] });
    assert.deepEqual(await bert.names(room), []);
    const locked = await world.centre.read((sources) => releaseLocked(bert.viewer(), room, sources));
    assert.deepEqual(
      locked.value.locked.map(({ count, needs }) => ({ count, needs })),
      [
        { count: 1, needs: { purposes: ['threat-prevention'], justification: false } },
        { count: 1, needs: { purposes: [], justification: true } },
      ],
    );
    assert.deepEqual(await bert.names(room, { justification: 'case 7' }), ['person']);
    assert.deepEqual(await bert.names(room, { purpose: 'threat-prevention' }), ['other']);
  });

  it('takes back: hidden at once, told to who had it, answered, seen by the originator', async () => {
    const room = await world.room([anna, bert, carl]);
    const said = await anna.share(room, [indicator('x'), indicator('y')]);
    await bert.read(room);
    const recall = await anna.recall(room, said.ref);
    assert.deepEqual(await bert.names(room), []);
    assert.deepEqual(await anna.names(room), []);
    await world.centre.round();
    const tasks = await world.centre.read((sources) => releaseTasks(bert.viewer(), sources));
    const notice = tasks.value.tasks.find(({ what, room: of }) => what === 'notice' && of === room);
    assert.ok(notice);
    const shown = await world.centre.read((sources) => releaseStatement(bert.viewer(), said.ref, sources));
    assert.deepEqual(
      shown.value.statements.map(({ content, parts }) => ({ content, parts })),
      [{ content: 'erased', parts: [] }],
    );
    await assert.rejects(
      world.centre.read((sources) => releaseStatement(carl.viewer(), said.ref, sources)),
      refused('absent'),
    );
    await bert.say(
      'ack/1',
      { notice: notice.statement, answer: 'destroyed', basis: null, until: null },
      { room },
    );
    await assert.rejects(
      bert.say(
        'ack/1',
        { notice: notice.statement, answer: 'destroyed', basis: null, until: null },
        { room },
      ),
      refused('answer.given'),
    );
    const { value } = await world.centre.read((sources) =>
      releaseRecalls(anna.viewer(), sources, (index) => world.centre.journals.erasures.erasedAt(index)),
    );
    const view = value.recalls.find(({ statement }) => statement.id === recall.ref.id);
    assert.deepEqual(
      view?.recipients.map(({ party, answer }) => ({ party, answer })),
      [{ party: bert.party, answer: 'destroyed' }],
    );
  });

  it('passes on with consent, and a recall covers the grant', async () => {
    const room = await world.room([anna, bert]);
    const dora = await world.party('Dora');
    const said = await anna.share(room, [indicator('p'), indicator('q')]);
    const ask = await bert.say(
      'ask/1',
      { target: said.ref, parts: [0], to: dora.party, purposes: ['event-security'] },
      { room },
    );
    await anna.grant(room, said.ref, dora, { parts: [0], ask: ask.ref });
    assert.deepEqual(await dora.names(room), ['p']);
    await anna.grant(room, said.ref, bert);
    assert.deepEqual(await bert.names(room), ['p', 'q'], 'visible twice is released once');
    await anna.recall(room, said.ref, [0]);
    assert.deepEqual(await dora.names(room), []);
    assert.deepEqual(await bert.names(room), ['q']);
  });

  it('takes the header back with the last of what was passed on', async () => {
    const room = await world.room([anna]);
    const said = await anna.share(room, [indicator('first'), indicator('second')]);
    await anna.grant(room, said.ref, carl, { parts: [0] });
    await anna.recall(room, said.ref, [0]);
    const { value } = await world.centre.read((sources) =>
      releaseHeadings(carl.viewer(), { room: null, after: null, limit: 100 }, sources),
    );
    assert.ok(value.statements.every(({ record }) => record.header.id !== said.ref.id));
    assert.equal(world.centre.disagreements(), 0);
  });

  it('says once that a share has ended, and erases it', async () => {
    const room = await world.room([anna, bert]);
    const until = new Date(Date.now() + 8_000).toISOString();
    await anna.share(room, [indicator('short')], { until });
    assert.deepEqual(await bert.names(room), ['short']);
    await new Promise((resolve) => setTimeout(resolve, 8_100));
    assert.deepEqual(await bert.names(room), []);
    await world.centre.round();
    await world.centre.round();
    const { value } = await world.centre.read((sources) =>
      releaseHeadings(anna.viewer(), { room, after: null, limit: 100 }, sources),
    );
    assert.equal(value.statements.filter(({ record }) => record.header.kind === 'expiry/1').length, 1);
  });

  it('tells who read the old version of what is corrected', async () => {
    const room = await world.room([anna, bert]);
    const old = indicator('old');
    await anna.share(room, [old]);
    await bert.read(room);
    await anna.share(room, [{ ...old, modified: '2026-05-02T12:00:00.000Z', name: 'new' }]);
    await world.centre.round();
    const tasks = await world.centre.read((sources) => releaseTasks(bert.viewer(), sources));
    assert.ok(
      tasks.value.tasks.some(
        ({ what, room: of, detail }) => what === 'notice' && of === room && detail === 'correction',
      ),
    );
  });

  it('refuses to pass on what another shared, save as its handling allows', async () => {
    const room = await world.room([anna, bert, carl]);
    const other = await bert.openRoom();
    const object = indicator('kept');
    await anna.share(room, [object], { to: { parties: [bert.party] }, onward: 'never', tlp: 'red' });
    await assert.rejects(bert.share(other, [object]), refused('handling.onward'));
    await assert.rejects(bert.share(room, [object]), refused('handling.onward'));
    await carl.share(room, [object]); // It cannot know of it, so nothing may tell.
  });

  it('takes many versions of one object at once', async () => {
    const room = await world.room([anna, bert]);
    const one = indicator('many');
    const versions = (day: string) =>
      Array.from({ length: 256 }, (_, n) => ({
        ...one,
        modified: `2026-05-${day}T12:00:00.${String(n).padStart(3, '0')}Z`,
      }));
    await anna.share(room, versions('02'));
    await anna.share(room, versions('03'));
    const { statements } = await bert.read(room, { limit: 1000 });
    assert.equal(statements.flatMap(({ parts }) => parts).length, 512);
  });

  it('opens no way around a narrow handling by a grant of one’s own copy', async () => {
    const room = await world.room([anna, bert]);
    const object = indicator('narrow');
    await anna.share(room, [object], { onward: 'never' });
    const copy = await bert.share(room, [object], { onward: 'never' });
    await assert.rejects(bert.grant(room, copy.ref, carl), refused('handling.onward'));
  });

  it('tells readers to the author alone', async () => {
    const room = await world.room([anna, bert]);
    const said = await anna.share(room, [indicator('mine')]);
    await bert.read(room);
    const readers = (who: Actor) =>
      world.centre.read((sources) =>
        releaseReaders(who.viewer(), said.ref, sources, (index) =>
          world.centre.journals.accesses.readersOf(index),
        ),
      );
    assert.deepEqual(
      (await readers(anna)).value.readers.map(({ party }) => party),
      [bert.party],
    );
    await assert.rejects(readers(bert), refused('target.not-author'));
  });

  it('waits for no answer about what was taken back', async () => {
    const room = await world.room([anna, bert]);
    const said = await anna.share(room, [indicator('asked')]);
    const ask = { target: said.ref, parts: null, to: carl.party, purposes: ['event-security'] };
    await bert.say('ask/1', ask, { room });
    const waiting = async () => {
      const { value } = await world.centre.read((sources) => releaseTasks(anna.viewer(), sources));
      return value.tasks.filter(({ what, room: of }) => what === 'ask' && of === room).length;
    };
    assert.equal(await waiting(), 1);
    await anna.recall(room, said.ref);
    assert.equal(await waiting(), 0);
  });

  it('erases what was taken back from the file and from its write-ahead log', {
    skip: ofSqliteAlone,
  }, async () => {
    const room = await world.room([anna, bert]);
    const mark = `mark ${crypto.randomUUID()}`;
    const said = await anna.share(room, [indicator(mark)]);
    const files = () =>
      ['log.sqlite', 'log.sqlite-wal'].map((name) => readFileSync(join(world.folder, name)));
    assert.ok(files().some((bytes) => bytes.includes(mark)));
    await anna.recall(room, said.ref);
    await eventually('the bytes are gone', () => files().every((bytes) => !bytes.includes(mark)));
  });

  it('ends at its next start what a revocation had left of sessions', async () => {
    const lost = await anna.enrol(['read']);
    await anna.say('device.revoke/1', { device: lost.signer.device });
    const about = { purpose: 'event-security', justification: null, now: world.centre.now(), ttl: 1e12 };
    const open = (actor: Actor) =>
      world.centre.journals.sessions.open({ ...about, party: anna.party, device: actor.signer.device });
    const [left, live] = [await open(lost), await open(anna)];
    await world.restart();
    const { journals, now } = world.centre;
    assert.equal(await journals.sessions.find(left, now()), null);
    assert.ok(await journals.sessions.find(live, now()));
  });

  it('starts again where it was', async () => {
    const size = world.centre.head()?.size;
    await world.restart();
    assert.equal(world.centre.head()?.size, size);
  });
});
