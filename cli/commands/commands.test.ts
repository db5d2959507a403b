import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { member, testCentre } from '../testing/centre.ts';
import { parley, temporary } from '../testing/terminal.ts';

const object = (n: number, name = 'x') =>
  `{"type":"indicator",  "id":"indicator--00000000-0000-4000-8000-${String(n).padStart(12, '0')}","modified":"2026-01-01T00:00:00Z","name":"${name}"}`;

async function withRoom(t: TestContext, purposes = 'event-security,threat-prevention') {
  const centre = await testCentre(t);
  const city = await member(t, centre, 'City of Marrow');
  const opened = await city.json<{ opened: string; party: string; kind: string; index: number }>(
    ...['room', 'open', '--title', 'Summit 2026', '--purposes', purposes, '--retention', '90'],
  );
  return { centre, city, opened };
}

function file(t: TestContext, name: string, content: string | Uint8Array): string {
  const path = join(temporary(t), name);
  writeFileSync(path, content);
  return path;
}

test('joining keeps the key in the home, and nothing of it is printed', async (t) => {
  const centre = await testCentre(t);
  const city = await member(t, centre, 'City of Marrow');
  const shown = await city.json<Record<string, unknown>>('whoami');
  assert.deepEqual(Object.keys(shown), [
    'party',
    'name',
    'device',
    'deviceName',
    'centre',
    'url',
    'origin',
    'purpose',
    'justified',
    'fingerprint',
    'home',
  ]);
  assert.deepEqual([shown.party, shown.name, shown.centre], [city.party, 'City of Marrow', 'centre.example']);
  const human = await city.do('whoami');
  assert.match(human, /(?:[0-9a-f]{4} ){3}[0-9a-f]{4}\n/);
  const { pkcs8 } = JSON.parse(readFileSync(join(city.home, 'device.json'), 'utf8'));
  assert(!human.includes(pkcs8) && !JSON.stringify(shown).includes(pkcs8));
  assert.equal(statSync(join(city.home, 'device.json')).mode & 0o777, 0o600);
  const again = await city.try('join', centre.url, '1', '--name', 'x', '--device', 'y');
  assert.deepEqual([again.status, /home\.present/.test(again.err)], [2, true]);
});

test('a refused join leaves the home free, an uncertain one keeps the key', async (t) => {
  const centre = await testCentre(t);
  const join = (home: string) =>
    parley(['join', centre.url, '00000', '--name', 'x', '--device', 'y', '--home', home]);
  const { alter } = centre.small;
  const refuse = (status: number, body: object) => {
    centre.small.alter = (path, answer) =>
      path.endsWith('/statements') ? { status, body: JSON.stringify(body) } : alter(path, answer);
  };
  const home = temporary(t);
  refuse(403, { code: 'invitation.unknown' });
  const refused = await join(home);
  assert.deepEqual([refused.status, readdirSync(home).includes('device.json')], [1, false]);
  refuse(500, { code: 'fault' });
  const uncertain = await join(home);
  assert.deepEqual([uncertain.status, readdirSync(home).includes('device.json')], [3, true]);
  assert.match(uncertain.err, /whether the party was founded is not known/);
});

test('sharing in every form that people have, and reading it back byte for byte', async (t) => {
  const { city } = await withRoom(t);
  const bundle = `{"type":"bundle","id":"bundle--00000000-0000-4000-8000-000000000000","objects":[${object(1)},\n${object(2)}]}`;
  const lines = Array.from({ length: 300 }, (_, n) => object(n + 10)).join('\n');
  const first = await city.json<{ objects: number; handling: { until: string }; statements: object[] }>(
    'share',
    file(t, 'bundle.json', bundle),
    '--room',
    'summit 2026',
  );
  // The room keeps nothing longer than 90 days.
  const { until } = first.handling;
  const left = 90 * 86_400_000 - (Date.parse(until) - Date.now());
  assert.ok(left > 0 && left < 120_000, until);
  assert.deepEqual(first.handling, {
    to: 'room',
    purposes: ['event-security', 'threat-prevention'],
    onward: 'ask',
    until,
    review: null,
    tlp: 'amber',
    personal: false,
  });
  assert.deepEqual(
    [first.objects, first.statements.length, Object.keys(first.statements[0] ?? {})],
    [2, 1, ['party', 'id', 'kind', 'room', 'index', 'came']],
  );
  const many = await city.json<{ objects: number; statements: object[] }>(
    'share',
    file(t, 'lines.jsonl.gz', gzipSync(lines)),
    '--room',
    'Summit 2026',
    '--purpose',
    'event-security',
  );
  assert.deepEqual([many.objects, many.statements.length], [300, 2]);

  const read = ['read', '--room', 'Summit 2026', '--purpose', 'event-security'];
  assert.equal(await city.do(...read, '--objects'), `${object(1)}\n${object(2)}\n${lines}\n`);
  const made = JSON.parse(await city.do(...read, '--bundle', '--limit', '2'));
  assert.deepEqual([made.type, made.objects.length], ['bundle', 2]);
  const out = join(temporary(t), 'out.jsonl');
  assert.deepEqual(await city.json(...read, '--out', out), { file: out, objects: 302, statements: 3 });
  assert.equal(readFileSync(out, 'utf8'), `${object(1)}\n${object(2)}\n${lines}\n`);
  assert.equal(statSync(out).mode & 0o777, 0o600);
  const [line = ''] = (await city.do(...read, '--json')).split('\n');
  assert.deepEqual(Object.keys(JSON.parse(line)), [
    'party',
    'id',
    'n',
    'room',
    'connector',
    'came',
    'added',
    'handling',
    'object',
    'file',
  ]);
  assert.match(await city.do(...read, '--limit', '1'), /City of Marrow .* indicator +TLP:AMBER +x\n$/);
});

test('the standard input is shared, too', async (t) => {
  const { city } = await withRoom(t);
  const { status, out } = await parley(['share', '-', '--room', 'Summit 2026'], {
    stdin: object(1),
    env: { PARLEY_HOME: city.home },
  });
  assert.deepEqual(
    [
      status,
      /^Shared 1 object into "Summit 2026": to the room, for event-security, threat-prevention; TLP:AMBER; onward: ask; until [-0-9]+ [:0-9]+Z\.\n/.test(
        out,
      ),
    ],
    [0, true],
    out,
  );
});

test('what cannot be shared is refused before anything is said', async (t) => {
  const { city, centre } = await withRoom(t);
  const good = file(t, 'one.json', object(1));
  const before = centre.small.kept.length;
  const wrong: readonly [number, RegExp, string[]][] = [
    [1, /handling\.contradiction/, [good, '--to', 'public', '--tlp', 'amber']],
    [1, /handling\.contradiction/, [good, '--tlp', 'red']],
    [2, /command\.usage/, [good, '--until', 'soon']],
    [2, /command\.usage[\s\S]*still to come/, [good, '--until', '2020-01-31']],
    [1, /handling\.purpose[\s\S]*allow only event-security/, [good, '--to', 'public']],
    [2, /command\.usage/, [good, '--tlp', 'pink']],
    [1, /party\.unknown/, [good, '--to', 'Nobody']],
    [2, /file\.unreadable/, [join(temporary(t), 'absent.json')]],
    [1, /json\.malformed/, [file(t, 'broken.json', '{"type":')]],
    [1, /parts\.count/, [file(t, 'empty.json', '')]],
    [2, /file\.unreadable/, [file(t, 'broken.gz', gzipSync(object(1)).subarray(0, 30))]],
  ];
  for (const [status, code, args] of wrong) {
    const ran = await city.try('share', ...args, '--room', 'Summit 2026');
    assert.equal(ran.status, status, ran.err);
    assert.match(ran.err, code);
    assert.equal(ran.out, '');
  }
  assert.match((await city.try('share', good, '--room', 'Elsewhere')).err, /room\.unknown/);
  assert.equal(centre.small.kept.length, before);
});

test('a public share has the handling that its label demands', async (t) => {
  const { city } = await withRoom(t, 'event-security,public-information');
  const { handling } = await city.json<{ handling: { until: string } }>(
    'share',
    file(t, 'one.json', object(1)),
    '--room',
    'Summit 2026',
    '--to',
    'public',
  );
  assert.deepEqual(handling, {
    to: 'public',
    purposes: ['public-information'],
    onward: 'room',
    until: handling.until,
    review: null,
    tlp: 'clear',
    personal: false,
  });
});

test('reading needs a purpose that somebody chose, and open keeps it', async (t) => {
  const { city } = await withRoom(t);
  const none = await city.try('read');
  assert.deepEqual([none.status, /for a purpose/.test(none.err)], [2, true]);
  assert.deepEqual(
    (await city.json<{ purpose: string }>('open', '--purpose', 'event-security')).purpose,
    'event-security',
  );
  assert.match(await city.do('read'), /^Nothing that you may see for event-security/);
  const justified = await city.json<Record<string, unknown>>('open', '--justification', 'Case 1');
  assert.deepEqual([justified.purpose, justified.justified], ['event-security', true]);
  assert.equal((await city.json<{ justified: boolean }>('whoami')).justified, true);
  await city.do('open', '--purpose', 'threat-prevention');
  assert.equal(
    (await city.json<{ justified: boolean }>('whoami')).justified,
    false,
    'it was given for another purpose',
  );
  assert.equal((await city.try('open')).status, 2);
});

test('statements, show, rooms and terms', async (t) => {
  const { city, opened } = await withRoom(t);
  await city.do('open', '--purpose', 'event-security');
  const { statements } = await city.json<{ statements: { id: string }[] }>(
    'share',
    file(t, 'one.json', object(1, 'bad \u202e name')),
    '--room',
    opened.opened.slice(0, 8),
  );
  const id = statements[0]?.id ?? '';
  const kinds = (await city.do('statements', '--json'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).kind);
  assert.deepEqual(kinds, ['centre.open/1', 'party.found/1', 'room.open/1', 'share/1']);
  assert.equal((await city.do('statements', '--kind', 'share')).split('\n').length, 2);
  const bogus = await city.try('statements', '--kind', 'bogus');
  assert.deepEqual([bogus.status, /share, recall, ask/.test(bogus.err)], [2, true]);
  for (const typed of [id.slice(0, 8), `${city.party}/${id}`, `City of Marrow/${id.slice(0, 10)}`]) {
    const shown = await city.json<{ id: string; objects: { n: number }[] }>('show', typed);
    assert.deepEqual([shown.id, shown.objects.map(({ n }) => n)], [id, [0]]);
  }
  assert(!(await city.do('show', id)).includes('\u202e'));
  assert(!(await city.do('read')).includes('\u202e'));
  assert.equal((await city.try('show', 'abc')).status, 2);
  assert.deepEqual([(await city.try('show', '00000000')).status], [1]);

  const { rooms } = await city.json<{ rooms: { room: string }[] }>('room', 'list');
  assert.deepEqual(
    rooms.map(({ room }) => room),
    [opened.opened],
  );
  assert.match(
    await city.do('room', 'show', 'Summit 2026'),
    /Terms that bind you[\s\S]*erased after +90 days/,
  );
  const changed = await city.json<{ kind: string; room: string }>(
    'room',
    'terms',
    'Summit 2026',
    '--retention',
    'none',
  );
  assert.deepEqual([changed.kind, changed.room], ['room.terms/1', opened.opened]);
  assert.match((await city.try('room', 'accept', 'Summit 2026', '--terms', 'x')).err, /terms\.other/);
});

test('a receipt is fetched with a part, and proves it offline', async (t) => {
  const { city, centre } = await withRoom(t);
  await city.do('open', '--purpose', 'event-security');
  const { statements } = await city.json<{ statements: { id: string }[] }>(
    'share',
    file(t, 'two.json', `${object(1)}\n${object(2)}`),
    '--room',
    'Summit 2026',
  );
  const id = statements[0]?.id ?? '';
  const receipt = join(temporary(t), 'receipt.json');
  assert.deepEqual(
    (await city.json<{ parts: number[] }>('receipt', 'get', id, '--part', '1', '--out', receipt)).parts,
    [1],
  );
  assert.equal((await city.try('receipt', 'get', id, '--part', '7')).status, 2);
  const { logs } = await city.json<{ logs: string[] }>('log');
  const part = file(t, 'part.json', `${object(2)}\n`);
  // No home, no centre: only the file, the key and the fingerprint.
  const args = [
    'receipt',
    'verify',
    receipt,
    '--log-key',
    logs[0] ?? '',
    '--party',
    city.party,
    '--home',
    temporary(t),
  ];
  const { status, out, err } = await parley([...args, '--part', `1=${part}`, '--json']);
  assert.equal(status, 0, err);
  const report = JSON.parse(out);
  assert.deepEqual(
    [report.party, report.id, report.parts, report.policy],
    [city.party, id, { count: 2, proven: [1] }, null],
  );
  assert.equal(report.log.size, centre.small.kept.length);
  assert.match(
    (await parley([...args, '--part', `1=${file(t, 'other.json', object(1))}`])).err,
    /parts\.root/,
  );
});

test('verify audits, remembers, and finds a log that shrank', async (t) => {
  const { city, centre } = await withRoom(t);
  const report = await city.json<Record<string, unknown>>('verify');
  assert.deepEqual([report.origin, report.entries, report.statements], ['centre.example/log/1', 3, 3]);
  assert.match(await city.do('verify'), /^Everything that you may see is as it was said\.\n/);
  const { alter } = centre.small;
  const leaves = centre.small.entries.length;
  centre.small.entries.pop();
  const shrunk = await city.try('verify', '--json');
  assert.deepEqual([shrunk.status, JSON.parse(shrunk.err).error.code], [1, 'proof.consistency'], shrunk.err);
  assert.equal(leaves, 3);
  const { requests } = centre.small;
  requests.length = 0;
  for (const args of [
    ['tasks'],
    ['share', file(t, 'late.json', object(1)), '--room', 'Summit', '--tlp', 'amber'],
  ]) {
    const { status, err } = await city.try(...args);
    assert.equal(status, 1);
    assert.match(err, /proof\.consistency/);
  }
  assert.deepEqual(
    requests.filter((path) => /\/(sessions|statements)/.test(path)),
    [],
  );
  centre.small.alter = alter;
});

test('a centre that is reached elsewhere is the same centre, or the home stays as it is', async (t) => {
  const { city, centre } = await withRoom(t);
  const { url } = JSON.parse(readFileSync(join(city.home, 'device.json'), 'utf8'));
  const other = await testCentre(t);
  const refused = await city.try('home', '--url', other.url, '--json');
  assert.deepEqual([refused.status, JSON.parse(refused.err).error.code], [1, 'read.unproven']);
  assert.equal((await city.json<{ url: string }>('home')).url, url);
  const moved = await city.json<Record<string, unknown>>(
    'home',
    '--url',
    centre.url.replace('127.0.0.1', 'localhost'),
  );
  assert.deepEqual([moved.before, /localhost/.test(String(moved.url))], [url, true]);
  assert.equal(statSync(join(city.home, 'device.json')).mode & 0o777, 0o600);
  await city.do('room', 'list');
});

test('a centre that does not answer is a fault', async (t) => {
  const { city, centre } = await withRoom(t);
  const profile = JSON.parse(readFileSync(join(city.home, 'device.json'), 'utf8'));
  writeFileSync(join(city.home, 'device.json'), JSON.stringify({ ...profile, url: 'http://127.0.0.1:9/' }), {
    mode: 0o600,
  });
  assert.deepEqual([(await city.try('room', 'list')).status, centre.url !== ''], [3, true]);
});

test('lists are printed as they come, and with --json as documented', async (t) => {
  const { city, centre, opened } = await withRoom(t);
  const at = '2026-05-01T12:00:00.000000Z';
  const statement = { party: city.party, id: '0b7d8f60-1111-4222-8333-444455556666' };
  const answers: readonly [string[], string, Record<string, unknown[]>, RegExp][] = [
    [
      ['device', 'list'],
      'devices',
      {
        devices: [
          {
            ...{
              device: city.party,
              name: 'Desk',
              rights: ['read'],
              ends: null,
              enrolled: at,
              revoked: null,
            },
            ...{ rooms: null, personal: true, from: 'founding' },
          },
        ],
      },
      /Desk \(this one\)/,
    ],
    [
      ['tasks'],
      'tasks',
      {
        tasks: [{ what: 'ask', room: opened.opened, since: at, statement, party: city.party, detail: null }],
      },
      /parley grant [0-9a-f]{8}\/0b7d8f60, or deny/,
    ],
    [
      ['recalls'],
      'recalls',
      {
        recalls: [
          {
            statement,
            target: statement,
            cause: 'recall',
            at,
            from: null,
            erased: null,
            held: [],
            recipients: [
              { party: city.party, notice: statement, answer: null, basis: null, until: null, at: null },
            ],
          },
        ],
      },
      /1 answer missing of 1/,
    ],
    [
      ['locked', '--purpose', 'event-security'],
      `rooms/${opened.opened}/locked`,
      {
        locked: [
          {
            party: city.party,
            type: 'indicator',
            count: 3,
            needs: { purposes: ['threat-prevention'], justification: true },
          },
        ],
      },
      /3 +--purpose threat-prevention and --justification/,
    ],
    [
      ['readers', `${statement.party}/${statement.id}`],
      `statements/${statement.party}/${statement.id}/readers`,
      { readers: [{ party: city.party, purpose: 'event-security', at, parts: [0, 1, 2, 7] }] },
      /0-2, 7/,
    ],
  ];
  for (const [args, route, answer, human] of answers) {
    centre.routes.set(route, answer);
    const [name = ''] = Object.keys(answer);
    const printed = await city.json<Record<string, { room?: string }[]>>(...args);
    const [{ room: _, ...first } = {}] = printed[name] ?? [];
    const { room: __, ...expected } = (answer[name]?.[0] ?? {}) as { room?: string };
    assert.deepEqual(first, expected, args.join(' '));
    assert.match(await city.do(...args), human);
  }
});

test('events are printed once, from where the last time ended', async (t) => {
  const { city, centre } = await withRoom(t);
  const { small } = centre;
  const { alter } = small;
  const asked: (string | null)[] = [];
  const event = (n: number) => {
    const kept = small.kept[n];
    assert(kept);
    return `id: e${n}\nevent: ${kept.statement.header.kind}\ndata: ${small.statementLine(kept)}\n\n`;
  };
  centre.onRequest = (path, headers) => {
    if (path === '/api/v1/events') asked.push(String(headers['last-event-id'] ?? ''));
  };
  const streams = [event(1) + event(2), 'id: e3\nevent: reread\ndata:  \n\n'];
  small.alter = (path, answer) =>
    path === 'api/v1/events' ? { status: 200, body: streams.shift() ?? '' } : alter(path, answer);
  const events = ['events', '--purpose', 'event-security', '--wait', '1'];
  const first = (await city.do(...events, '--json'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    first.map((each) => [each.event, each.reread, each.statement.kind]),
    [
      ['e1', false, 'party.found/1'],
      ['e2', false, 'room.open/1'],
    ],
  );
  assert.match(await city.do(...events), /^What you may see has widened/);
  assert.deepEqual([asked[0], asked.includes('e2')], ['', true]);
});
