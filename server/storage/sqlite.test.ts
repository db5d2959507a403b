import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import { equal } from '@parley/core/bytes.ts';
import { partNumber } from '../log/ports.ts';
import { createSqlite, openSqlite } from './sqlite.ts';
import { copyDatabase } from './sqlite-connection.ts';

import { append, headOf, refusal, type Tables } from './store-sample.ts';

describe('sqlite: files', () => {
  const folderOf = (t: TestContext) => {
    const folder = mkdtempSync(join(tmpdir(), 'parley-'));
    t.after(() => rmSync(folder, { recursive: true }));
    return folder;
  };

  it('are made once, for their owner only, and opened only where they are a store', (t) => {
    const path = join(folderOf(t), 'centre.db');
    assert.throws(() => openSqlite(path), refusal('store.absent'));
    createSqlite(path);
    assert.throws(() => createSqlite(path), refusal('store.present'));
    if (process.platform !== 'win32') assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.throws(() => openSqlite(import.meta.filename, { readOnly: true }), refusal('store.corrupt'));
  });

  it('are copied at one moment while commits go on', async (t) => {
    const folder = folderOf(t);
    const [path, copy] = [join(folder, 'centre.db'), join(folder, 'copy.db')];
    createSqlite(path);
    const store = openSqlite<Tables>(path);
    const grow = (size: number) =>
      store.commit(async ({ log }) => {
        await append(log, size, ['x'.repeat(50_000)]);
        await log.advance(size, headOf(size + 1));
      });
    for (let size = 0; size < 50; size++) await grow(size);
    let copied = false;
    const copying = copyDatabase(path, copy).then(() => {
      copied = true;
    });
    for (let size = 50; size < 60 || !copied; size++) {
      await grow(size);
      await turn();
    }
    await copying;
    await assert.rejects(copyDatabase(path, copy), refusal('store.present'));
    await store.close();
    const restored = openSqlite<Tables>(copy);
    const [head, records] = await restored.snapshot(async ({ log }) => [
      await log.head(),
      await log.range(0, 1000),
    ]);
    assert.equal(head?.size, records.length);
    assert.ok(records.length >= 50);
    await restored.close();
  });

  it('lose their write-ahead log once no reader needs it, and not before', async (t) => {
    const path = join(folderOf(t), 'centre.db');
    createSqlite(path);
    const store = openSqlite<Tables>(path);
    await store.commit(({ log }) => append(log, 0));
    let truncating: Promise<void> | undefined;
    await store.snapshot(async ({ log }) => {
      await store.commit((transaction) => append(transaction.log, 1));
      truncating = store.forget();
      await pause(30);
      assert.ok(statSync(`${path}-wal`).size > 0);
      assert.equal((await log.range(0, 9)).length, 1);
      await store.commit((transaction) => append(transaction.log, 2));
    });
    await truncating;
    assert.equal(statSync(`${path}-wal`).size, 0);
    assert.equal((await store.snapshot(({ log }) => log.range(0, 9))).length, 3);
    await store.close();
    await assert.rejects(store.forget(), refusal('stopping'));
  });

  it('show a transaction to nobody who uses it too late', async (t) => {
    const path = join(folderOf(t), 'centre.db');
    createSqlite(path);
    const store = openSqlite<Tables>(path);
    const late = await store.commit(async ({ log }) => log);
    await assert.rejects(append(late, 0), refusal('fault'));
    await store.close();
  });

  it('give a thousand parts within milliseconds', async (t) => {
    const path = join(folderOf(t), 'centre.db');
    createSqlite(path);
    const store = openSqlite<Tables>(path);
    const numbers: number[] = [];
    await store.commit(async ({ log }) => {
      for (let index = 0; index < 50; index++) {
        await append(
          log,
          index,
          Array.from({ length: 100 }, (_, n) => `${n}${'x'.repeat(1_400)}`),
        );
        for (let n = 0; n < 100; n += 5) numbers.push(partNumber(index, n));
      }
    });
    const times = [];
    for (let i = 0; i < 10; i++) {
      const start = performance.now();
      const parts = await store.snapshot(({ log }) => log.parts(numbers));
      times.push(performance.now() - start);
      assert.equal(parts.size, 1_000);
      assert.ok([...parts.values()].every(({ salt }) => !equal(salt, new Uint8Array(16))));
    }
    t.diagnostic(`best of 10: ${Math.min(...times).toFixed(2)} ms`);
    // Generous: other work runs on the same cores.
    assert.ok(Math.min(...times) < 20);
    await store.close();
  });
});
