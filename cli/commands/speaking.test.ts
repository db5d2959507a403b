/** Each command that speaks says what it should: the header that reaches the centre. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fromUtf8 } from '@parley/core/bytes.ts';
import { type Member, member, type TestCentre, testCentre } from '../testing/centre.ts';
import { parley, temporary } from '../testing/terminal.ts';

interface Scene {
  readonly centre: TestCentre;
  readonly city: Member;
  readonly corps: Member;
  /** Of a room, and of a share in it. */
  readonly room: string;
  readonly share: string;
}

async function scene(t: TestContext): Promise<Scene> {
  const centre = await testCentre(t);
  const city = await member(t, centre, 'City of Marrow');
  const corps = await member(t, centre, 'Relief Corps');
  const { opened } = await city.json<{ opened: string }>(
    'room',
    'open',
    '--title',
    'Summit',
    '--purposes',
    'event-security',
  );
  const file = join(temporary(t), 'x.json');
  writeFileSync(
    file,
    '{"type":"indicator","id":"indicator--00000000-0000-4000-8000-000000000001","modified":"2026-01-01T00:00:00Z"}',
  );
  const { statements } = await city.json<{ statements: { id: string }[] }>('share', file, '--room', 'Summit');
  return { centre, city, corps, room: opened, share: statements[0]?.id ?? '' };
}

/** What was said last: its kind, room and body, and its first part. */
function last({ small }: TestCentre) {
  const kept = small.kept.at(-1);
  assert(kept);
  const { kind, room, body } = kept.statement.header;
  const part = kept.parts[0];
  return { kind, room, body, part: part ? JSON.parse(fromUtf8(part.bytes)) : null };
}

test('rooms: invite, suspend, restore, withdraw, accept, decline, leave, remove', async (t) => {
  const { centre, city, corps, room } = await scene(t);
  const { offered } = await city.json<{ offered: { hash: string } }>('room', 'show', 'Summit');
  const reason = (text: string) => ({ reason: text });
  const cases: readonly [string[], string, object, object | null][] = [
    [['invite', 'Summit', 'Relief Corps'], 'room.invite/1', { party: corps.party }, null],
    [
      ['invite', 'Summit', 'Relief Corps', '--as', 'observer'],
      'room.invite/1',
      { party: corps.party, as: 'observer' },
      null,
    ],
    [
      ['suspend', 'Summit', 'Relief Corps', '--reason', 'an audit'],
      'room.suspend/1',
      { party: corps.party },
      reason('an audit'),
    ],
    [['restore', 'Summit', 'Relief Corps'], 'room.restore/1', { party: corps.party }, null],
    [['withdraw', 'Summit', corps.party.slice(0, 12)], 'room.withdraw/1', { party: corps.party }, null],
    [['accept', 'Summit', '--terms', offered.hash], 'room.accept/1', { terms: offered.hash }, null],
    [
      ['decline', room, '--reason', 'too long'],
      'room.decline/1',
      { terms: offered.hash },
      reason('too long'),
    ],
    [['leave', 'summit'], 'room.leave/1', {}, null],
    [
      ['remove', 'Summit', 'Relief Corps', '--reason', 'ended'],
      'room.remove/1',
      { party: corps.party },
      reason('ended'),
    ],
  ];
  for (const [args, kind, body, part] of cases) {
    const said = await city.json<{ kind: string; room: string }>('room', ...args);
    assert.deepEqual([said.kind, said.room], [kind, room]);
    assert.deepEqual(last(centre), { kind, room, body, part });
  }
  assert.match(
    await city.do('room', 'invite', 'Summit', 'Relief Corps'),
    /^Relief Corps \([0-9a-f]{8}\) is invited into "Summit"\.\nStatement /,
  );
});

test('passing on: ask, grant as asked and narrower, grant by itself, deny', async (t) => {
  const { centre, city, corps, room, share } = await scene(t);
  const { hash: terms } = (await city.json<{ offered: { hash: string } }>('room', 'show', 'Summit')).offered;
  centre.routes.set(`rooms/${room}`, (await (await fetch(`${centre.url}api/v1/rooms`)).json()).rooms[0]);
  const target = { party: city.party, id: share };
  const { id: ask } = await corps.json<{ id: string }>(
    ...[
      'ask',
      share,
      '--to',
      'Relief Corps',
      '--purpose',
      'event-security,threat-prevention',
      '--part',
      '0',
      '--reason',
      'convoy',
    ],
  );
  const asked = { target, parts: [0], to: corps.party, purposes: ['event-security', 'threat-prevention'] };
  assert.deepEqual(last(centre), { kind: 'ask/1', room, body: asked, part: { reason: 'convoy' } });

  const answered = { party: corps.party, id: ask };
  await city.do('grant', ask);
  assert.deepEqual(last(centre), {
    kind: 'grant/1',
    room,
    body: { ...asked, terms, ask: answered },
    part: null,
  });
  await city.do('grant', ask, '--purpose', 'event-security');
  assert.deepEqual(last(centre).body, { ...asked, purposes: ['event-security'], terms, ask: answered });
  await city.do('grant', share, '--to', 'Relief Corps', '--purpose', 'event-security');
  assert.deepEqual(last(centre).body, {
    target,
    parts: null,
    to: corps.party,
    purposes: ['event-security'],
    terms,
    ask: null,
  });
  assert.equal((await city.try('grant', share)).status, 2);
  await city.do('deny', ask, '--reason', 'no');
  assert.deepEqual(last(centre), { kind: 'deny/1', room, body: { ask: answered }, part: { reason: 'no' } });
  assert.equal((await corps.try('ask', share, '--to', 'Relief Corps')).status, 2);
});

test('taking back, and answering', async (t) => {
  const { centre, city, room, share } = await scene(t);
  const target = { party: city.party, id: share };
  await city.do('recall', share, '--part', '0', '--reason', 'wrong');
  assert.deepEqual(last(centre), {
    kind: 'recall/1',
    room,
    body: { target, parts: [0] },
    part: { reason: 'wrong' },
  });
  await city.do('recall', `${city.party}/${share}`);
  assert.deepEqual(last(centre).body, { target, parts: null });
  await city.do('ack', share, '--answer', 'destroyed');
  assert.deepEqual(last(centre).body, { notice: target, answer: 'destroyed', basis: null, until: null });
  await city.do('ack', share, '--answer', 'kept', '--basis', 'court-order', '--until', '2096-01-31');
  assert.deepEqual(last(centre).body, {
    notice: target,
    answer: 'kept',
    basis: 'court-order',
    until: '2096-01-31T23:59:59.999Z',
  });
  const wrong = [
    ['--answer', 'kept'],
    ['--answer', 'destroyed', '--basis', 'court-order'],
    ['--answer', 'lost'],
    [],
  ];
  for (const args of wrong) assert.equal((await city.try('ack', share, ...args)).status, 2, args.join(' '));
});

test('parties are invited, devices enrolled and revoked', async (t) => {
  const { centre, city } = await scene(t);
  const { code } = await city.json<{ code: string }>('party', 'invite', '--until', '2d');
  assert.match(code, /^(?:[0-9A-Z]{5}-){4}[0-9A-Z]{5}$/);
  const invited = last(centre).body as { key: string };
  await city.do('party', 'withdraw', code.toLowerCase());
  assert.deepEqual(last(centre).body, { key: invited.key });

  const home = temporary(t);
  const request = [
    'device',
    'request',
    centre.url,
    '--party',
    city.party,
    '--name',
    'Laptop',
    '--home',
    home,
    '--json',
  ];
  const made = JSON.parse((await parley(request)).out);
  const enrolled = await city.json<{ device: string; rights: string[]; ends: string }>(
    ...['device', 'enrol', made.request, '--rights', 'speak,read', '--ends', '2096-05-31'],
  );
  assert.deepEqual(
    [enrolled.device, enrolled.rights, enrolled.ends],
    [made.device, ['read', 'speak'], '2096-05-31T23:59:59.999Z'],
  );
  assert.deepEqual([last(centre).kind, last(centre).part], ['device.enrol/1', { name: 'Laptop' }]);
  // The new device works in its own home, for the same party.
  const shown = JSON.parse((await parley(['whoami', '--home', home, '--json'])).out);
  assert.deepEqual([shown.party, shown.device], [city.party, made.device]);
  assert.equal((await parley(['room', 'list', '--home', home])).status, 0);

  const device = {
    device: made.device,
    name: 'Laptop',
    rights: ['read'],
    ends: null,
    enrolled: '2026-05-01T12:00:00Z',
    revoked: null,
    ...{ rooms: null, personal: true, from: 'enrolment' },
  };
  centre.routes.set('devices', {
    devices: [{ ...device, device: city.party, revoked: '2026-05-01T12:00:00Z' }, device],
  });
  await city.do('device', 'revoke', 'laptop');
  assert.deepEqual(last(centre), {
    kind: 'device.revoke/1',
    room: undefined,
    body: { device: made.device },
    part: null,
  });
  assert.match((await city.try('device', 'revoke', 'Desk')).err, /device\.unknown/);
  assert.match(
    (await city.try('device', 'enrol', 'x', '--rights', 'read')).err,
    /command\.usage[\s\S]*parley-enrol-1/,
  );
  assert.equal((await city.try('device', 'enrol', 'x', '--rights', 'rule')).status, 2);
});
