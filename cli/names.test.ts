import assert from 'node:assert/strict';
import { test } from 'node:test';
import { partyNamed, roomNamed, statementAmong, typedStatement } from './names.ts';

const a = `aaaaaaaa11112222${'0'.repeat(48)}`;
const b = `aaaaaaaa33334444${'0'.repeat(48)}`;
const c = `cccccccc11112222${'0'.repeat(48)}`;
const parties = [
  { party: a, name: 'Ministry of the Interior' },
  { party: b, name: 'City of Säntis' },
  { party: c, name: 'city of säntis' },
];

test('a party by fingerprint, prefix or name', () => {
  assert.equal(partyNamed(a, []), a);
  assert.equal(partyNamed(a.toUpperCase().replace(/(.{4})/g, '$1 '), []), a);
  assert.equal(partyNamed('aaaaaaaa1', parties), a);
  assert.equal(partyNamed('  ministry of the interior ', parties), a);
  assert.equal(partyNamed('aaaaaaaa 1111', parties), a);
});

test('two parties are never guessed between, and a short prefix is none', () => {
  assert.throws(() => partyNamed('aaaaaaaa', parties), { code: 'command.usage' });
  assert.throws(() => partyNamed('City of Säntis', parties), {
    code: 'command.usage',
    detail: /several.*aaaaaaaa.*cccccccc/,
  });
  assert.throws(() => partyNamed('ccccccc', parties), { code: 'party.unknown' });
  assert.throws(() => partyNamed('nobody', parties), { code: 'party.unknown' });
});

test('who calls itself by the digits of another is not taken for it', () => {
  const known = [...parties, { party: a, name: 'cccccccc' }];
  assert.throws(() => partyNamed('cccccccc', known), { code: 'command.usage' });
  assert.equal(partyNamed('cccccccc1', known), c);
});

const rooms = [
  { room: '0b7d8f60-1111-4222-8333-444455556666', title: 'Summit 2026' },
  { room: '0b7d8f61-1111-4222-8333-444455556666', title: 'Aid' },
  { room: '1b7d8f61-1111-4222-8333-444455556666', title: 'AID' },
  { room: '2b7d8f61-1111-4222-8333-444455556666', title: null },
];

test('a room by id, prefix or title', () => {
  assert.equal(roomNamed('9b7d8f60-1111-4222-8333-444455556666', []), '9b7d8f60-1111-4222-8333-444455556666');
  assert.equal(roomNamed('0B7D8F60', rooms), rooms[0]?.room);
  assert.equal(roomNamed('summit 2026', rooms), rooms[0]?.room);
  assert.throws(() => roomNamed('aid', rooms), { code: 'command.usage' });
  assert.throws(() => roomNamed('0b7d8f6', rooms), { code: 'room.unknown' });
});

const id = '0b7d8f60-1111-4222-8333-444455556666';

test('a statement as PARTY/ID or by the first digits of its id', async () => {
  assert.deepEqual(typedStatement(`${a}/${id}`), { ref: { party: a, id } });
  assert.deepEqual(typedStatement('0b7d8f60'), { party: null, prefix: '0b7d8f60' });
  assert.deepEqual(typedStatement('City/0b7d8f60'), { party: 'City', prefix: '0b7d8f60' });
  for (const wrong of ['0b7d', 'xyz', `/${id}`, ''])
    assert.throws(() => typedStatement(wrong), { code: 'command.usage' });

  const seen = async function* () {
    yield { party: a, id };
    yield { party: b, id };
    yield { party: b, id: id.replace('0b', '1b') };
  };
  assert.deepEqual(await statementAmong('1b7d8f60', null, seen()), { party: b, id: id.replace('0b', '1b') });
  assert.deepEqual(await statementAmong(id, b, seen()), { party: b, id });
  await assert.rejects(statementAmong(id, null, seen()), { code: 'command.usage' });
  await assert.rejects(statementAmong('ffffffff', null, seen()), { code: 'target.unknown' });
});
