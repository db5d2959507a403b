/** What happens to a name while others reach for it: between being brought, claimed, named by the log and erased. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { base64 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { allFileTypes } from '@parley/core/file-types.ts';
import { random } from '../testing/actor.ts';
import { leafOf, pieces, textFile } from '../testing/files.ts';
import { diskFiles } from './disk.ts';
import { fileName } from './names.ts';
import { type NamedInLog, type StagedFile, Staging, stagedFor } from './staging.ts';

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

const party = 'a'.repeat(64);
const refused = (code: string) => (error: unknown) => {
  assert.ok(error instanceof Refusal, String(error));
  assert.equal(error.code, code, error.message);
  return true;
};

/** @param log what it says of names; asked anew each time */
function staging(log: Partial<NamedInLog> = {}, scanner: (() => Promise<void>) | null = null) {
  const folder = mkdtempSync(join(tmpdir(), 'parley-staging-'));
  folders.push(folder);
  const rows = new Map<string, StagedFile>();
  const clock = { now: 0 };
  const staged = new Staging({
    folder,
    store: diskFiles(folder),
    journal: {
      put: async (file) => void rows.set(file.name, file),
      async claim(name, at) {
        const row = rows.get(name);
        if (row) rows.set(name, { ...row, at });
        return row ?? null;
      },
      waits: async (name) => rows.has(name),
      remove: async (name) => void rows.delete(name),
      removeStale: async (name, since) => (rows.get(name)?.at ?? since + 1) <= since && rows.delete(name),
      bytesOf: async () => 0,
      all: async () => [...rows.values()],
    },
    log: { named: async () => new Set(), live: async () => new Set(), ...log },
    limits: { file: 1_000_000, staged: 1_000_000, types: allFileTypes },
    scanner,
    shared: false,
    now: () => clock.now,
  });
  const file = (text: string) => {
    const { bytes, type } = textFile(text);
    const salt = random(16);
    const leaf = leafOf(salt, bytes);
    const upload = {
      ...{ centre: 'centre.example', party, device: party, at: '2026-01-01T00:00:00.000Z' },
      ...{ salt: base64(salt), leaf: base64(leaf), size: bytes.length, type },
    };
    const name = fileName(party, leaf);
    const there = () => existsSync(join(folder, name));
    return { name, leaf, there, bring: () => staged.receive(upload as never, pieces(bytes)) };
  };
  return { staged, rows, file, clock, folder };
}

it('a name that a statement is about to use cannot be brought again until that is decided', async () => {
  const { staged, rows, file } = staging();
  const { name, leaf, bring } = file('claimed');
  await bring();
  const claim = await staged.claim(party, 'statement', new Map([[1, leaf]]));
  await assert.rejects(bring(), refused('queue.full'));
  await claim.used();
  assert.equal(rows.has(name), false);
  const { leaf: other, bring: again } = file('refused');
  await again();
  (await staged.claim(party, 'statement', new Map([[1, other]]))).release();
  await again();
});

it('a name that the log took after it was asked first is not brought, and nothing of it stays', async () => {
  let asked = 0;
  const { rows, file, folder } = staging({ named: async (names) => new Set(asked++ > 0 ? names : []) });
  await assert.rejects(file('named meanwhile').bring(), refused('file.known'));
  assert.deepEqual([rows.size, readdirSync(folder)], [0, []]);
});

it('a purge takes away what was named and erased, and leaves what is live', async () => {
  const live = new Set<string>();
  const named = new Set<string>();
  const { staged, rows, file, clock } = staging({ named: async () => named, live: async () => live });
  const [erased, kept] = [file('erased'), file('live')];
  for (const each of [erased, kept]) await each.bring();
  for (const each of [erased, kept]) named.add(each.name);
  live.add(kept.name);
  clock.now = stagedFor + 1;
  await staged.purge();
  assert.deepEqual([erased.there(), kept.there(), rows.size], [false, true, 0]);
});

it('what the journal says is there is claimed only where its bytes are', async () => {
  const { staged, rows, file, folder } = staging();
  const { name, leaf, bring } = file('gone');
  await bring();
  rmSync(join(folder, name));
  const { files, release } = await staged.claim(party, 'statement', new Map([[1, leaf]]));
  assert.equal(files.get(1), null);
  release();
  assert.equal(rows.get(name)?.at, 0, 'it does not wait anew');
  await bring();
  assert.ok((await staged.claim(party, 'statement', new Map([[1, leaf]]))).files.get(1));
});

it('no more than two files are looked into at once', async () => {
  let [now, most] = [0, 0];
  const { file } = staging({}, async () => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setTimeout(resolve, 20));
    now--;
  });
  await Promise.all(Array.from({ length: 6 }, (_, i) => file(`file ${i}`).bring()));
  assert.equal(most, 2);
});

it('what fails in being looked into leaves its place to the next', async () => {
  const { file } = staging({}, async () => {
    throw new Refusal('file.infected');
  });
  for (let i = 0; i < 4; i++) await assert.rejects(file(`file ${i}`).bring(), refused('file.infected'));
});
