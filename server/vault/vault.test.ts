import assert from 'node:assert/strict';
import { linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { base64, concat, hex, utf8 } from '@parley/core/bytes.ts';
import { createVault, openVault, saveVault } from './data-key.ts';
import { outerKeyFrom } from './outer-key.ts';
import { chunkLength, openStream, sealStream } from './streams.ts';
import { Vault } from './vault.ts';
import { createSealed, openedFile } from './whole-file.ts';

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'parley-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));

describe('sealed values', () => {
  const vault = Vault.make();

  it('open where they were sealed, under the same key and for the same use', () => {
    const text = utf8('who was at the east gate');
    const sealed = vault.sealer('log').seal('parts/7', text);
    assert.deepEqual(vault.sealer('log').open('parts/7', sealed), text);
    const cases = [
      () => vault.sealer('log').open('parts/8', sealed),
      () => vault.sealer('journals').open('parts/7', sealed),
      () => vault.alike('log').open('parts/7', sealed),
      () => Vault.make().sealer('log').open('parts/7', sealed),
      () => vault.sealer('log').open('parts/7', sealed.subarray(1)),
      () => vault.sealer('log').open('parts/7', new Uint8Array(0)),
    ];
    for (const open of cases) assert.throws(open, { code: 'store.corrupt' });
  });

  it('look equal only where they are to be compared', () => {
    const text = utf8('indicator--1');
    const twice = (sealer: { seal(about: string, plain: Uint8Array): Uint8Array }, about = ['a', 'a']) =>
      new Set(about.map((place) => hex(sealer.seal(place, text)))).size;
    assert.equal(twice(vault.sealer('projections')), 2);
    assert.equal(twice(vault.alike('projections')), 1);
    assert.equal(twice(vault.alike('projections'), ['a', 'b']), 2);
    assert.deepEqual(vault.alike('projections').open('a', vault.alike('projections').seal('a', text)), text);
  });
});

describe('the data key', () => {
  it('opens with the key that wraps it, and after a rotation with the new one alone', (t) => {
    const path = join(folderOf(t), 'vault.json');
    const [old, next] = [random(32), random(32)];
    const vault = createVault(path, old);
    assert.throws(() => createVault(path, old), { code: 'store.present' });
    assert.equal(openVault(path, old).id, vault.id);
    assert.throws(() => openVault(path, next), { code: 'encryption.wrong-key' });
    saveVault(path, vault, next);
    assert.deepEqual(openVault(path, next).key, vault.key);
    assert.throws(() => openVault(path, old), { code: 'encryption.wrong-key' });
    const other = Vault.make();
    writeFileSync(path, readFileSync(path, 'utf8').replace(vault.id, other.id));
    assert.throws(() => openVault(path, next), { code: 'encryption.wrong-key' });
    writeFileSync(path, '{}');
    assert.throws(() => openVault(path, next), { code: 'file.unreadable' });
  });
});

describe('the key that is kept apart', () => {
  const key = random(32);

  it('comes from a file, the environment or a command, as Base64 or hexadecimal digits', (t) => {
    const folder = folderOf(t);
    const file = join(folder, 'key');
    for (const text of [base64(key), `${base64(key)}\n`, hex(key), hex(key).toUpperCase()]) {
      writeFileSync(file, text);
      const sources = [
        { file },
        { variable: 'STORE_KEY' },
        { command: [process.execPath, '-e', `console.log(${JSON.stringify(text.trim())})`] },
      ];
      for (const source of sources)
        assert.deepEqual(outerKeyFrom(source, join(folder, 'centre'), { STORE_KEY: text }), key);
    }
  });

  it('is refused where it is none, and no message tells what there was', (t) => {
    const folder = folderOf(t);
    const file = join(folder, 'key');
    const bad = [
      '',
      'correct horse battery staple',
      base64(key.subarray(1)),
      '0'.repeat(64),
      base64(new Uint8Array(32)),
    ];
    for (const text of bad) {
      writeFileSync(file, text);
      const refused = (error: Error) =>
        (error as Error & { code: string }).code === 'encryption.key' &&
        (!text || !error.message.includes(text));
      assert.throws(() => outerKeyFrom({ file }, '/elsewhere', {}), refused);
      assert.throws(() => outerKeyFrom({ variable: 'K' }, '/elsewhere', { K: text }), refused);
      const command = [process.execPath, '-e', `process.stdout.write(${JSON.stringify(text)})`];
      assert.throws(() => outerKeyFrom({ command }, '/elsewhere', {}), refused);
    }
    const absent = [
      { file: join(folder, 'absent') },
      { variable: 'ABSENT' },
      { command: [join(folder, 'absent')] },
      { command: [process.execPath, '-e', `console.log('${base64(key)}'); process.exit(3)`] },
    ];
    for (const source of absent)
      assert.throws(
        () => outerKeyFrom(source, '/elsewhere', {}),
        (error: Error) => {
          assert.equal((error as Error & { code: string }).code, 'encryption.key');
          assert.ok(!JSON.stringify([error.message, String(error.cause)]).includes(base64(key)));
          return true;
        },
      );
  });

  it('is refused where it lies in the folder that it opens, also by a link', (t) => {
    const folder = folderOf(t);
    const centre = join(folder, 'centre');
    mkdirSync(centre);
    writeFileSync(join(centre, 'key'), base64(key));
    symlinkSync(join(centre, 'key'), join(folder, 'link'));
    symlinkSync(centre, join(folder, 'linked'));
    linkSync(join(centre, 'key'), join(folder, 'second-name'));
    mkdirSync(join(centre, '..keys'));
    writeFileSync(join(centre, '..keys', 'key'), base64(key));
    const inside = ['link', 'linked/key', 'second-name', 'centre/key', 'centre/..keys/key', 'centre/..key'];
    for (const file of inside.map((name) => join(folder, name)))
      assert.throws(() => outerKeyFrom({ file }, centre, {}), { code: 'encryption.key' });
    assert.throws(() => outerKeyFrom({ file: join(centre, 'key') }, join(folder, 'linked'), {}), {
      code: 'encryption.key',
    });
    writeFileSync(join(folder, '..key'), base64(key));
    linkSync(join(folder, '..key'), join(folder, 'copy'));
    for (const name of ['..key', 'copy'])
      assert.deepEqual(outerKeyFrom({ file: join(folder, name) }, centre, {}), key);
  });
});

it('a key file is sealed under its name, and a plain one is not taken for it', (t) => {
  const folder = folderOf(t);
  const [vault, pem] = [Vault.make(), utf8('-----BEGIN PRIVATE KEY-----')];
  createSealed(join(folder, 'a.pem'), pem, vault);
  assert.throws(() => createSealed(join(folder, 'a.pem'), pem, vault), { code: 'store.present' });
  assert.deepEqual(openedFile(join(folder, 'a.pem'), vault), pem);
  const sealed = readFileSync(join(folder, 'a.pem'));
  assert.ok(!sealed.includes('PRIVATE'));
  writeFileSync(join(folder, 'b.pem'), sealed);
  writeFileSync(join(folder, 'c.pem'), pem);
  assert.throws(() => openedFile(join(folder, 'b.pem'), vault), { code: 'store.corrupt' });
  assert.throws(() => openedFile(join(folder, 'c.pem'), vault), { code: 'file.unreadable' });
  assert.throws(() => openedFile(join(folder, 'a.pem'), null), { code: 'encryption.needed' });
  assert.deepEqual(openedFile(join(folder, 'c.pem'), null), pem);
});

describe('files', () => {
  const vault = Vault.make();

  async function* pieces(bytes: Uint8Array, length: number) {
    for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
  }
  async function whole(all: AsyncIterable<Uint8Array>) {
    const held: Uint8Array[] = [];
    for await (const piece of all) held.push(piece);
    return concat(...held);
  }
  const sealed = (name: string, bytes: Uint8Array) => whole(sealStream(vault, name, pieces(bytes, 10_000)));
  const opened = (name: string, bytes: Uint8Array, length = 7_777) =>
    whole(openStream(vault, name, pieces(bytes, length)));
  const filled = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 31) % 251);

  it('open as they were, of every length, in pieces of any', async () => {
    for (const length of [0, 1, chunkLength - 1, chunkLength, chunkLength + 1, 3 * chunkLength])
      for (const by of [1_000, 65_536, 1_000_000])
        assert.deepEqual(await opened('x', await sealed('x', filled(length)), by), filled(length));
  });

  it('do not open changed, cut, moved, lengthened, or as another file', async () => {
    const bytes = await sealed('x', filled(3 * chunkLength));
    const [head, step] = [bytes.length % (chunkLength + 16), chunkLength + 16];
    const chunk = (n: number) => bytes.subarray(head + n * step, head + (n + 1) * step);
    const start = bytes.subarray(0, head);
    const flipped = (at: number) => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
    const broken = [
      ...[0, 25, head, head + step - 1, bytes.length - 1].map(flipped),
      bytes.subarray(0, 30),
      bytes.subarray(0, -1),
      bytes.subarray(0, head + 2 * step),
      start,
      concat(bytes, new Uint8Array(1)),
      concat(bytes, new Uint8Array(16)),
      concat(start, chunk(1), chunk(0), chunk(2)),
      concat(start, chunk(0), chunk(1), chunk(1), chunk(2)),
      concat(start, chunk(0), chunk(2)),
      concat((await sealed('x', filled(1))).subarray(0, head), chunk(0), chunk(1), chunk(2)),
    ];
    for (const [i, each] of broken.entries())
      await assert.rejects(opened('x', each), { code: 'store.corrupt' }, String(i));
    await assert.rejects(opened('y', bytes), { code: 'store.corrupt' });
    await assert.rejects(whole(openStream(Vault.make(), 'x', pieces(bytes, 9_999))), {
      code: 'store.corrupt',
    });
  });

  it('are given up with their source by who stops early', async () => {
    const bytes = await sealed('x', filled(4 * chunkLength));
    let ended = false;
    async function* source() {
      try {
        yield* pieces(bytes, 5_000);
      } finally {
        ended = true;
      }
    }
    for await (const _ of openStream(vault, 'x', source())) break;
    assert.ok(ended);
  });
});
