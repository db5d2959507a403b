import assert from 'node:assert/strict';
import { test } from 'node:test';
import { base64, utf8 } from '@parley/core/bytes.ts';
import { maxPartBytes } from '@parley/core/parts.ts';
import { parseReceipt, type Receipt } from '@parley/core/receipt.ts';
import { isA, refOf } from '@parley/core/statement.ts';
import { enrolmentRequest, readEnrolmentRequest } from './enrolment.ts';
import { generateKey } from './signer.ts';
import { all, handling, object, openScene, refused, type Scene, terms } from './testing/scene.ts';

const other = 'b'.repeat(64);

test('every kind is said with a receipt that verifies', async () => {
  const { session, room, small } = await openScene();
  const hash = base64(new Uint8Array(32));
  const [shared] = await session.share(room, [object(1)], handling);
  assert.ok(shared);
  const target = refOf(shared.statement.header);
  const ask = await session.ask(target, {
    to: other,
    purposes: ['event-security'],
    parts: [0],
    reason: 'please',
  });
  const receipts: Receipt[] = [
    (await session.inviteParty()).receipt,
    await session.withdrawInvitation('AAAAA'),
    await session.revoke(other),
    await session.changeTerms(room, terms),
    await session.invite(room, other),
    await session.withdraw(room, other),
    await session.accept(room, hash),
    await session.decline(room, hash, 'no'),
    await session.remove(room, other, 'why'),
    await session.grant(target, {
      to: other,
      purposes: ['event-security'],
      terms: hash,
      ask: refOf(ask.statement.header),
    }),
    await session.deny(refOf(ask.statement.header), 'no'),
    await session.recall(target, [2, 0], 'wrong', { from: [other] }),
    await session.ack(
      { ...target, room },
      { answer: 'kept', basis: 'court-order', until: '2030-01-01T00:00:00.000Z' },
    ),
    await session.leave(room),
  ];
  const kinds = receipts.map(({ statement }) => statement.header.kind);
  assert.equal(new Set(kinds).size, kinds.length);
  assert.equal(small.kept.length, 5 + receipts.length);
  const recall = receipts[11]?.statement.header;
  assert.ok(recall && isA(recall, 'recall/1'));
  assert.deepEqual(recall.body, { target, parts: [0, 2], from: [other] });
  await session.close();
});

test('a party is invited by a code that the centre never learns', async () => {
  const { session, centre, small } = await openScene();
  const { code, receipt } = await session.inviteParty({ until: '2030-01-01T00:00:00.000Z' });
  assert.match(code, /^([0-9A-Z]{5}-){4}[0-9A-Z]{5}$/);
  const { signer } = await generateKey();
  const joined = await centre.join({
    code: code.toLowerCase().replaceAll('-', ' '),
    name: 'Aid',
    device: 'phone',
    signer,
  });
  const invited = receipt.statement.header;
  const founded = joined.statement.header;
  assert.ok(isA(invited, 'party.invite/1') && isA(founded, 'party.found/1'));
  assert.equal(founded.body.invitation.key, invited.body.key);
  assert.equal(founded.party, signer.device);
  assert.ok(
    !small.kept.some(({ statement }) => new TextDecoder().decode(statement.envelope.payload).includes(code)),
  );
});

test('a device that asks is enrolled, and speaks', async () => {
  const { session, centre, signer: first, room } = await openScene();
  const { signer } = await generateKey();
  const about = { signer, centre: centre.info.centre, party: first.device, name: 'Laptop “2”' };
  const request = await enrolmentRequest(about);
  assert.equal((await readEnrolmentRequest(`${request}\n`)).device, signer.device);
  await session.enrol(request, { rights: ['read', 'speak'], ends: null });
  const second = await centre.session({ signer, party: first.device, purpose: 'event-security' });
  await second.share(room, [object(9)], handling);
  assert.equal((await all(session.parts(room))).at(-1)?.statement.header.device, signer.device);

  const elsewhere = await enrolmentRequest({ ...about, party: other });
  await assert.rejects(session.enrol(elsewhere, { rights: ['read'], ends: null }), refused('body.malformed'));
  await assert.rejects(readEnrolmentRequest('parley-enrol-1.xyz'), refused('body.malformed'));
  const stolen = await enrolmentRequest({ ...about, signer: { ...signer, publicKey: first.publicKey } });
  await assert.rejects(readEnrolmentRequest(stolen), refused('signature.invalid'));
});

async function sharedSizes(
  { session, room, small }: Scene,
  objects: Uint8Array<ArrayBuffer>[],
): Promise<number[]> {
  const before = small.kept.length;
  await session.share(room, objects, handling);
  return small.kept.slice(before).map(({ parts }) => parts.length);
}

test('many objects become several shares, of 256 parts and 1 MiB at most', async () => {
  const scene = await openScene();
  const many = Array.from({ length: 600 }, (_, n) => object(n));
  assert.deepEqual(await sharedSizes(scene, many), [256, 256, 88]);
  const large = Array.from({ length: 5 }, (_, n) => object(n, 'x'.repeat(maxPartBytes / 2 - 200)));
  assert.deepEqual(await sharedSizes(scene, large), [2, 2, 1]);
  assert.deepEqual(await sharedSizes(scene, []), []);
  await assert.rejects(
    sharedSizes(scene, [object(1), object(2, 'x'.repeat(maxPartBytes))]),
    refused('parts.too-large'),
  );
});

test('progress is told, and a refusal names the object among all', async () => {
  const { session, room, small } = await openScene();
  const objects = Array.from({ length: 300 }, (_, n) => object(n));
  const told: number[] = [];
  await session.share(room, objects, handling, { onProgress: (progress) => told.push(progress.objects) });
  assert.deepEqual(told, [256, 300]);
  small.alter = (path, answer) => {
    if (!path.endsWith('/statements')) return answer;
    const { count } = parseReceipt(utf8(String(answer.body))).statement.header.parts ?? {};
    if (count === 256) return answer;
    return { status: 400, body: JSON.stringify({ code: 'stix.malformed', at: '/parts/7/id' }) };
  };
  const place = { code: 'stix.malformed', at: '/objects/263/id' };
  await assert.rejects(session.share(room, objects, handling), place);
});

test('what got lost on the way back is sent again, the same bytes', async () => {
  const { session, room, small } = await openScene();
  let lost = 0;
  small.alter = (path, answer) => {
    if (path.endsWith('/statements') && lost++ === 0) throw new TypeError('fetch failed');
    return answer;
  };
  const before = small.kept.length;
  await session.share(room, [object(1)], handling);
  assert.deepEqual([small.kept.length - before, lost], [1, 2]);
});

test('a receipt that dates what was said back, or far ahead, is not believed', async () => {
  for (const seconds of [-3_600, 3_600]) {
    const { session, room, small } = await openScene();
    small.instant += seconds * 1_000_000;
    await assert.rejects(session.share(room, [object(1)], handling), refused('read.unproven'));
  }
});

test('receipts are kept, in the order of the log', async () => {
  const { session, room, memory, centre } = await openScene();
  await session.share(room, [object(1)], handling);
  const kept = [...((memory.kept?.(centre.info.origin) ?? []) as Iterable<Receipt>)];
  assert.deepEqual(
    kept.map(({ statement }) => statement.header.kind),
    ['party.found/1', 'room.open/1', 'share/1'],
  );
  assert.deepEqual(
    kept.map(({ record }) => record.index),
    [1, 2, 3],
  );
});

test('a session steps to another purpose with a justification', async () => {
  const { session } = await openScene();
  assert.deepEqual([session.current.purpose, session.current.justified], ['event-security', false]);
  await session.step({ purpose: 'threat-prevention', justification: 'Case 7' });
  assert.deepEqual([session.current.purpose, session.current.justified], ['threat-prevention', true]);
});
