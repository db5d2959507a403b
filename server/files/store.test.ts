/** What every store of files must do. One suite; each adapter joins the list. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { createPostgres } from '../storage/postgres.ts';
import { postgresFiles } from '../storage/postgres-files.ts';
import { dropDatabase, makeDatabase, withoutServer } from '../testing/postgres.ts';
import { sealedFiles } from '../vault/files.ts';
import { Vault } from '../vault/vault.ts';
import { diskFiles } from './disk.ts';
import type { FileStore } from './ports.ts';

interface Adapter {
  readonly name: string;
  readonly skip: false | string;
  readonly open: (t: TestContext) => Promise<FileStore>;
}

const disk: Adapter = {
  name: 'a folder',
  skip: false,
  open: async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'parley-files-'));
    t.after(() => rmSync(folder, { recursive: true }));
    return diskFiles(join(folder, 'files'));
  },
};

const postgres: Adapter = {
  name: 'postgres',
  skip: withoutServer,
  open: async (t) => {
    const url = await makeDatabase();
    await createPostgres(url);
    const files = postgresFiles(url);
    t.after(async () => {
      await files.close();
      await dropDatabase(url);
    });
    return files;
  },
};

const vault = Vault.make();
const sealed: Adapter = {
  ...postgres,
  name: 'postgres, encrypted',
  open: async (t) => sealedFiles(await postgres.open(t), vault),
};

const nameOf = (digit: string) => `${digit.repeat(64)}.${'f'.repeat(64)}`;
const [a, b, c] = ['a', 'b', 'c'].map(nameOf) as [string, string, string];

async function* inPieces(bytes: Uint8Array, size = 70_001): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function* broken(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield* inPieces(bytes);
  throw new Error('broken');
}

async function read(files: FileStore, name: string): Promise<Buffer | null> {
  const pieces = await files.open(name);
  return pieces && Buffer.concat(await Array.fromAsync(pieces));
}

const listed = async (files: FileStore, age?: number) => (await Array.fromAsync(files.list(age))).sort();

const large = crypto.getRandomValues(new Uint8Array(65_536));
const bytes = Buffer.concat(Array.from({ length: 13 }, () => large));

for (const { name, skip, open } of [disk, postgres, sealed])
  describe(`${name}: files`, { skip }, () => {
    it('are put whole, over what is there, and read in pieces', async (t) => {
      const files = await open(t);
      for (const size of [0, 1, 262_144, 262_145, bytes.length]) {
        await files.put(a, inPieces(bytes.subarray(0, size)));
        assert.deepEqual(await read(files, a), bytes.subarray(0, size), `${size} bytes`);
      }
      assert.equal(await files.has(a), true);
      assert.equal(await files.has(b), false);
      assert.equal(await files.open(b), null);
      const pieces = (await files.open(a)) ?? [];
      for await (const piece of pieces) {
        assert.ok(piece.length < bytes.length);
        break;
      }
    });

    it('are not there, or as they were, where putting them fails', async (t) => {
      const files = await open(t);
      await assert.rejects(files.put(a, broken(bytes)), /broken/);
      assert.equal(await files.has(a), false);
      assert.deepEqual(await listed(files), []);
      await files.put(a, inPieces(bytes.subarray(0, 99)));
      await assert.rejects(files.put(a, broken(bytes)), /broken/);
      assert.deepEqual(await read(files, a), bytes.subarray(0, 99));
    });

    it('are as they were where what comes before them fails, and it fails with that', async (t) => {
      const files = await open(t);
      const late = async () => Promise.reject(new Error('too late'));
      await assert.rejects(files.put(a, inPieces(bytes), late), /too late/);
      assert.equal(await files.has(a), false);
      await files.put(a, inPieces(bytes.subarray(0, 99)));
      await assert.rejects(files.put(a, inPieces(bytes), late), /too late/);
      assert.deepEqual(await read(files, a), bytes.subarray(0, 99));
    });

    it('stay or go as who settles them says', async (t) => {
      const files = await open(t);
      await files.put(a, inPieces(bytes.subarray(0, 9)));
      const settle = (name: string, stays: boolean) =>
        files.settle(name, async (result) => ({ stays, result }));
      assert.deepEqual([await settle(a, true), await settle(b, false)], [true, false]);
      const failing = files.settle(a, async () => Promise.reject(new Error('unsettled')));
      await assert.rejects(failing, /unsettled/);
      assert.deepEqual(await listed(files), [a]);
      assert.equal(await settle(a, false), true);
      assert.deepEqual(await listed(files), []);
    });

    it('are removed for good, and listed while they are there', async (t) => {
      const files = await open(t);
      for (const name of [b, a, c]) await files.put(name, inPieces(bytes.subarray(0, 9)));
      assert.deepEqual(await listed(files), [a, b, c]);
      await files.remove([a, c, nameOf('d')]);
      await files.remove([]);
      assert.deepEqual(await listed(files), [b]);
      assert.equal(await read(files, a), null);
      assert.deepEqual(await listed(files, 3_600_000), [], 'none is so old');
    });

    it('never end early: one that is removed while it is read ends in an error, or whole', async (t) => {
      const files = await open(t);
      await files.put(a, inPieces(bytes));
      const pieces = await files.open(a);
      assert.ok(pieces);
      let length = 0;
      const reading = async () => {
        for await (const piece of pieces) {
          if (length === 0) await files.remove([a]);
          length += piece.length;
        }
      };
      const whole = await reading().then(
        () => true,
        () => false,
      );
      assert.equal(length === bytes.length, whole);
    });

    it('of one name, put twice at once, are one of the two', async (t) => {
      const files = await open(t);
      const [one, other] = [bytes.subarray(0, 400_000), bytes.subarray(1, 300_001)];
      await Promise.all([files.put(a, inPieces(one)), files.put(a, inPieces(other))]);
      const found = await read(files, a);
      assert.ok(found?.equals(one) || found?.equals(other));
      assert.deepEqual(await listed(files), [a]);
    });
  });
