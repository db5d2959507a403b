import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Bytes, base64, concat, fromUtf8, utf8 } from '@parley/core/bytes.ts';
import type { Code } from '@parley/core/errors.ts';
import { pkcs8 } from '@parley/core/keys.ts';
import { recordLeaf } from '@parley/core/record.ts';
import { envelopeJson, refOf, signPayload, statementType } from '@parley/core/statement.ts';
import { memoryInRam } from './memory.ts';
import { generateKey, signerFromPkcs8 } from './signer.ts';
import { all, handling, object, openScene, refused, type Scene, visit } from './testing/scene.ts';

async function sceneWithShares(count = 3): Promise<Scene> {
  const scene = await openScene();
  const objects = Array.from({ length: count }, (_, n) => object(n));
  await scene.session.share(scene.room, objects, handling);
  return scene;
}

/** The text of every answer to this path, changed. */
function rewrite({ small }: Scene, path: RegExp, change: (text: string) => string): void {
  small.alter = (at, answer) => {
    if (!path.test(at)) return answer;
    const { body } = answer;
    return { ...answer, body: change(typeof body === 'string' ? body : fromUtf8(body)) };
  };
}

const partsRoute = /\/parts$/;

function readAll(scene: Scene) {
  return all(scene.session.parts(scene.room));
}

test('what was shared is read back byte for byte', async () => {
  const scene = await sceneWithShares(300);
  const parts = await all(scene.session.parts(scene.room, { pageSize: 1 }));
  assert.equal(parts.length, 300);
  // Shares are on their way at once, so which comes first is the log's to say.
  const ids = new Map(parts.map((part) => [(part.object as { id: string }).id, part]));
  const seventh = ids.get((JSON.parse(fromUtf8(object(7))) as { id: string }).id);
  assert.deepEqual(seventh?.part.bytes, object(7));
  assert.equal(ids.size, 300);
  const newest = await all(scene.session.parts(scene.room, { order: 'newest' }));
  assert.equal(newest[0]?.record.index, parts[299]?.record.index);
  assert.deepEqual(
    newest.map(({ record, n }) => [record.index, n]),
    parts.map(({ record, n }) => [record.index, n]).reverse(),
  );
});

test('headers, one statement and its receipt', async () => {
  const scene = await sceneWithShares();
  const statements = await all(scene.session.statements());
  assert.deepEqual(
    statements.map(({ statement }) => statement.header.kind),
    ['centre.open/1', 'party.found/1', 'room.open/1', 'share/1'],
  );
  const inRoom = await all(scene.session.statements({ room: scene.room }));
  assert.equal(inRoom.length, 2);
  const ref = refOf((inRoom[1] as (typeof inRoom)[0]).statement.header);
  assert.equal((await scene.session.statement(ref)).parts.length, 3);
  assert.equal((await scene.session.receipt(ref)).record.index, 3);
  scene.small.erase(ref);
  const erased = await scene.session.statement(ref);
  assert.deepEqual([erased.content, erased.parts.length, erased.leaves.length], ['erased', 0, 3]);
});

const lies: [string, (text: string) => string, Code][] = [
  ['an altered byte of a part', (text) => text.replace('"name":"x"', '"name":"y"'), 'parts.root'],
  [
    'an altered salt',
    (text) =>
      text.replace(
        /"salt":"[^"]{22}==","part":\{"type"/,
        `"salt":"${base64(new Uint8Array(16))}","part":{"type"`,
      ),
    'parts.root',
  ],
  ['parts that changed places', (text) => swapParts(text), 'parts.root'],
  [
    'an altered nonce',
    (text) => text.replace(/"nonce":"[^"]+"/, `"nonce":"${base64(new Uint8Array(32))}"`),
    'receipt.commitment',
  ],
  ['another instant', (text) => text.replace(/"instant":\d+/, '"instant":1'), 'receipt.commitment'],
  ['another index', (text) => text.replace(/"index":3/, '"index":2'), 'receipt.commitment'],
  [
    'an index that the log does not have',
    (text) => text.replace(/"index":3/, '"index":99'),
    'proof.inclusion',
  ],
  ['a missing leaf', (text) => text.replace(/"leaves":"[^"]+"/, '"leaves":""'), 'parts.count'],
  ['missing parts', (text) => without(text, '{"n":'), 'parts.count'],
  ['a missing chain', (text) => without(text, '{"chain":'), 'chain.broken'],
  ['an answer that breaks off', (text) => without(text, '{"next":'), 'read.unproven'],
  ['lines after the end', (text) => `${text}{"next":null}\n`, 'read.unproven'],
  ['a part twice', (text) => text.replace(/(\{"n":0.*\n)/, '$1$1'), 'read.unproven'],
  ['something else', () => '<html>\n', 'read.unproven'],
  ['another name', (text) => text.replace('Embassy of A', 'Embassy of B'), 'parts.root'],
];

function without(text: string, start: string): string {
  return text
    .split('\n')
    .filter((line) => !line.startsWith(start))
    .join('\n');
}

function swapParts(text: string): string {
  return text
    .replace('{"n":0', '{"n":Z')
    .replace('{"n":1', '{"n":0')
    .replace('{"n":Z', '{"n":1')
    .split('\n')
    .sort(partsInOrder)
    .join('\n');
}

function partsInOrder(a: string, b: string): number {
  return a.startsWith('{"n":') && b.startsWith('{"n":') ? a.localeCompare(b) : 0;
}

for (const [lie, change, code] of lies) {
  test(`a reader refuses ${lie}`, async () => {
    const scene = await sceneWithShares();
    // A device that has met nobody yet: what one has learnt, a missing chain does not take away.
    const centre = await visit(scene.small, scene.memory);
    const { signer } = scene;
    const session = await centre.session({ signer, party: signer.device, purpose: 'event-security' });
    rewrite(scene, partsRoute, change);
    await assert.rejects(all(session.parts(scene.room)), refused(code));
  });
}

test('a reader refuses a signature of another key', async () => {
  const scene = await sceneWithShares();
  const kept = scene.small.kept.at(-1);
  assert.ok(kept);
  const forger = await generateKey();
  const forged = await signPayload(statementType, kept.statement.header, forger.signer);
  forged.signatures[0].keyid = scene.signer.device;
  rewrite(scene, partsRoute, (text) =>
    text.replace(JSON.stringify(envelopeJson(kept.statement.envelope)), JSON.stringify(forged)),
  );
  await assert.rejects(readAll(scene), refused('signature.invalid'));
});

test('a reader refuses a device that the host invented', async () => {
  const scene = await sceneWithShares();
  const { small, signer } = scene;
  const invented = (await generateKey()).signer;
  const header = { ...small.kept.at(-1)?.statement.header, id: crypto.randomUUID(), device: invented.device };
  await small.fetch('http://centre.example/api/v1/statements', {
    method: 'POST',
    body: concat(
      utf8(JSON.stringify(await signPayload(statementType, { ...header, parts: undefined }, invented))),
    ),
  });
  await assert.rejects(readAll(scene), refused('chain.broken'));

  // With an enrolment that it signed itself.
  const body = {
    key: base64(invented.publicKey),
    rights: ['speak', 'govern'],
    ends: null,
    consent: base64(new Uint8Array(64)),
  };
  const enrol = {
    kind: 'device.enrol/1',
    centre: 'centre.example',
    id: crypto.randomUUID(),
    party: signer.device,
  };
  const forged = { ...enrol, device: invented.device, at: new Date().toISOString(), body };
  const link = JSON.stringify(await signPayload(statementType, forged, invented));
  rewrite(scene, partsRoute, (text) => text.replace(/\]\}\}/, `,${link}]}}`));
  await assert.rejects(readAll(scene), refused('chain.broken'));
});

test('a log that shrinks is refused, in this visit and the next', async () => {
  const scene = await sceneWithShares();
  await scene.centre.checkpoint();
  scene.small.entries.pop();
  await assert.rejects(scene.centre.checkpoint(), refused('proof.consistency'));
  const later = await visit(scene.small, scene.memory);
  await assert.rejects(later.checkpoint(), refused('proof.consistency'));
  const stranger = await visit(scene.small);
  assert.equal((await stranger.checkpoint()).checkpoint.size, 3);
});

test('a centre that forgot what it has signed is told nothing', async () => {
  const { small, memory, signer, room } = await sceneWithShares();
  small.entries.pop();
  const later = await visit(small, memory);
  const session = await later.session({ signer, party: signer.device, purpose: 'event-security' });
  const file = { blob: new Blob(['text']), name: 'a.txt' };
  small.requests.length = 0;
  await assert.rejects(session.share(room, [object(1)], handling), refused('proof.consistency'));
  await assert.rejects(session.shareFiles(room, [file], handling), refused('proof.consistency'));
  const sent = small.requests.filter((path) => /\/(statements|files)$/.test(path));
  assert.deepEqual(sent, []);
});

test('a forked log is refused, as large and larger', async () => {
  const scene = await sceneWithShares();
  await scene.centre.checkpoint();
  const [, , third] = scene.small.entries;
  scene.small.entries[2] = new Uint8Array(32);
  await assert.rejects(scene.centre.checkpoint(), refused('proof.consistency'));
  scene.small.entries.push(new Uint8Array(32));
  await assert.rejects(scene.centre.checkpoint(), refused('proof.consistency'));
  scene.small.entries[2] = third as Bytes;
  assert.equal((await scene.centre.checkpoint()).checkpoint.size, 5);
});

test('a tile that does not lead to the root is refused', async () => {
  const scene = await sceneWithShares();
  const centre = await visit(scene.small);
  scene.small.alter = (path, answer) =>
    path.includes('/tile/0/') ? { body: new Uint8Array(32 * scene.small.entries.length) } : answer;
  await assert.rejects(all(centre.public().statements()), refused('tile.malformed'));
  scene.small.alter = (_, answer) => answer;
  assert.equal((await all(centre.public().statements())).length, 4);
});

test('full tiles are read once, however the log grows', async () => {
  const scene = await sceneWithShares(1);
  for (let i = 0; i < 600; i++) scene.small.entries.push(new Uint8Array(32));
  await readAll(scene);
  await scene.centre.checkpoint();
  scene.small.entries.push(new Uint8Array(32));
  await scene.centre.checkpoint();
  await readAll(scene);
  const full = scene.small.requests.filter((path) => path.endsWith('/tile/0/000'));
  assert.equal(full.length, 1);
});

test('a receipt of another statement is refused', async () => {
  const scene = await sceneWithShares();
  const other = scene.small.kept[1];
  assert.ok(other);
  scene.small.alter = async (path, answer) =>
    path.endsWith('/statements') ? { body: JSON.stringify(await scene.small.receipt(other)) } : answer;
  await assert.rejects(scene.session.leave(scene.room), refused('read.unproven'));
});

test('a receipt from a fork is refused', async () => {
  const scene = await sceneWithShares();
  await scene.centre.checkpoint();
  scene.small.entries[0] = new Uint8Array(32);
  await assert.rejects(scene.session.leave(scene.room), refused('proof.consistency'));
});

test('another log key or party than remembered is refused', async () => {
  const { small, memory } = await sceneWithShares(1);
  const party = recordLeaf(new Uint8Array(32));
  for (const change of [
    { logs: [`centre.example/log/1+9c3cb4ef+${base64(concat(Uint8Array.of(1), party))}`] },
    { party: 'a'.repeat(64) },
  ]) {
    small.alter = (path, answer) =>
      path.endsWith('/centre')
        ? { body: JSON.stringify({ ...JSON.parse(String(answer.body)), ...change }) }
        : answer;
    await assert.rejects(visit(small, memory), refused('read.unproven'));
  }
  small.alter = (_, answer) => answer;
  await visit(small, memory);
  await visit(small, memoryInRam());
});

test('keys survive PKCS #8', async () => {
  const made = await generateKey();
  const again = await signerFromPkcs8(made.pkcs8);
  assert.equal(again.device, made.signer.device);
  assert.deepEqual(await again.sign(utf8('x')), await made.signer.sign(utf8('x')));
  // RFC 8032, 7.1, test 1.
  const seed = Uint8Array.from(
    '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60'.match(/../g) ?? [],
    (h) => Number.parseInt(h, 16),
  );
  assert.equal(
    base64((await signerFromPkcs8(pkcs8(seed))).publicKey),
    '11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=',
  );
  await assert.rejects(signerFromPkcs8(new Uint8Array(10)), refused('key.malformed'));
});
