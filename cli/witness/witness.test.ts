import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { type Bytes, utf8 } from '@parley/core/bytes.ts';
import { openCheckpoint } from '@parley/core/checkpoint.ts';
import {
  formatSignatures,
  parseNote,
  parseSignatures,
  parseVkey,
  signedBy,
  type Vkey,
} from '@parley/core/note.ts';
import { eventually } from '@parley/core/testing/eventually.ts';
import { formatAddCheckpoint, readWitnessReply } from '@parley/core/witness.ts';
import { someLeaves, type TestLog, testLog } from '../testing/log.ts';
import { parley, start, temporary } from '../testing/terminal.ts';

interface Running {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

async function init(dir: string, type = 'ed25519'): Promise<Vkey> {
  const made = await parley([
    'witness',
    'init',
    '--name',
    'witness.example',
    '--type',
    type,
    '--dir',
    dir,
    '--json',
  ]);
  assert.equal(made.status, 0, made.err);
  return parseVkey(JSON.parse(made.out).vkey);
}

async function runWitness(t: TestContext, dir: string, log: TestLog): Promise<Running> {
  const args = ['witness', 'run', '--dir', dir, '--log', log.vkeyText, '--listen', '127.0.0.1:0', '--json'];
  const running = start(args);
  const stop = async () => {
    running.stop();
    assert.equal((await running.ended).status, 0);
  };
  t.after(stop);
  return { url: JSON.parse(await eventually('its URL', running.out)).url, stop };
}

async function post(
  url: string,
  body: Bytes | string,
): Promise<{ status: number; type: string | null; body: string }> {
  const response = await fetch(`${url}/add-checkpoint`, { method: 'POST', body });
  return { status: response.status, type: response.headers.get('content-type'), body: await response.text() };
}

function add(log: TestLog, old: number, size: number, proof = log.consistency(old, size)): Bytes {
  return formatAddCheckpoint({ old, proof, note: log.note(size) });
}

async function opened(note: Bytes, log: TestLog, witness: Vkey) {
  return openCheckpoint(note, { origin: log.vkey.name, logs: [log.vkey], witnesses: [witness] });
}

for (const type of ['ed25519', 'ml-dsa-44']) {
  test(`cosigns what grows, and everybody can look it up: ${type}`, async (t) => {
    const dir = temporary(t);
    const witness = await init(dir, type);
    const log = testLog('centre.example/log/1', someLeaves(9));
    const { url } = await runWitness(t, dir, log);
    for (const [old, size] of [
      [0, 0],
      [0, 3],
      [3, 3],
      [3, 9],
    ] as const) {
      const reply = await post(url, add(log, old, size));
      assert.equal(reply.status, 200, reply.body);
      const answer = readWitnessReply(reply, old);
      assert(answer.kind === 'cosigned');
      const { cosigned } = await opened(log.note(size, answer.signatures), log, witness);
      assert.equal(cosigned[0]?.name, 'witness.example');
      assert(Math.abs((cosigned[0]?.time ?? 0) - Date.now() / 1000) < 10);
    }
    const digest = createHash('sha256').update('centre.example/log/1').digest('hex');
    const monitored = await fetch(`${url}/${digest}/checkpoint`);
    const { checkpoint, cosigned } = await opened(
      new Uint8Array(await monitored.arrayBuffer()),
      log,
      witness,
    );
    assert.deepEqual([monitored.status, checkpoint.size, cosigned.length], [200, 9, 1]);
    assert.equal((await fetch(`${url}/${digest.replace(/./g, '0')}/checkpoint`)).status, 404);
  });
}

test('every refusal has the code that the protocol names', async (t) => {
  const dir = temporary(t);
  await init(dir);
  const leaves = someLeaves(8);
  const log = testLog('centre.example/log/1', leaves);
  const { url } = await runWitness(t, dir, log);
  assert.equal((await post(url, add(log, 0, 5))).status, 200);

  const stranger = testLog('elsewhere.example/log/1', leaves);
  const impostor = testLog('centre.example/log/1', leaves);
  const tampered = utf8(
    Buffer.from(add(log, 5, 8))
      .toString()
      .replace('\n8\n', '\n9\n'),
  );
  const forked = testLog('centre.example/log/1', someLeaves(8, 'fork'));
  const cases: readonly [string, number, Bytes | string][] = [
    ['unknown origin', 404, add(stranger, 0, 5)],
    ['signed by nobody we know', 403, add(impostor, 5, 8)],
    ['a signature of a known key that fails', 403, tampered],
    ['old over the size', 400, formatAddCheckpoint({ old: 6, proof: [], note: log.note(5) })],
    ['not a request', 400, 'hello'],
    ['no UTF-8', 400, new Uint8Array([0xff, 0xfe])],
    [
      '64 lines of proof',
      400,
      formatAddCheckpoint({
        old: 5,
        proof: Array.from({ length: 64 }, () => leaves[0] as Bytes),
        note: log.note(8),
      }),
    ],
    ['a proof that fails', 422, add(log, 5, 8, log.consistency(4, 8))],
    ['another old size', 409, add(log, 3, 8)],
    ['an old size of zero, to ask', 409, add(log, 0, 8)],
  ];
  for (const [what, status, body] of cases) assert.equal((await post(url, body)).status, status, what);
  assert.equal(forked.leaves.length, 8);

  const conflict = await post(url, add(log, 0, 8));
  assert.deepEqual([conflict.type, conflict.body], ['text/x.tlog.size', '5\n']);
  assert.equal((await post(url, 'x'.repeat(2 * 1024 * 1024 + 1))).status, 413);
  assert.equal((await fetch(`${url}/add-checkpoint`)).status, 405);
  assert.equal((await fetch(`${url}/nothing`)).status, 404);
  assert.equal((await post(url, add(log, 5, 8))).status, 200, 'none of it has moved the witness');
});

test('the same size with another root, a proof where none belongs, size zero with a root: 422', async (t) => {
  const dir = temporary(t);
  await init(dir);
  const { generateKeyPairSync } = await import('node:crypto');
  const { privateKey } = generateKeyPairSync('ed25519');
  const log = testLog('centre.example/log/1', someLeaves(6), privateKey);
  const fork = testLog('centre.example/log/1', someLeaves(6, 'fork'), privateKey);
  const { url } = await runWitness(t, dir, log);
  assert.equal((await post(url, add(log, 0, 4, [log.leaves[0] as Bytes]))).status, 422);
  assert.equal((await post(url, add(log, 0, 4))).status, 200);
  assert.equal((await post(url, add(fork, 4, 4))).status, 422);
  assert.equal((await post(url, add(fork, 4, 6))).status, 422);
  assert.throws(() => readWitnessReply({ status: 422, body: '' }, 4), { code: 'witness.conflict' });
});

test('two histories at once: one is cosigned, the other is not', async (t) => {
  const dir = temporary(t);
  await init(dir);
  const { generateKeyPairSync } = await import('node:crypto');
  const { privateKey } = generateKeyPairSync('ed25519');
  const log = testLog('centre.example/log/1', someLeaves(6), privateKey);
  const fork = testLog('centre.example/log/1', someLeaves(7, 'fork'), privateKey);
  const { url } = await runWitness(t, dir, log);
  const replies = await Promise.all(
    [add(log, 0, 6), add(fork, 0, 7), add(log, 0, 5), add(fork, 0, 6)].map((body) => post(url, body)),
  );
  assert.deepEqual(replies.map(({ status }) => status).sort(), [200, 409, 409, 409]);
  const sizes = replies.filter(({ status }) => status === 409).map(({ body }) => body);
  assert.equal(new Set(sizes).size, 1, 'all are told the size that was cosigned');
});

test('what it cosigned outlives the process', async (t) => {
  const dir = temporary(t);
  await init(dir);
  const log = testLog('centre.example/log/1', someLeaves(6));
  const first = await runWitness(t, dir, log);
  assert.equal((await post(first.url, add(log, 0, 4))).status, 200);
  await first.stop();
  const second = await runWitness(t, dir, log);
  assert.equal((await post(second.url, add(log, 0, 6))).body, '4\n');
  assert.equal((await post(second.url, add(log, 4, 6))).status, 200);
  await second.stop();
  const shown = await parley(['witness', 'show', '--dir', dir, '--json']);
  assert.deepEqual(
    JSON.parse(shown.out).logs.map(({ size }: { size: number }) => size),
    [6],
  );
});

test('two processes on one directory never cosign two histories', async (t) => {
  const dir = temporary(t);
  await init(dir);
  const log = testLog('centre.example/log/1', someLeaves(6));
  const one = await runWitness(t, dir, log);
  const two = await runWitness(t, dir, log);
  const replies = await Promise.all([one, two, one, two].map(({ url }, i) => post(url, add(log, 0, 3 + i))));
  assert.deepEqual(replies.map(({ status }) => status).sort(), [200, 409, 409, 409]);
});

test('lines of strangers under the note are not handed on', async (t) => {
  const dir = temporary(t);
  const witness = await init(dir);
  const log = testLog('centre.example/log/1', someLeaves(3));
  const { url } = await runWitness(t, dir, log);
  const stray = signedBy({ ...witness, name: 'stray.example', keyId: '01020304' }, new Uint8Array(72));
  const body = formatAddCheckpoint({ old: 0, proof: [], note: log.note(3, [stray]) });
  assert.equal((await post(url, body)).status, 200);
  const digest = createHash('sha256').update('centre.example/log/1').digest('hex');
  const note = parseNote(new Uint8Array(await (await fetch(`${url}/${digest}/checkpoint`)).arrayBuffer()));
  assert.deepEqual(
    note.signatures.map(({ name }) => name),
    ['centre.example/log/1', 'witness.example'],
  );
});

test('extension lines: an Ed25519 witness covers them, an ML-DSA-44 witness does not sign', async (t) => {
  const log = testLog('centre.example/log/1', someLeaves(3));
  for (const [type, status] of [
    ['ed25519', 200],
    ['ml-dsa-44', 400],
  ] as const) {
    const dir = temporary(t);
    const witness = await init(dir, type);
    const { url } = await runWitness(t, dir, log);
    const note = log.note(3, [], 'extension\n');
    const reply = await post(url, formatAddCheckpoint({ old: 0, proof: [], note }));
    assert.equal(reply.status, status, reply.body);
    if (status === 200) {
      const withOurs = utf8(Buffer.from(note).toString() + formatSignatures(parseSignatures(reply.body)));
      assert.equal((await opened(withOurs, log, witness)).cosigned.length, 1);
    }
  }
});

test('a witness without a log, without a key, with a strange key, or made twice is refused', async (t) => {
  const dir = temporary(t);
  const log = testLog('centre.example/log/1', someLeaves(1));
  assert.equal((await parley(['witness', 'run', '--dir', dir])).status, 2);
  assert.match((await parley(['witness', 'run', '--dir', dir, '--log', log.vkeyText])).err, /store\.absent/);
  const key = await init(dir);
  assert.match(
    (await parley(['witness', 'init', '--name', 'x.example', '--dir', dir])).err,
    /store\.present/,
  );
  assert.equal((await parley(['witness', 'init', '--name', 'a b', '--dir', temporary(t)])).status, 1);
  const cosigner = `${key.name}+${key.keyId}+${Buffer.concat([Buffer.of(4), key.publicKey]).toString('base64')}`;
  assert.match((await parley(['witness', 'run', '--dir', dir, '--log', cosigner])).err, /vkey\.malformed/);
});
