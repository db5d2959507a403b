/** Two instances on one database reach for one name: whatever is claimed has its bytes, and what was erased has none. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { base64 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { allFileTypes } from '@parley/core/file-types.ts';
import { openJournals } from '../journals/journals.ts';
import { createPostgres } from '../storage/postgres.ts';
import { postgresFiles } from '../storage/postgres-files.ts';
import { postgresJournals } from '../storage/postgres-journals.ts';
import { random } from '../testing/actor.ts';
import { leafOf, pieces, textFile } from '../testing/files.ts';
import { dropDatabase, makeDatabase, withoutServer } from '../testing/postgres.ts';
import { fileName } from './names.ts';
import type { FileStore } from './ports.ts';
import { type StagedJournal, Staging, stagedFor } from './staging.ts';

const party = 'a'.repeat(64);

async function scene(t: TestContext) {
  const url = await makeDatabase();
  await createPostgres(url);
  const ending = new AsyncDisposableStack();
  t.after(async () => {
    await ending.disposeAsync();
    await dropDatabase(url);
  });
  const clock = { now: 1_790_000_000_000_000 };
  const named = new Set<string>();
  async function instance() {
    const store = postgresFiles(url);
    const { staged, close } = await openJournals(await postgresJournals(url), (cause) => {
      throw cause;
    });
    const folder = mkdtempSync(join(tmpdir(), 'parley-spool-'));
    ending.defer(async () => {
      await Promise.all([store.close(), close()]);
      rmSync(folder, { recursive: true });
    });
    const journal: StagedJournal = {
      put: (file) => staged.put(file),
      claim: (name, at) => staged.claim(name, at),
      waits: (name) => staged.waits(name),
      remove: (name) => staged.remove(name),
      removeStale: (name, since) => staged.removeStale(name, since),
      bytesOf: (party) => staged.bytesOf(party),
      all: () => staged.all(),
    };
    const files: FileStore = { ...store };
    const staging = new Staging({
      ...{ folder, store: files, journal, scanner: null, shared: true, now: () => clock.now },
      log: { named: async () => named, live: async () => new Set() },
      limits: { file: 1_000_000, staged: 1_000_000, types: allFileTypes },
    });
    return { staging, files, journal };
  }
  const { bytes, type } = textFile('brought twice');
  const salt = random(16);
  const leaf = leafOf(salt, bytes);
  const upload = {
    ...{ centre: 'centre.example', party, device: party, at: '2026-01-01T00:00:00.000Z' },
    ...{ salt: base64(salt), leaf: base64(leaf), size: bytes.length, type },
  };
  const [one, other] = [await instance(), await instance()];
  const bring = () => one.staging.receive(upload as never, pieces(bytes));
  async function claimed() {
    const claim = await one.staging.claim(party, 'statement', new Map([[1, leaf]]));
    claim.release();
    return claim.files.get(1);
  }
  return { one, other, bring, claimed, clock, named, name: fileName(party, leaf) };
}

/** What waits for what is held here comes after it; what does not wait is done by then. */
const meanwhile = (work: Promise<unknown>) => Promise.race([work, pause(300)]);

describe('files on several instances', { skip: withoutServer }, () => {
  it('brought again while another instance purges what was not used: what is claimed is there', async (t) => {
    const { one, other, bring, claimed, clock, name } = await scene(t);
    await bring();
    clock.now += stagedFor + 1;
    const { removeStale } = other.journal;
    let bringing: Promise<unknown> = Promise.resolve();
    other.journal.removeStale = async (...about) => {
      const removed = await removeStale(...about);
      bringing = bring();
      await meanwhile(bringing);
      return removed;
    };
    await other.staging.purge();
    await bringing;
    assert.ok(await claimed());
    assert.ok(await one.files.has(name));
  });

  it('purged by another between the bytes and the journal: what is claimed is there', async (t) => {
    const { one, other, bring, claimed, clock, name } = await scene(t);
    await bring();
    clock.now += stagedFor + 1;
    const { put } = one.journal;
    let purging: Promise<unknown> = Promise.resolve();
    one.journal.put = async (file) => {
      purging = other.staging.purge();
      await meanwhile(purging);
      await put(file);
    };
    await bring();
    await purging;
    assert.ok(await claimed());
    assert.ok(await one.files.has(name));
  });

  it('left over by the journal, and brought again before another has removed it: it stays', async (t) => {
    const { one, other, bring, claimed, clock, name } = await scene(t);
    await bring();
    await one.journal.remove(name);
    clock.now += stagedFor + 1;
    const { list } = other.files;
    other.files.list = async function* () {
      for await (const found of list()) {
        await bring();
        yield found;
      }
    };
    assert.equal(await other.staging.clear(), 0);
    assert.ok(await claimed());
    assert.ok(await one.files.has(name));
  });

  it('shared, taken back and erased on another while it is brought again: nothing comes back', async (t) => {
    const { one, other, bring, claimed, named, name } = await scene(t);
    await bring();
    const { put } = one.files;
    one.files.put = async (...about) => {
      named.add(name);
      await other.files.remove([name]);
      await put(...about);
    };
    await assert.rejects(bring(), (error) => error instanceof Refusal && error.code === 'file.known');
    assert.equal(await one.files.has(name), false);
    assert.equal(await claimed(), null);
  });

  it('erased by another while its bytes are coming: erasing waits, and has the last word', async (t) => {
    const { one, other, bring, named, name } = await scene(t);
    await bring();
    const { put } = one.journal;
    let erasing: Promise<unknown> = Promise.resolve();
    one.journal.put = async (file) => {
      named.add(name);
      erasing = other.files.remove([name]);
      await meanwhile(erasing);
      await put(file);
    };
    await bring();
    await erasing;
    assert.equal(await one.files.has(name), false);
  });
});
