import assert from 'node:assert/strict';
import { test } from 'node:test';
import { base64 } from '@parley/core/bytes.ts';
import { makePart } from '@parley/core/parts.ts';
import { type AnyHeader, parseStatement, type Signer, signHeader } from '@parley/core/statement.ts';
import { type AuditProgress, audit } from './audit.ts';
import { enrolmentRequest } from './enrolment.ts';
import { generateKey, random } from './signer.ts';
import { handling, object, openScene, refused, type Scene } from './testing/scene.ts';

async function sceneWithDevice(): Promise<Scene & { second: Signer }> {
  const scene = await openScene();
  const { session, centre, signer, room } = scene;
  const { signer: second } = await generateKey();
  const about = { signer: second, centre: centre.info.centre, party: signer.device, name: 'Laptop' };
  await session.enrol(await enrolmentRequest(about), {
    rights: ['read', 'speak'],
    ends: '2100-01-01T00:00:00.000Z',
  });
  const other = await centre.session({ signer: second, party: signer.device, purpose: 'event-security' });
  await other.share(room, [object(1)], handling);
  return { ...scene, second };
}

/** The last statement's header, said anew by another device. */
async function sayAgain({ small }: Scene, signer: Signer, change: object = {}): Promise<void> {
  const last = small.kept.at(-1);
  assert.ok(last);
  const header = {
    ...last.statement.header,
    device: signer.device,
    id: crypto.randomUUID(),
    ...change,
  } as AnyHeader;
  small.take(
    parseStatement((await signHeader(header, signer)) as never),
    last.parts.flatMap((part) => part ?? []),
  );
}

test('an honest centre passes, and the report counts', async () => {
  const { session, second, small } = await sceneWithDevice();
  const kept = [await session.revoke(second.device)];
  const told: AuditProgress[] = [];
  const report = await audit(session, { kept, onProgress: (progress) => told.push(progress) });
  const { root, signed, ...counts } = report;
  assert.equal(root.length, 32);
  assert.deepEqual(signed, [{ name: 'centre.example/log/1', result: 'valid' }]);
  assert.deepEqual(counts, {
    origin: 'centre.example/log/1',
    size: 6,
    witnessed: 0,
    policy: null,
    cosigned: [],
    tiles: 1,
    entries: 6,
    statements: 6,
    kinds: {
      'centre.open/1': 1,
      'party.found/1': 1,
      'room.open/1': 1,
      'device.enrol/1': 1,
      'share/1': 1,
      'device.revoke/1': 1,
    },
    parties: 2,
    devices: 3,
    revoked: 1,
    recovered: [],
    receipts: 1,
    lost: [],
  });
  assert.deepEqual(told.at(0), { step: 'log', done: 6, total: 6 });
  for (let i = 0; i < 600; i++) small.entries.push(new Uint8Array(32));
  // 606 entries: two full leaf tiles, a partial one, and the tile above.
  assert.equal((await audit(session)).tiles, 4);
});

test('a device that spoke after it was revoked', async () => {
  const scene = await sceneWithDevice();
  const before = scene.small.kept.at(-1);
  await scene.session.revoke(scene.second.device);
  assert.ok(before);
  scene.small.take(
    before.statement,
    before.parts.flatMap((part) => part ?? []),
  );
  await assert.rejects(audit(scene.session), refused('chain.broken'));
});

test('a device that spoke after its end', async () => {
  const scene = await sceneWithDevice();
  scene.small.instant = Date.parse('2100-01-01T00:00:00.000Z') * 1000;
  await sayAgain(scene, scene.second);
  await assert.rejects(audit(scene.session), refused('chain.broken'));
});

test('instants that do not rise', async () => {
  const scene = await sceneWithDevice();
  scene.small.instant -= 1;
  await sayAgain(scene, scene.second);
  await assert.rejects(audit(scene.session), refused('read.unproven'));
});

test('entries that are not those of the leaves', async () => {
  const { session, small } = await sceneWithDevice();
  small.alter = (path, answer) => {
    if (path.includes('/tile/entries/')) (answer.body as Uint8Array)[40] = 0;
    return answer;
  };
  await assert.rejects(audit(session), refused('tile.malformed'));
});

test('a tile that was right before and is no longer', async () => {
  const { session, small } = await sceneWithDevice();
  await audit(session);
  small.alter = (path, answer) => {
    if (path.includes('/tile/0/')) (answer.body as Uint8Array).fill(0);
    return answer;
  };
  await assert.rejects(audit(session), refused('tile.malformed'));
});

test('what the own party said and is shown no more', async () => {
  const { session, small, room } = await sceneWithDevice();
  const kept = await session.share(room, [object(2)], handling);
  const [last] = small.kept.splice(-1);
  assert.ok(last);
  await assert.rejects(audit(session, { kept }), refused('read.unproven'));
  small.kept.push(last);
  assert.equal((await audit(session, { kept })).receipts, 1);
});

test('a centre that was opened with other keys', async () => {
  const { session, small } = await sceneWithDevice();
  const key = base64(small.signer.publicKey);
  await small.speak('centre.open/1', { key, logs: ['x'] }, [
    makePart({ name: 'Centre', device: 'x' }, random),
  ]);
  const { links } = small;
  small.links = (party) => links.call(small, party).slice(0, party === small.signer.device ? 1 : 2);
  await assert.rejects(audit(session), refused('read.unproven'));
});
