/**
 * Who supervises a room sees accesses and complaints of those who agreed to it, and content that was opened for a case:
 * of the rest nothing. Two worlds show it: in one of them the members go on.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { millisecondsOf } from '@parley/core/fields.ts';
import { makePart } from '@parley/core/parts.ts';
import { type Actor, indicator, random } from '../server/testing/actor.ts';
import { type Served, serve } from '../server/testing/served.ts';
import { World } from '../server/testing/world.ts';
import { allRefs } from './testing/two-worlds.ts';
import { compared, type Walk, walk } from './testing/walk.ts';

const rates = { perAddress: 1_000_000, perParty: 1_000_000 };
const second = 1_000_000;

describe('who supervises', () => {
  let time = Math.floor(Date.now() / 3_600_000) * 3_600 * second + 60 * second;
  let room: string;
  let vera: Actor;
  let otto: Actor;
  let nora: Actor;
  let quiet: Served;
  let busy: Served;
  let token: string;
  const words = (reason: string) => [makePart({ reason }, random)];

  before(async () => {
    const world = await World.begin({ now: () => time });
    vera = await world.party('Vera');
    otto = await world.party('Otto');
    nora = await world.party('Nora');
    // Nora is bound by the terms of before, under which nobody supervised.
    room = await world.room([nora]);
    await world.host.changeTerms(room, { supervisor: vera.party });
    await world.host.invite(room, otto);
    await otto.accept(room);
    await world.host.invite(room, vera, 'supervisor');
    await vera.accept(room);
    const { ref } = await otto.share(room, [indicator('shown for a case'), indicator('hush')]);
    await nora.share(room, [indicator('hush of nora')]);
    // What is read before its reader agreed is not shown; the log runs ahead of a clock that stands.
    time += second;
    await world.host.read(room, { justification: 'shown justification' });
    const body = { about: otto.party, statement: ref };
    const complaint = await nora.say('complaint.lodge/1', body, { room, parts: words('shown complaint') });
    const until = millisecondsOf(time + 86_400 * second);
    await vera.say(
      'supervision.open/1',
      { complaint: complaint.ref, target: ref, parts: [0], until },
      { room },
    );
    const who = { party: vera.party, device: vera.signer.device, purpose: 'event-security' };
    token = await world.centre.journals.sessions.open({
      ...who,
      justification: null,
      now: time,
      ttl: 3_600 * 12 * second,
    });
    const copy = await world.fork();
    quiet = await serve(world, { rates });
    busy = await serve(copy, { rates });
  });
  after(async () => {
    for (const { world, end } of [quiet, busy]) {
      assert.deepEqual(world.doubts, []);
      assert.equal(world.centre.disagreements(), 0);
      await end();
    }
  });

  const walkBoth = async () => {
    const refs = await allRefs(busy.world);
    const looks: Walk[] = [];
    for (const { url, table } of [quiet, busy])
      looks.push(await walk({ url, table, token }, { rooms: [room], refs, cursors: [] }));
    return looks.map((look) => ({ texts: compared(look), look }));
  };

  it('saw the same in both worlds: what is for a case, and nothing else', async () => {
    const [one, other] = await walkBoth();
    assert.deepEqual(other?.texts, one?.texts);
    const bodies = one?.look.answers.map(({ body }) => body) ?? [];
    const found = (text: string) => bodies.some((body) => body.includes(text));
    assert.deepEqual(
      ['shown for a case', 'shown complaint', 'shown justification', 'hush', nora.signer.device].map(found),
      // Who complained is told by the complaint, with its chain.
      [true, true, true, false, true],
    );
  });

  it('sees nothing of what members go on to say, and of what others read', async () => {
    const { world } = busy;
    const [host, otter, guest] = [world.host, otto.in(world), nora.in(world)];
    time += second;
    const said = await otter.share(room, [indicator('hush of otto'), indicator('hush too')]);
    await guest.share(room, [indicator('hush of nora')]);
    await otter.recall(room, said.ref, [1]);
    await otter.recall(room, said.ref, [0], [guest]);
    await otter.grant(room, said.ref, guest);
    const ask = { target: said.ref, parts: null, to: guest.party, purposes: ['event-security'] };
    await host.say('ask/1', ask, { room });
    // Nora agreed to nothing: neither what she reads nor who reads what she said.
    await guest.read(room, { justification: 'hush reason' });
    const another = await world.room([otter, guest]);
    await guest.share(another, [indicator('hush elsewhere')]);
    await otter.read(another, { justification: 'hush reason' });
    const elsewhere = { about: otto.party, statement: null };
    await guest.say('complaint.lodge/1', elsewhere, { room: another, parts: words('hush complaint') });
    await world.centre.round();
    time += 600 * second;
    const [one, other] = await walkBoth();
    assert.deepEqual(other?.texts, one?.texts);
    for (const { ask: asking, body } of other?.look.answers ?? []) assert.doesNotMatch(body, /hush/, asking);
  });

  it('is not told by a refusal either', async () => {
    const { world } = busy;
    const by = vera.in(world);
    const [complaint] = (await allRefs(world)).filter(({ party }) => party === nora.party).slice(-1);
    const refused = async (target: { party: string; id: string }) => {
      const until = millisecondsOf(time + 3_600 * second);
      const body = { complaint: complaint ?? target, target, parts: null, until };
      return by.say('supervision.open/1', body, { room }).then(
        () => 'admitted',
        (error: Error) => error.message,
      );
    };
    const nowhere = await refused({ party: otto.party, id: crypto.randomUUID() });
    for (const target of await allRefs(world)) assert.equal(await refused(target), nowhere);
  });
});
