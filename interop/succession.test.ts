/** A disaster, and keys that are changed: from the first command of whoever runs the centre to the last check of a member. */

import assert from 'node:assert/strict';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { temporary } from '@parley/cli/testing/terminal.ts';
import type { Refusal } from '@parley/core/errors.ts';
import { eventually } from '@parley/core/testing/eventually.ts';
import { indicator } from '../server/testing/actor.ts';
import { Operator, type Person } from './testing/operating.ts';
import { policyText, Witness } from './testing/witness.ts';

const room = ['--room', 'Summit'];

/** Until the witness has cosigned all of it. */
const caughtUp = (witness: Witness, size: number) =>
  eventually('cosigned', async () => (await witness.size()) >= size);

async function roomWith(host: Person, ...members: readonly Person[]): Promise<void> {
  await host.run('room', 'open', '--title', 'Summit', '--purposes', 'event-security');
  for (const member of members) {
    const { party } = await member.json<{ party: string }>('whoami');
    await host.run('room', 'invite', 'Summit', party);
    await member.run('room', 'accept', 'Summit');
  }
}

async function shareOne(person: Person, name: string): Promise<{ party: string; id: string; index: number }> {
  const path = person.file(`${name}.json`, indicator(name));
  const { statements } = await person.json<{ statements: { party: string; id: string; index: number }[] }>(
    'share',
    path,
    ...room,
  );
  assert.ok(statements[0]);
  return statements[0];
}

const receiptOf = async (person: Person, { party, id }: { party: string; id: string }): Promise<string> => {
  const path = join(person.home, `${id}.receipt.json`);
  await person.run('receipt', 'get', `${party}/${id}`, '--out', path);
  return path;
};

interface Shared {
  readonly statements: { party: string; id: string; index: number }[];
  readonly files: { n: number }[];
}

interface Again {
  readonly log: string;
  readonly again: { id: string; kind: string }[];
  readonly there: { id: string }[];
  readonly waiting: { id: string; kind: string; code: string | null }[];
}
const resubmit = (person: Person) => person.json<Again>('resubmit');
const keysOf = (folder: string) => readFileSync(join(folder, 'log-keys.pem'), 'utf8');

test('a machine is lost, and what was said after its backup comes back from those who said it', async (t) => {
  const host = await Operator.begin(t);
  const { logs } = host;
  const witness = await Witness.begin('north', temporary(t), logs);
  t.after(() => witness.stop());
  const policy = join(host.dir, 'policy');
  writeFileSync(policy, policyText(logs, [witness], 1));
  host.configure({ witnesses: policy });
  await host.start();

  const [anna, bert] = [await host.member('Anna'), await host.member('Bert')];
  await roomWith(host, anna);
  const kept = await shareOne(anna, 'kept');
  const keptReceipt = await receiptOf(anna, kept);
  const backup = join(host.dir, 'backup');
  await host.run('backup', backup, '--with-keys', ...host.config);

  // What only they will have: a membership, a file, content, an end of content, and a party that joined.
  const { party: bertId } = await bert.json<{ party: string }>('whoami');
  await host.run('room', 'invite', 'Summit', bertId);
  await bert.run('room', 'accept', 'Summit');
  const plan = anna.file('plan.txt', 'Gates and posts');
  const shared = await anna.json<Shared>('share', '--file', plan, ...room);
  const file = { ...(shared.statements[0] ?? assert.fail()), n: shared.files[0]?.n };
  const lost = await shareOne(bert, 'lost');
  const wrong = await shareOne(bert, 'wrong');
  await bert.run('recall', `${wrong.party}/${wrong.id}`, '--reason', 'wrong');
  const lostReceipt = await receiptOf(bert, lost);
  const carl = await host.member('Carl');
  await anna.run('log');
  const { size } = await carl.json<{ size: number }>('log');
  await caughtUp(witness, size);

  const config = await host.lose();
  await host.run('restore', backup, '--to', host.folder);
  writeFileSync(join(host.folder, 'parley.json'), config);
  // Nothing but a witness can tell, and none can be asked.
  await witness.stop();
  await assert.rejects(host.start(), { code: 'policy.unmet' });
  await witness.start();
  await assert.rejects(host.start(), (error: Refusal) => {
    assert.equal(error.code, 'store.behind');
    assert.match(error.detail ?? '', /the witness north has cosigned \d+ records.*parley restore --succeed$/);
    return true;
  });
  // A rotation would hide the loss.
  assert.equal((await host.refused('rotate', ...host.config)).code, 'store.behind');
  const shown = await host.json<{ missing: { from: number; to: number }; index: null; known: string }>(
    ...(['restore', '--succeed', ...host.config] as [string, ...string[]]),
  );
  assert.deepEqual([shown.missing.to, shown.index, shown.known], [size, null, 'the witness north']);
  assert.ok(shown.missing.from < file.index && kept.index < shown.missing.from);
  const opened = await host.json<{ keys: string[]; index: number; log: string }>(
    ...(['restore', '--succeed', '--yes', ...host.config] as [string, ...string[]]),
  );
  assert.deepEqual([opened.index, opened.log], [shown.missing.from, 'centre.example/log/2']);
  assert.equal((await host.refused('restore', '--succeed', ...host.config)).code, 'succession.needless');
  await witness.trust(...opened.keys);
  await host.start();

  // Everybody is told once, and sees what is theirs.
  const told = await anna.run('log');
  assert.match(
    told.err,
    /goes on with centre\.example\/log\/2 after centre\.example\/log\/1: records were lost/,
  );
  assert.match(
    told.err,
    /Of those this device has said 1; "parley resubmit" says them again:\n {2}[0-9a-f]{8}/,
  );
  assert.equal((await anna.run('log')).err, '');
  const before = await anna.json<{ lost: { again: boolean }[]; receipts: number }>('verify');
  assert.deepEqual(
    before.lost.map(({ again }) => again),
    [false],
  );
  // Nobody waits for another in vain: what rests on others comes when they have spoken.
  const first = await resubmit(carl);
  assert.deepEqual(
    [first.again, first.waiting.map(({ kind, code }) => [kind, code])],
    [[], [['party.found/1', 'invitation.unknown']]],
  );
  assert.deepEqual((await resubmit(bert)).again, []);
  const host2 = await resubmit(host);
  assert.deepEqual(host2.waiting, []);
  assert.deepEqual(
    new Set(host2.again.map(({ kind }) => kind)),
    new Set(['room.invite/1', 'party.invite/1']),
  );
  assert.deepEqual(
    (await resubmit(anna)).again.map(({ id }) => id),
    [file.id],
  );
  const berts = await resubmit(bert);
  assert.deepEqual(
    berts.again.map(({ kind }) => kind),
    ['room.accept/1', 'share/1'],
  );
  // What was taken back is not said again, and nothing of its content was kept to do so.
  assert.deepEqual(
    berts.waiting.map(({ kind, code }) => [kind, code]),
    [
      ['share/1', null],
      ['recall/1', 'target.unknown'],
    ],
  );
  assert.equal((await resubmit(carl)).again.length, 1);
  assert.deepEqual((await resubmit(anna)).again, []);
  await carl.run('whoami');

  // Reading goes on, the file is there, and what each keeps is still true.
  const read = await anna.run('read', ...room);
  assert.match(read.out, /kept[\s\S]*lost/);
  const out = join(anna.home, 'plan.out');
  await anna.run('file', 'get', `${file.party}/${file.id}`, String(file.n), '--out', out);
  assert.equal(readFileSync(out, 'utf8'), 'Gates and posts');
  for (const person of [host, anna, bert, carl]) {
    const { lost: gone, origin } = await person.json<{
      lost: { again: boolean; id: string }[];
      origin: string;
    }>('verify');
    assert.equal(origin, 'centre.example/log/2');
    const still = person === bert ? 2 : 0;
    assert.equal(gone.filter(({ again }) => !again).length, still);
  }
  // Old receipts verify: by what the home knows, and by the key alone.
  for (const [person, path, { party }] of [
    [anna, keptReceipt, kept],
    [bert, lostReceipt, lost],
  ] as const) {
    assert.match(
      (await person.run('receipt', 'verify', path, '--party', party)).out,
      /centre\.example\/log\/1, size/,
    );
    await person.run('receipt', 'verify', path, '--party', party, '--log-key', logs[0] ?? '');
  }
  const anew = await receiptOf(bert, lost);
  const proven = await bert.json<{ log: { origin: string } }>(
    'receipt',
    'verify',
    anew,
    '--party',
    lost.party,
  );
  assert.equal(proven.log.origin, 'centre.example/log/2');
  await caughtUp(witness, (await anna.json<{ size: number }>('log')).size);
  await host.stop();
  await host.run('fsck', ...host.config);

  assert.deepEqual(host.doubts, []);
});

test('the keys of a log are changed: the leaked one speaks for nothing any more', async (t) => {
  const host = await Operator.begin(t);
  await host.start();
  const anna = await host.member('Anna');
  await roomWith(host, anna);
  const said = await shareOne(anna, 'one');
  const receipt = await receiptOf(anna, said);
  assert.equal((await host.refused('rotate', ...host.config)).code, 'store.held');
  await host.stop();
  const before = join(host.dir, 'before');
  cpSync(host.folder, before, { recursive: true });
  const rotated = await host.json<{ log: string; keys: string[] }>(
    'rotate',
    ...(host.config as [string, string]),
  );
  assert.equal(rotated.log, 'centre.example/log/2');
  assert.notEqual(keysOf(host.folder), keysOf(before));
  assert.equal(existsSync(join(host.folder, 'next-log-keys.pem')), false);
  await host.start();
  const { err } = await anna.run('log');
  assert.match(err, /its keys were changed\. All that this device has seen is still there\./);
  await shareOne(anna, 'two');
  assert.deepEqual((await resubmit(anna)).again, []);
  const report = await anna.json<{ origin: string; receipts: number; lost: [] }>(
    'verify',
    '--receipt',
    receipt,
  );
  assert.deepEqual([report.origin, report.lost], ['centre.example/log/2', []]);
  assert.ok(report.receipts >= 4);
  await anna.run('receipt', 'verify', receipt, '--party', said.party);
  await host.stop();

  // Whoever has the old key and the store of then goes on with it, and shows members its own history.
  const real = join(host.dir, 'real');
  cpSync(host.folder, real, { recursive: true });
  const config = readFileSync(join(host.folder, 'parley.json'), 'utf8');
  const put = (folder: string) => {
    rmSync(host.folder, { recursive: true, force: true });
    cpSync(folder, host.folder, { recursive: true });
    writeFileSync(join(host.folder, 'parley.json'), config);
  };
  put(before);
  await host.start();
  const gone = await anna.refused('log');
  assert.equal(gone.code, 'checkpoint.origin');
  assert.match(gone.detail, /centre\.example\/log\/1 ended, and centre\.example\/log\/2 followed it/);
  await host.stop();
  put(real);
  await host.start();
  await anna.run('verify');
  assert.deepEqual(host.doubts, []);
});

test('a host that drops records under the name of a succession is noticed by who has seen them', async (t) => {
  const host = await Operator.begin(t);
  await host.start();
  const anna = await host.member('Anna');
  await roomWith(host, anna);
  await host.stop();
  const before = join(host.dir, 'before');
  cpSync(host.folder, before, { recursive: true });
  await host.start();
  const said = await shareOne(anna, 'unwelcome');
  const known = await anna.run('log', '--known');
  const config = await host.lose();
  cpSync(before, host.folder, { recursive: true });
  writeFileSync(join(host.folder, 'parley.json'), config);
  await host.run('rotate', ...host.config);
  await host.start();
  const denied = await anna.refused('log');
  assert.equal(denied.code, 'succession.denied');
  assert.match(
    denied.detail,
    /says that nothing is missing; this device has seen \d+, and said 1 of those that are gone/,
  );
  assert.equal((await anna.refused('read', ...room)).code, 'succession.denied');
  // Who has asked goes on, and is told again what is gone.
  const { err } = await anna.run('log', '--accept');
  assert.match(err, /1 record that this device has seen is gone, more than the centre says/);
  assert.equal((await anna.refused('verify')).code, 'succession.denied');
  assert.deepEqual(
    (await resubmit(anna)).waiting.map(({ id, code }) => [id, code]),
    [],
  );
  await host.stop();

  // With what a member knows, the loss is told as one.
  await host.lose();
  cpSync(before, host.folder, { recursive: true });
  writeFileSync(join(host.folder, 'parley.json'), config);
  const file = anna.file('known', known.out);
  const shown = await host.json<{ before: { size: number }; known: string }>(
    ...(['restore', '--succeed', '--checkpoint', file, ...host.config] as [string, ...string[]]),
  );
  assert.deepEqual([shown.before.size, shown.known], [said.index + 1, file]);
});

test('what is kept goes when it is taken back, when its days are over, and when nobody wants it kept', async (t: TestContext) => {
  const host = await Operator.begin(t);
  await host.start();
  await roomWith(host);
  const { folder } = await host.json<{ folder: string }>('kept');
  const lines = () =>
    readdirSync(folder, { recursive: true })
      .map(String)
      .filter((name) => name.includes('lines'));
  const all = lines().length;
  const said = await shareOne(host, 'one');
  assert.equal(lines().length, all + 1);
  await host.run('recall', `${said.party}/${said.id}`);
  assert.equal(
    lines().some((name) => name.includes(said.id)),
    false,
  );
  await shareOne(host, 'two');
  assert.equal((await host.json<{ days: number }>('kept')).days, 30);
  await host.run('kept', '--days', '0');
  await shareOne(host, 'three');
  assert.equal(existsSync(folder), false);
});
