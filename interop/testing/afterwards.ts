/** What must hold after a centre died under load and was started again: nothing that it answered is lost, nothing is there twice. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { equal } from '@parley/core/bytes.ts';
import { parseReceipt, type Receipt } from '@parley/core/receipt.ts';
import { commitment, recordLeaf } from '@parley/core/record.ts';
import type { Chance } from './chance.ts';
import { keyOf, type Said } from './ledger.ts';
import type { Device, Load } from './load.ts';
import { pause } from './operated.ts';

const api = '/api/v1';

/** To be called once every device has visited, which proves that the log continues what each has seen of it. */
export async function needNothingLost(url: string, load: Load, chance: Chance, since: number): Promise<void> {
  const said = [...load.ledger.said.values()];
  await needFates(url, load, said.slice(since));
  await needReceipts(url, load, said, chance);
  await needTokens(url, load);
  await needReads(load);
  await needRecalled(load, chance);
}

/** The same in a store that has followed: sessions, and what nobody holds a receipt for, may have stayed behind. */
export async function needReceiptsKept(url: string, load: Load, chance: Chance): Promise<void> {
  await needReceipts(url, load, [...load.ledger.said.values()], chance);
  await needRecalled(load, chance);
}

/** What got no answer is sent again: it was taken or it is taken now, once; what was refused is not there. */
async function needFates(url: string, load: Load, said: readonly Said[]): Promise<void> {
  for (const entry of said) {
    const { session } = speakerOf(entry, load);
    if (entry.fate === 'refused') {
      await assert.rejects(
        session.receipt(entry.ref),
        { code: 'absent' },
        `refused, and there: ${keyOf(entry.ref)}`,
      );
      continue;
    }
    if (entry.fate !== 'unknown') continue;
    const first = await sendAgain(url, entry, load);
    if (!first) continue;
    same(entry, first, await sendAgain(url, entry, load));
    Object.assign(entry, { fate: 'answered', receipt: first });
  }
}

/** Every receipt that was handed out: its record is in the log, at its place. Some are fetched, and some said, again. */
async function needReceipts(url: string, load: Load, said: readonly Said[], chance: Chance): Promise<void> {
  const handedOut = said.filter(({ receipt }) => receipt !== null);
  for (const entry of handedOut) {
    const { record, statement } = entry.receipt as Receipt;
    const leaf = recordLeaf(commitment(record, statement.envelope));
    await speakerOf(entry, load).centre.log.holds(record.index, leaf);
  }
  const indexes = handedOut.map(({ receipt }) => receipt?.record.index);
  assert.equal(new Set(indexes).size, indexes.length, 'two statements have one place');
  for (const entry of [...handedOut.slice(-20), ...chance.some(handedOut, 10)])
    same(entry, entry.receipt, await speakerOf(entry, load).session.receipt(entry.ref));
  for (const entry of [...handedOut.slice(-5), ...chance.some(handedOut, 5)])
    same(entry, entry.receipt, await sendAgain(url, entry, load));
}

/** Who closed a session stays away; who opened one comes in. */
async function needTokens(url: string, load: Load): Promise<void> {
  for (const [token, entry] of load.ledger.tokens) {
    const { status } = await fetch(new URL(`${api}/rooms`, url), {
      headers: { authorization: `Bearer ${token}` },
    });
    if (entry.state === 'open') assert.equal(status, 200, 'a session that was opened is gone');
    if (entry.state === 'closed') assert.equal(status, 401, 'a session that was closed is open');
    // Found out now, it stays so.
    if (entry.state === 'unknown') entry.state = status === 200 ? 'open' : 'closed';
  }
}

/** Whatever content arrived is in the journal, as often as it arrived. */
async function needReads(load: Load): Promise<void> {
  for (const { party, session } of load.devices) {
    const journalled = new Map<string, number>();
    for await (const { statements } of session.accesses())
      for (const ref of statements)
        if (ref.parts.length > 0) journalled.set(keyOf(ref), (journalled.get(keyOf(ref)) ?? 0) + 1);
    for (const [ref, times] of load.ledger.reads.get(party) ?? [])
      assert.ok((journalled.get(ref) ?? 0) >= times, `read ${times} times, journalled less: ${ref}`);
  }
}

async function needRecalled(load: Load, chance: Chance): Promise<void> {
  for (const { by, ref } of [...load.recalled.slice(-10), ...chance.some(load.recalled, 5)]) {
    const { content, parts } = await by.session.statement(ref);
    assert.deepEqual([content, parts.length], ['erased', 0], `taken back, and shown: ${keyOf(ref)}`);
  }
}

/** Erasing goes on where it was broken off, until nothing of what was taken back stands in any file of the folder. */
export async function needErased(load: Load, folder: string): Promise<void> {
  for (const end = Date.now() + 240_000; ; await pause(50)) {
    const waiting = [];
    for (const { session } of load.devices)
      waiting.push(...(await session.recalls()).filter(({ erased }) => erased === null));
    const found = waiting.length > 0 ? null : marksIn(folder, load);
    if (found?.length === 0) return;
    if (Date.now() > end)
      assert.fail(`not erased: ${waiting.length} recalls, content in ${found?.join(', ') ?? '-'}`);
  }
}

function marksIn(folder: string, load: Load): string[] {
  const marks = load.recalled.map(({ mark }) => mark);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true });
  return files.flatMap((file) => {
    const path = join(file.parentPath, file.name);
    if (!file.isFile() || !existsSync(path)) return [];
    const text = readFileSync(path, 'latin1');
    const left = marks.filter((mark) => text.includes(mark)).length;
    return left === 0 ? [] : [`${file.name} (${left})`];
  });
}

function speakerOf({ ref }: Said, load: Load): Device {
  const device = load.devices.find(({ party }) => party === ref.party);
  assert.ok(device);
  return device;
}

/** The same signed bytes. @returns null where they are refused, and then they are not in the log */
async function sendAgain(url: string, entry: Said, load: Load): Promise<Receipt | null> {
  const device = speakerOf(entry, load);
  const token = [...load.ledger.tokens].find(
    ([, each]) => each.party === device.party && each.state === 'open',
  );
  const response = await fetch(new URL(`${api}/statements`, url), {
    method: 'POST',
    body: entry.body,
    headers: { 'content-type': 'application/x-ndjson', authorization: `Bearer ${token?.[0] ?? ''}` },
  });
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (response.ok) return parseReceipt(bytes);
  const { code } = JSON.parse(new TextDecoder().decode(bytes));
  assert.notEqual(code, 'file.absent', 'a file that was brought is gone');
  assert.ok(response.status < 500, `sent again: ${code}`);
  await assert.rejects(device.session.receipt(entry.ref), { code: 'absent' }, `refused, and there: ${code}`);
  entry.fate = 'refused';
  return null;
}

function same({ ref, kind }: Said, first: Receipt | null, other: Receipt | null): void {
  const key = `${kind} ${keyOf(ref)}`;
  assert.ok(first && other, `no receipt for ${key}`);
  const { nonce, ...place } = first.record;
  const { nonce: otherNonce, ...otherPlace } = other.record;
  assert.deepEqual(otherPlace, place, `another record for ${key}`);
  assert.ok(equal(nonce, otherNonce), `another nonce for ${key}`);
}
