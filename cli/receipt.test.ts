import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { base64, fromUtf8, utf8 } from '@parley/core/bytes.ts';
import { joinConsent } from '@parley/core/keys.ts';
import { rootOf } from '@parley/core/merkle.ts';
import { parseSignatures } from '@parley/core/note.ts';
import { partLeaf, partOf } from '@parley/core/parts.ts';
import { receiptJson } from '@parley/core/receipt.ts';
import { commitment, recordLeaf } from '@parley/core/record.ts';
import { isA, parseStatement, refOf, type Signer, signHeader } from '@parley/core/statement.ts';
import { eventually } from '@parley/core/testing/eventually.ts';
import { formatAddCheckpoint } from '@parley/core/witness.ts';
import { generateKey, random } from '@parley/sdk/signer.ts';
import { someLeaves, type TestLog, testLog } from './testing/log.ts';
import { parley, start, temporary } from './testing/terminal.ts';

const object = utf8('{"type":"indicator","id":"indicator--00000000-0000-4000-8000-000000000001","name":"x"}');

const handling = {
  to: 'room',
  purposes: ['event-security'],
  onward: 'ask',
  until: null,
  review: null,
  tlp: 'amber',
  personal: false,
};

/** A party that founds itself and shares two objects, in a log of nine. */
async function madeUp() {
  const { signer } = await generateKey();
  const founding = await found(signer);
  const parts = [partOf(object, random), partOf(utf8('{"type":"x"}'), random)];
  const leaves = parts.map(partLeaf);
  const about = {
    kind: 'share/1',
    centre: 'centre.example',
    room: crypto.randomUUID(),
    id: crypto.randomUUID(),
  };
  const header = {
    ...about,
    party: signer.device,
    device: signer.device,
    at: '2026-05-01T12:00:00.000Z',
    body: { handling },
    parts: { count: 2, root: base64(rootOf(leaves)) },
  };
  const statement = parseStatement((await signHeader(header as never, signer)) as never);
  const record = { index: 4, instant: 1_777_636_800_000_123, span: 2, nonce: random(32) };
  const all = someLeaves(9);
  all[4] = recordLeaf(commitment(record, statement.envelope));
  const log = testLog('centre.example/log/1', all);
  const receipt = (proof = log.proof(4, 9)) =>
    receiptJson({
      statement,
      record,
      leaves,
      parts: new Map([[0, parts[0] as never]]),
      proof,
      chain: [founding],
    });
  return {
    party: signer.device,
    log,
    receipt,
    parts,
    ref: refOf(statement.header),
    header: statement.header,
  };
}

async function found(signer: Signer) {
  const invitation = await generateKey();
  const consent = await invitation.signer.sign(joinConsent('centre.example', signer.publicKey));
  const part = partOf(utf8('{"name":"City","device":"Desk"}'), random);
  const body = {
    key: base64(signer.publicKey),
    ends: null,
    invitation: { key: base64(invitation.signer.publicKey), signature: base64(consent) },
  };
  const about = {
    kind: 'party.found/1',
    centre: 'centre.example',
    id: crypto.randomUUID(),
    party: signer.device,
    device: signer.device,
  };
  const header = {
    ...about,
    at: '2026-05-01T11:00:00.000Z',
    body,
    parts: { count: 1, root: base64(rootOf([partLeaf(part)])) },
  };
  return parseStatement((await signHeader(header as never, signer)) as never);
}

function saved(t: TestContext, name: string, content: unknown): string {
  const path = join(temporary(t), name);
  writeFileSync(
    path,
    typeof content === 'string' || content instanceof Uint8Array ? content : JSON.stringify(content),
  );
  return path;
}

test('a receipt is valid with the key of the log and the fingerprint of the party', async (t) => {
  const { party, log, receipt, ref, header } = await madeUp();
  const file = saved(t, 'receipt.json', receipt());
  const args = [
    'receipt',
    'verify',
    file,
    '--log-key',
    log.vkeyText,
    '--party',
    party.toUpperCase().replace(/(.{4})/g, '$1 '),
  ];
  const { status, out, err } = await parley([...args, '--json']);
  assert.equal(status, 0, err);
  assert(isA(header, 'share/1'));
  assert.deepEqual(JSON.parse(out), {
    party,
    id: ref.id,
    kind: 'share/1',
    centre: 'centre.example',
    room: header.room,
    device: party,
    from: 'founding',
    said: '2026-05-01T12:00:00.000Z',
    came: '2026-05-01T12:00:00.000123Z',
    index: 4,
    log: { origin: 'centre.example/log/1', size: 9, signatures: [{ key: 'Ed25519', result: 'valid' }] },
    witnesses: [],
    policy: null,
    parts: { count: 2, proven: [0] },
  });
  const human = await parley(args);
  assert.match(human.out, /^The receipt is valid\.\n/);
  assert.match(human.out, /parts proven +#0, of 2/);
  const piped = await parley(['receipt', 'verify', '-', ...args.slice(3)], {
    stdin: JSON.stringify(receipt()),
  });
  assert.equal(piped.status, 0, piped.err);
});

test('what was changed, or is of somebody else, is not proven', async (t) => {
  const { party, log, receipt } = await madeUp();
  const other = await madeUp();
  const good = receipt();
  const cases: readonly [string, unknown, string, string][] = [
    ['receipt.party', good, log.vkeyText, other.party],
    ['note.unsigned', good, testLog('centre.example/log/1', []).vkeyText, party],
    ['checkpoint.origin', good, testLog('elsewhere.example/log/1', []).vkeyText, party],
    ['receipt.commitment', { ...good, record: { ...good.record, index: 5 } }, log.vkeyText, party],
    [
      'proof.inclusion',
      { ...good, record: { ...good.record, instant: good.record.instant + 1 } },
      log.vkeyText,
      party,
    ],
    [
      'parts.root',
      { ...good, parts: [{ ...good.parts?.[0], bytes: base64(utf8('{}')) }] },
      log.vkeyText,
      party,
    ],
    [
      'signature.invalid',
      {
        ...good,
        statement: {
          ...good.statement,
          signatures: [{ ...good.statement.signatures[0], sig: base64(new Uint8Array(64)) }],
        },
      },
      log.vkeyText,
      party,
    ],
    ['chain.broken', { ...good, chain: other.receipt().chain }, log.vkeyText, party],
    ['receipt.malformed', { ...good, format: 'parley-receipt/2' }, log.vkeyText, party],
    ['json.malformed', 'hello', log.vkeyText, party],
  ];
  for (const [code, content, key, fingerprint] of cases) {
    const args = [
      'receipt',
      'verify',
      saved(t, 'receipt.json', content),
      '--log-key',
      key,
      '--party',
      fingerprint,
      '--json',
    ];
    const { status, out, err } = await parley(args);
    assert.deepEqual([status, out, JSON.parse(err).error.code], [1, '', code], code);
  }
});

test('a file is what was said: with its salt, or without where the receipt has it', async (t) => {
  const { party, log, receipt, parts } = await madeUp();
  const args = [
    'receipt',
    'verify',
    saved(t, 'receipt.json', receipt()),
    '--log-key',
    log.vkeyText,
    '--party',
    party,
  ];
  const withPart = (part: string) => parley([...args, '--json', '--part', part]);
  const salted = `{"salt":"${base64(parts[1]?.salt ?? utf8(''))}","part":${fromUtf8(parts[1]?.bytes ?? utf8(''))}}\n`;
  assert.deepEqual(JSON.parse((await withPart(`1=${saved(t, 'one', salted)}`)).out).parts.proven, [0, 1]);
  assert.equal((await withPart(`0=${saved(t, 'zero', object)}`)).status, 0);
  assert.match((await withPart(`0=${saved(t, 'zero', '{"type":"y"}')}`)).err, /parts\.root/);
  assert.match((await withPart(`1=${saved(t, 'one', salted.replace('"x"', '"y"'))}`)).err, /parts\.root/);
  assert.match((await withPart(`1=${saved(t, 'one', '{"type":"x"}')}`)).err, /part\.malformed.*salt/s);
});

/** Cosigns the checkpoint of a log with a witness that runs, and gives its lines. */
async function cosign(t: TestContext, log: TestLog, name: string): Promise<{ vkey: string; lines: string }> {
  const dir = temporary(t);
  const { vkey } = JSON.parse(
    (await parley(['witness', 'init', '--name', name, '--dir', dir, '--json'])).out,
  );
  const running = start(['witness', 'run', '--dir', dir, '--log', log.vkeyText, '--listen', '0', '--json']);
  const { url } = JSON.parse(await eventually('its URL', running.out));
  const body = formatAddCheckpoint({ old: 0, proof: [], note: log.note(9) });
  const lines = await (await fetch(`${url}/add-checkpoint`, { method: 'POST', body })).text();
  running.stop();
  await running.ended;
  return { vkey, lines };
}

test('a policy says how many witnesses must have cosigned', async (t) => {
  const { party, log, receipt } = await madeUp();
  const one = await cosign(t, log, 'one.example');
  const two = await cosign(t, log, 'two.example');
  const file = saved(t, 'receipt.json', receipt(log.proof(4, 9, parseSignatures(one.lines))));
  const policy = (k: number) =>
    saved(
      t,
      'policy',
      `log ${log.vkeyText}\nwitness one ${one.vkey}\nwitness two ${two.vkey}\ngroup both ${k} one two\nquorum both\n`,
    );
  const verify = (k: number) =>
    parley(['receipt', 'verify', file, '--party', party, '--policy', policy(k), '--json']);
  const met = await verify(1);
  assert.equal(met.status, 0, met.err);
  const { policy: tally, witnesses } = JSON.parse(met.out);
  assert.deepEqual(
    [tally, witnesses.map(({ name }: { name: string }) => name)],
    [{ cosigned: 1, of: 2, needed: 1 }, ['one.example']],
  );
  const unmet = await verify(2);
  assert.deepEqual([unmet.status, JSON.parse(unmet.err).error.code], [1, 'policy.unmet']);
});

test('without a key of the log there is nothing to check against', async (t) => {
  const { party, receipt } = await madeUp();
  const file = saved(t, 'receipt.json', receipt());
  assert.equal((await parley(['receipt', 'verify', file, '--party', party])).status, 2);
  assert.equal((await parley(['receipt', 'verify', file, '--log-key', 'x'])).status, 2);
  assert.equal((await parley(['receipt', 'verify', file, '--log-key', 'x', '--party', party])).status, 1);
  assert.equal((await parley(['receipt', 'verify', file, '--log-key', 'x', '--party', 'City'])).status, 1);
});
