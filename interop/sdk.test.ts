/** The SDK against a running centre, through the public doors only. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { utf8 } from '@parley/core/bytes.ts';
import { verifyReceipt } from '@parley/core/receipt.ts';
import { refOf, roomId } from '@parley/core/statement.ts';
import { audit } from '@parley/sdk/audit.ts';
import { type Centre, memoryInRam, openCentre } from '@parley/sdk/centre.ts';
import { enrolmentRequest } from '@parley/sdk/enrolment.ts';
import type { Session } from '@parley/sdk/session.ts';
import { generateKey } from '@parley/sdk/signer.ts';
import { handling, indicator, terms } from '../server/testing/actor.ts';
import { beginServed, type Served } from '../server/testing/served.ts';

const object = (name: string, about: object = {}) => utf8(JSON.stringify(indicator(name, about)));

interface Party {
  readonly centre: Centre;
  readonly session: Session;
  readonly party: string;
}

describe('the SDK and a centre', () => {
  let served: Served;
  let host: Session;
  let anna: Party;
  let bert: Party;
  let room: string;

  async function join(code: string, name: string): Promise<Party> {
    const { signer } = await generateKey();
    const centre = await openCentre(served.url, { memory: memoryInRam() });
    await centre.join({ code, name, device: 'desk', signer });
    const session = await centre.session({ signer, party: signer.device, purpose: 'event-security' });
    return { centre, session, party: signer.device };
  }

  before(async () => {
    served = await beginServed({}, { ownThread: true });
    const centre = await openCentre(served.url, { memory: memoryInRam() });
    const { signer, party } = served.world.host;
    host = await centre.session({ signer, party, purpose: 'event-security' });
    anna = await join((await host.inviteParty({})).code, 'Anna');
    bert = await join((await host.inviteParty({})).code, 'Bert');
    const opened = await host.openRoom(terms);
    room = roomId(refOf(opened.statement.header));
    for (const { session, party } of [anna, bert]) {
      await host.invite(room, party);
      const view = await session.room(room);
      await session.accept(room, view.offered?.hash ?? '');
    }
  });
  after(async () => {
    assert.deepEqual(served.world.doubts, []);
    assert.equal(served.world.centre.disagreements(), 0);
    await served.end();
  });

  it('shares, reads and verifies', async () => {
    const receipts = await anna.session.share(room, [object('one'), object('two')], handling);
    assert.equal(receipts.length, 1);
    const names: unknown[] = [];
    for await (const part of bert.session.parts(room)) names.push((part.object as { name: string }).name);
    assert.deepEqual(names, ['one', 'two']);
    const readers = await anna.session.readers({
      party: anna.party,
      id: receipts[0]?.statement.header.id ?? '',
    });
    assert.deepEqual(
      readers.map(({ party }) => party),
      [bert.party],
    );
  });

  it('gives receipts that verify with nothing but the log’s key and the fingerprint', async () => {
    const [receipt] = await anna.session.share(room, [object('proof')], handling);
    assert.ok(receipt);
    const ref = { party: anna.party, id: receipt.statement.header.id };
    const again = await bert.session.receipt(ref);
    const verified = await verifyReceipt(again, bert.centre.trust, anna.party);
    assert.equal(verified.record.index, receipt.record.index);
  });

  it('follows what becomes visible, from where it was', async () => {
    const stop = new AbortController();
    const seen: string[] = [];
    let listens = () => {};
    const listening = new Promise<void>((resolve) => {
      listens = resolve;
    });
    const began = async () => listens();
    const following = (async () => {
      for await (const event of bert.session.events({ signal: stop.signal, began })) {
        if (event.event === 'statement') seen.push(event.statement.statement.header.kind);
        if (seen.length >= 2) stop.abort();
      }
    })().catch(() => {});
    await listening;
    const [receipt] = await anna.session.share(room, [object('event')], handling);
    await bert.session.room(room);
    await anna.session.grant(
      { party: anna.party, id: receipt?.statement.header.id ?? '' },
      { to: bert.party, purposes: ['event-security'] },
    );
    await following;
    assert.deepEqual(seen, ['share/1', 'grant/1']);
  });

  it('enrols and revokes a device', async () => {
    const { signer } = await generateKey();
    const request = await enrolmentRequest({
      signer,
      centre: anna.centre.info.centre,
      party: anna.party,
      name: 'phone',
    });
    await anna.session.enrol(request, { rights: ['read'], ends: null });
    const second = await anna.centre.session({ signer, party: anna.party, purpose: 'event-security' });
    assert.equal((await second.devices()).length, 2);
    await anna.session.revoke(signer.device);
    await assert.rejects(second.devices(), { code: 'session.unknown' });
  });

  it('takes back, and the other side answers', async () => {
    const [receipt] = await anna.session.share(room, [object('gone')], handling);
    const target = { party: anna.party, id: receipt?.statement.header.id ?? '' };
    for await (const part of bert.session.parts(room)) assert.ok(part.part.bytes.length > 0);
    await anna.session.recall(target);
    await served.world.centre.round();
    const task = (await bert.session.tasks()).find(({ what }) => what === 'notice');
    assert.ok(task);
    await bert.session.ack(task.statement, { answer: 'destroyed' });
    const recall = (await anna.session.recalls()).find((one) => one.target.id === target.id);
    assert.equal(recall?.recipients[0]?.answer, 'destroyed');
  });

  it('tells the reader’s own party who sat there, and the originator nothing of it', async () => {
    const { signer } = await generateKey();
    const request = await enrolmentRequest({
      signer,
      centre: anna.centre.info.centre,
      party: bert.party,
      name: 'tablet',
    });
    await bert.session.enrol(request, { rights: ['read'], ends: null });
    const about = { signer, party: bert.party, purpose: 'event-security', person: 'duty-3' };
    const session = await bert.centre.session({ ...about, justification: 'case 26-114' });
    const [receipt] = await anna.session.share(room, [object('someone', {})], {
      ...handling,
      personal: [{ category: 'other', nature: 'fact' }],
    });
    const ref = { party: anna.party, id: receipt?.statement.header.id ?? '' };
    await session.statement(ref);
    for await (const access of bert.session.accesses()) {
      const { device, person, justification } = access;
      assert.deepEqual([device, person, justification], [signer.device, 'duty-3', 'case 26-114']);
      break;
    }
    assert.doesNotMatch(JSON.stringify(await anna.session.readers(ref)), /duty-3|26-114/);
  });

  it('is audited from outside', async () => {
    const report = await audit(bert.session);
    assert.ok(report);
  });
});
