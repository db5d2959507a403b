import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Bytes, base64, utf8 } from '@parley/core/bytes.ts';
import { cosignatureMessage, formatTimestamped } from '@parley/core/checkpoint.ts';
import { inclusionPath, rootOf } from '@parley/core/merkle.ts';
import { cosignatureType, formatNote, formatVkey, parseNote, signedBy, vkeyOf } from '@parley/core/note.ts';
import { partLeaf } from '@parley/core/parts.ts';
import { parsePolicy } from '@parley/core/policy.ts';
import { refOf } from '@parley/core/statement.ts';
import { audit } from './audit.ts';
import { openCentre } from './centre.ts';
import { memoryInRam } from './memory.ts';
import { viewRoom, viewRooms } from './room.ts';
import { generateKey, random } from './signer.ts';
import { all, openScene, refused, terms } from './testing/scene.ts';
import { address, type SmallCentre } from './testing/small-centre.ts';

function answerWith(small: SmallCentre, route: string, value: unknown): void {
  small.alter = (path, answer) => (path === `api/v1/${route}` ? { body: JSON.stringify(value) } : answer);
}

test('terms are those of their hash, byte for byte', () => {
  const salt = random(16);
  // Spaces are part of what was said.
  const text = JSON.stringify(terms, null, 1).replaceAll('\n', ' ');
  const hash = base64(partLeaf({ salt, bytes: utf8(text) }));
  const shown = (part: string) => `{"hash":"${hash}","salt":"${base64(salt)}","part":${part}}`;
  const room = (part: string) => {
    const about = { room: crypto.randomUUID(), owner: 'a'.repeat(64), relation: 'invited', members: null };
    const rest = JSON.stringify({ ...about, terms: { title: 'lies' }, since: null, invitation: null });
    return utf8(`${rest.slice(0, -1)},"offered":${shown(part)},"accepted":null}`);
  };
  const view = viewRoom(room(text));
  assert.deepEqual([view.offered, view.accepted], [{ hash, terms }, null]);
  assert.deepEqual(view.terms, terms);
  assert.throws(() => viewRoom(room(text.replace('Summit', 'Summer'))), refused('parts.root'));
  assert.throws(() => viewRoom(room(JSON.stringify(terms))), refused('parts.root'));
  assert.throws(() => viewRooms(utf8('{"rooms":1}')), refused('read.unproven'));
});

test('a digest of accesses leads to what the centre said', async () => {
  const { session, small } = await openScene();
  const salt = random(16);
  const leaf = utf8('[{"at":1}]');
  const leaves = [random(32), partLeaf({ salt, bytes: leaf }), random(32)];
  const hour = { from: '2026-01-01T00:00:00.000Z', to: '2026-01-01T01:00:00.000Z' };
  const said = await small.speak('access.digest/1', { ...hour, leaves: 3, root: base64(rootOf(leaves)) });
  const digest = {
    statement: refOf(said.statement.header),
    ...hour,
    salt: base64(salt),
    leaf: base64(leaf),
    index: 1,
    path: inclusionPath(leaves, 1).map(base64),
  };
  const read = (change: object) => {
    answerWith(small, 'accesses/digests', { digests: [{ ...digest, ...change }], next: null });
    return all(session.digests());
  };
  assert.deepEqual(await read({}), [digest]);
  await assert.rejects(read({ leaf: base64(utf8('[]')) }), refused('proof.inclusion'));
  await assert.rejects(read({ index: 0 }), refused('proof.inclusion'));
  await assert.rejects(read({ to: '2026-01-01T02:00:00.000Z' }), refused('read.unproven'));
  const opened = small.kept[0];
  assert.ok(opened);
  await assert.rejects(read({ statement: refOf(opened.statement.header) }), refused('read.unproven'));
});

test('a party is called what it calls itself', async () => {
  const { session, small, signer } = await openScene();
  const listed = (name: string) =>
    answerWith(small, 'parties', { parties: [{ party: signer.device, name, relation: 'self' }] });
  await all(session.statements());
  listed('Embassy of A');
  assert.equal((await session.parties())[0]?.name, 'Embassy of A');
  listed('Embassy of B');
  await assert.rejects(session.parties(), refused('read.unproven'));
});

test('lists come page by page, and of the promised shape', async () => {
  const { session, small, signer } = await openScene();
  const access = { at: '2026-01-01T00:00:00.000000Z', device: signer.device, purpose: 'event-security' };
  const row = { ...access, person: null, justification: null, route: '/x', statements: [] };
  let page = 0;
  small.alter = (path, answer) => {
    if (!path.endsWith('/accesses')) return answer;
    page++;
    return { body: JSON.stringify({ accesses: [row], next: page < 3 ? `${page}` : null }) };
  };
  assert.equal((await all(session.accesses())).length, 3);
  assert.deepEqual(await session.locked(crypto.randomUUID()), []);
  answerWith(small, 'tasks', { tasks: [{ what: 'else' }] });
  await assert.rejects(session.tasks(), refused('read.unproven'));
});

test('with a policy, the newest checkpoint continues one that enough witnesses have cosigned', async () => {
  const { small, signer } = await openScene();
  const { signer: witness } = await generateKey();
  const vkey = vkeyOf('witness.example', cosignatureType, witness.publicKey);
  const policy = parsePolicy(`witness w ${formatVkey(vkey)}\nquorum w\n`);
  let cosigned: Bytes | null = null;
  const cosign = async (note: Bytes) => {
    const { text, signatures } = parseNote(note);
    const signature = await witness.sign(cosignatureMessage(text, 1_800_000_000));
    return formatNote(text, [...signatures, signedBy(vkey, formatTimestamped(1_800_000_000, signature))]);
  };
  small.alter = (path, answer) =>
    path === 'log/1/cosigned' && cosigned ? { status: 200, body: cosigned } : answer;
  const visit = () => openCentre(address, { memory: memoryInRam(), fetch: small.fetch, policy });
  await assert.rejects((await visit()).checkpoint(), refused('policy.unmet'));
  cosigned = await small.checkpoint();
  await assert.rejects((await visit()).checkpoint(), refused('policy.unmet'));
  cosigned = await cosign(cosigned);
  await small.speak('device.revoke/1', { device: 'a'.repeat(64) });
  const centre = await visit();
  assert.equal((await centre.checkpoint()).checkpoint.size, 4);
  const session = await centre.session({ signer, party: signer.device, purpose: 'event-security' });
  const report = await audit(session);
  assert.deepEqual([report.witnessed, report.cosigned.length, report.size], [3, 1, 4]);
  const later = () => (small.kept.at(-1)?.record.instant ?? 0) + 3_601_000_000;
  await assert.rejects(audit(session, { now: later }), refused('policy.unmet'));
  // A centre that shows the witness one history and this device another.
  small.entries[0] = new Uint8Array(32);
  await assert.rejects((await visit()).checkpoint(), refused('proof.consistency'));
});
