/** The life of a file: brought, shared, fetched, taken back, erased; and every end in between. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { base64 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { LeafHash } from '@parley/core/files.ts';
import { filePart, makePart } from '@parley/core/parts.ts';
import { refOf } from '@parley/core/statement.ts';
import { eventually } from '@parley/core/testing/eventually.ts';
import { backUp } from './backup.ts';
import { defaultFileOptions } from './centre-files.ts';
import { checkCentre } from './check-centre.ts';
import { fileName } from './files/names.ts';
import { projectionDigests, rebuild, type Tables } from './folds.ts';
import { pathsIn } from './paths.ts';
import { openLog } from './place.ts';
import { releaseFile } from './release/files.ts';
import { restore } from './restore.ts';
import { type Actor, handling, indicator, random } from './testing/actor.ts';
import { editing } from './testing/editing.ts';
import { bring, entriesFor, leafOf, pieces, shareFiles, textFile, uploadLine } from './testing/files.ts';
import { points } from './testing/killed.ts';
import {
  filesIn,
  forgetDatabase,
  located,
  placeOf,
  putFileIn,
  readFileIn,
  removeFileIn,
} from './testing/located.ts';
import { ofSqliteAlone, testServer } from './testing/postgres.ts';
import { World } from './testing/world.ts';
import { Vault } from './vault/vault.ts';

const refused = (code: string) => (error: unknown) => {
  assert.ok(error instanceof Refusal, String(error));
  assert.equal(error.code, code, error.message);
  return true;
};

async function isWaiting({ centre }: World, name: string): Promise<boolean> {
  return (await centre.journals.staged.all()).some((file) => file.name === name);
}

/** What is being brought, and what an end in between leaves of it. */
function begunIn(folder: string): string[] {
  const { files } = pathsIn(folder);
  return existsSync(files) ? readdirSync(files).filter((name) => name.startsWith('.')) : [];
}

/** There, and not to be read. */
async function unreadable(folder: string, name: string): Promise<void> {
  if (testServer) await editing(folder).run('delete from file_chunk where name = ?', name);
  else {
    await removeFileIn(folder, name);
    mkdirSync(join(pathsIn(folder).files, name));
  }
}

describe('files of a centre', () => {
  let world: World;
  let anna: Actor;
  let bert: Actor;
  let room: string;

  before(async () => {
    world = await World.begin();
    anna = await world.party('Anna');
    bert = await world.party('Bert');
    room = await world.room([anna, bert]);
  });
  after(async () => {
    assert.deepEqual(world.doubts, []);
    assert.equal(world.centre.disagreements(), 0);
    const report = await checkCentre({ ...located(world.folder) });
    assert.ok(report.files > 0);
    await world.end();
  });

  const lying = () => filesIn(world.folder);
  const begun = () => begunIn(world.folder);

  async function fetched(actor: Actor, ref: { party: string; id: string }, n: number): Promise<Buffer> {
    const { value } = await world.centre.read((sources) => releaseFile(actor.viewer(), ref, n, sources));
    const bytes: Uint8Array[] = [];
    for await (const piece of await world.centre.files.open(value.author, value.leaf)) bytes.push(piece);
    const whole = Buffer.concat(bytes);
    assert.deepEqual(leafOf(value.salt, whole), value.leaf);
    assert.equal(whole.length, value.file.size);
    return whole;
  }

  it('are given to who may see the part, and to nobody else', async () => {
    const carl = await world.party('Carl');
    const said = await shareFiles(anna, room, [textFile('first'), textFile('second')]);
    assert.equal(String(await fetched(bert, said.ref, 1)), 'first');
    assert.equal(String(await fetched(anna, said.ref, 2)), 'second');
    await assert.rejects(fetched(carl, said.ref, 1), refused('absent'));
    await assert.rejects(fetched(bert, said.ref, 0), refused('absent'));
    await assert.rejects(fetched(bert, said.ref, 3), refused('absent'));
    const { statements } = await bert.read(room);
    const parts = statements.at(-1)?.parts.map(({ n, file, part }) => [n, file?.size, part.bytes.length]);
    assert.deepEqual(parts?.slice(1), [
      [1, 5, 0],
      [2, 6, 0],
    ]);
  });

  it('are erased when they are taken back, one by one', async () => {
    const said = await shareFiles(anna, room, [textFile('keep'), textFile('gone')]);
    const names = [1, 2].map((n) => fileName(anna.party, said.parts[n]?.file ?? random(32)));
    const there = await lying();
    assert.ok(names.every((name) => there.includes(name)));
    await anna.recall(room, said.ref, [2]);
    await assert.rejects(fetched(bert, said.ref, 2), refused('absent'));
    await eventually('the file is gone', async () => !(await lying()).includes(names[1] ?? ''));
    assert.equal(String(await fetched(bert, said.ref, 1)), 'keep');
    await checkCentre({ ...located(world.folder) });
  });

  it('must be brought first, by the own party, and are used once', async () => {
    const file = textFile('once');
    const never = filePart(random(16), random(32));
    await assert.rejects(shareFiles(anna, room, [file], { parts: [never] }), refused('file.absent'));
    const part = await bring(anna, file);
    await assert.rejects(shareFiles(bert, room, [file], { parts: [part] }), refused('file.absent'));
    await shareFiles(anna, room, [file], { parts: [part] });
    await assert.rejects(shareFiles(anna, room, [file], { parts: [part] }), refused('file.absent'));
    const { line } = await uploadLine(anna, file, {
      salt: Buffer.from(part.salt).toString('base64'),
      leaf: Buffer.from(part.file ?? []).toString('base64'),
    });
    await assert.rejects(world.centre.files.receive(line, pieces(file.bytes)), refused('file.known'));
  });

  it('are used once also where one is brought anew while a share of it is taken', async () => {
    const file = textFile('raced');
    const { line, part } = await uploadLine(anna, file);
    const again = () => world.centre.files.receive(line, pieces(file.bytes));
    await again();
    const share = () => anna.make('share/1', { handling, files: entriesFor([file]) }, { room, parts });
    const parts = [makePart(indicator('raced'), random), part];
    const statement = await share();
    await world.centre.files.using(statement, parts, async () => {
      await assert.rejects(again(), refused('queue.full'));
      const admitted = await world.centre.submit(statement, parts);
      // It is in the log, and its row is not forgotten yet.
      await assert.rejects(again(), refused('file.known'));
      return admitted;
    });
    await anna.recall(room, refOf(statement.header));
    const name = fileName(anna.party, part.file ?? random(32));
    await eventually('the file is gone', async () => !(await lying()).includes(name));
    await assert.rejects(again(), refused('file.known'));
    assert.ok(!(await lying()).includes(name), 'it is not back');
  });

  it('are used once by the log itself, whatever waits', async () => {
    const file = textFile('twice');
    const part = await bring(anna, file);
    const said = await shareFiles(anna, room, [file], { parts: [part] });
    const name = fileName(anna.party, part.file ?? random(32));
    const row = { name, party: anna.party, size: file.bytes.length, type: file.type };
    const wait = () => world.centre.journals.staged.put({ ...row, at: world.centre.now() });
    const second = () => shareFiles(anna, room, [file], { parts: [part] });
    await wait();
    const known = (error: unknown) =>
      refused('file.known')(error) && (error as Refusal).at === '/body/files/0';
    await assert.rejects(second(), known);
    await anna.recall(room, said.ref);
    await eventually('the file is gone', async () => !(await lying()).includes(name));
    await assert.rejects(second(), refused('file.absent'), 'its bytes have gone');
    await putFileIn(world.folder, name, file.bytes);
    await assert.rejects(second(), known, 'erased, too');
    await world.centre.journals.staged.remove(name);
    await removeFileIn(world.folder, name);
  });

  it('stay with who shares them when another shares the same bytes under the same salt', async () => {
    const file = textFile('common');
    const part = await bring(anna, file);
    const said = await shareFiles(anna, room, [file], { parts: [part] });
    const { line } = await uploadLine(bert, file, {
      salt: Buffer.from(part.salt).toString('base64'),
      leaf: Buffer.from(part.file ?? []).toString('base64'),
    });
    await world.centre.files.receive(line, pieces(file.bytes));
    const copy = await shareFiles(bert, room, [file], { parts: [part] });
    await bert.recall(room, copy.ref);
    await eventually(
      'the file is gone',
      async () => !(await lying()).includes(fileName(bert.party, part.file ?? random(32))),
    );
    assert.equal(String(await fetched(bert, said.ref, 1)), 'common');
  });

  it('are what the header says: size, type, place', async () => {
    const file = textFile('exact');
    const part = await bring(anna, file);
    const wrong = { bytes: new Uint8Array(9), type: 'text/plain' };
    await assert.rejects(shareFiles(anna, room, [wrong], { parts: [part] }), refused('file.absent'));
    const other = { ...file, type: 'text/markdown' };
    await assert.rejects(shareFiles(anna, room, [other], { parts: [part] }), refused('file.absent'));
    await shareFiles(anna, room, [file], { parts: [part] });
  });

  it('a refused share leaves them for another', async () => {
    const file = textFile('again');
    const part = await bring(anna, file);
    const how = { purposes: ['no-such-purpose'] };
    await assert.rejects(shareFiles(anna, room, [file], { parts: [part], how }), refused('handling.purpose'));
    await shareFiles(anna, room, [file], { parts: [part] });
  });

  it('bring only what is signed, by a device that may speak, to the byte', async () => {
    const file = textFile('signed');
    const receive = async (actor: Actor, about: object, bytes = file.bytes) => {
      const { line } = await uploadLine(actor, file, about);
      return world.centre.files.receive(line, pieces(bytes));
    };
    const reader = await bert.enrol(['read']);
    await assert.rejects(receive(reader, {}), refused('device.right'));
    await assert.rejects(receive(anna, { party: bert.party }), refused('device.unknown'));
    await assert.rejects(receive(anna, { device: bert.signer.device }), refused('dsse.keyid'));
    await assert.rejects(receive(anna, { at: '2026-01-01T00:00:00.000Z' }), refused('clock.skew'));
    await assert.rejects(receive(anna, { centre: 'other.example' }), refused('header.centre'));
    await assert.rejects(receive(anna, { extra: 1 }), refused('upload.malformed'));
    await assert.rejects(receive(anna, { size: 5 }), refused('file.size'));
    await assert.rejects(receive(anna, { size: 7 }), refused('file.size'));
    await assert.rejects(receive(anna, {}, textFile('signet').bytes), refused('file.hash'));
    await assert.rejects(receive(anna, { type: 'text/html' }), refused('file.type'));
    await assert.rejects(receive(anna, { type: 'image/png' }), refused('file.type'));
    await assert.rejects(receive(anna, { size: 65 * 1024 * 1024 }), refused('file.too-large'));
    assert.deepEqual(begun(), []);
  });

  it('are backed up with the log, and restored only as they were', { skip: ofSqliteAlone }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'parley-backup-'));
    const said = await shareFiles(anna, room, [textFile('backed up')]);
    await bring(anna, textFile('waits'));
    await backUp(world.folder, join(folder, 'b'), { withKeys: true });
    const { report } = await restore(join(folder, 'b'), join(folder, 'r'));
    assert.ok(report.files > 0);
    assert.equal(report.unnamed, 0, 'what waits is not backed up');
    const name = fileName(anna.party, said.parts[1]?.file ?? random(32));
    const path = join(pathsIn(join(folder, 'b')).files, name);
    writeFileSync(path, 'backed uq');
    await assert.rejects(restore(join(folder, 'b'), join(folder, 's')), refused('store.corrupt'));
    rmSync(path);
    await assert.rejects(restore(join(folder, 'b'), join(folder, 's')), refused('store.corrupt'));
    rmSync(folder, { recursive: true });
  });

  it('law 2: folded again, also with what was erased, the projections are the same', async () => {
    const said = await shareFiles(anna, room, [textFile('fold'), textFile('fold again')]);
    await anna.recall(room, said.ref, [1]);
    const name = fileName(anna.party, said.parts[1]?.file ?? random(32));
    await eventually('the file is gone', async () => !(await lying()).includes(name));
    const copy = await world.copy();
    const store = await openLog<Tables>(placeOf(copy));
    const digests = () => store.snapshot(({ db }) => projectionDigests(db));
    const live = await digests();
    await rebuild(store);
    assert.deepEqual(await digests(), live);
    await store.close();
    await forgetDatabase(copy);
    rmSync(copy, { recursive: true });
  });

  it('what an end in between leaves is found, and purged at the next start', async () => {
    const shared = await shareFiles(anna, room, [textFile('shared before')]);
    const waiting = await bring(anna, textFile('waiting'));
    const { files } = pathsIn(world.folder);
    // Staged and killed before its row; begun and killed; committed and killed before the row was forgotten.
    const orphan = fileName(anna.party, random(32));
    await putFileIn(world.folder, orphan, Buffer.from('orphan'));
    // Of another instance that is still at it, it would look the same: for an hour it stays.
    if (testServer) await editing(world.folder).run(`update file set put = put - interval '2 hours'`);
    writeFileSync(join(files, '.begun-x'), 'half');
    const name = fileName(anna.party, shared.parts[1]?.file ?? random(32));
    await world.centre.journals.staged.put({
      name,
      party: anna.party,
      size: 13,
      type: 'text/plain',
      at: world.centre.now(),
    });
    assert.ok((await checkCentre({ ...located(world.folder) })).unnamed >= 2);
    await world.restart();
    assert.ok(!(await lying()).includes(orphan));
    assert.deepEqual(begun(), []);
    assert.equal(await isWaiting(world, name), false);
    assert.equal(String(await fetched(bert, shared.ref, 1)), 'shared before');
    await shareFiles(anna, room, [textFile('waiting')], { parts: [waiting] });
  });

  it('fsck finds a file that is missing, changed, or back again', async () => {
    const said = await shareFiles(anna, room, [textFile('checked')]);
    const gone = await shareFiles(anna, room, [textFile('erased')]);
    await anna.recall(room, gone.ref);
    const name = (part: typeof said) => fileName(anna.party, part.parts[1]?.file ?? random(32));
    await world.erased();
    const copy = await world.copy();
    const bytes = await readFileIn(copy, name(said));
    const corrupt = (error: { code?: string; at?: string }) => {
      assert.equal(error.code, 'store.corrupt');
      assert.match(error.at ?? '', /^files\/\d+\/1$/);
      return true;
    };
    await putFileIn(copy, name(said), Buffer.from(bytes).fill(0x20, 0, 1));
    await assert.rejects(checkCentre({ ...located(copy) }), corrupt);
    await removeFileIn(copy, name(said));
    await assert.rejects(checkCentre({ ...located(copy) }), corrupt);
    await putFileIn(copy, name(said), bytes);
    await checkCentre({ ...located(copy) });
    await putFileIn(copy, name(gone), Buffer.from('erased'));
    await assert.rejects(checkCentre({ ...located(copy) }), corrupt);
    await forgetDatabase(copy);
    rmSync(copy, { recursive: true });
  });

  it('a share holds files at the end of its parts, and no more than it names', async () => {
    const file = textFile('order');
    const part = await bring(anna, file);
    const [entry] = entriesFor([file]);
    const { statement } = await shareFiles(anna, room, [textFile('x')]);
    const object = { salt: random(16), bytes: new TextEncoder().encode('{}') };
    const { handling } = (statement.header.body as { handling: object }) ?? {};
    const say = (files: unknown, parts: (typeof part)[]) =>
      anna.say('share/1', { handling, ...(files ? { files } : {}) }, { room, parts });
    await assert.rejects(say([{ ...entry, n: 0 }], [part, object]), refused('header.malformed'));
    await assert.rejects(say(null, [part]), refused('part.malformed'));
    await assert.rejects(say([{ ...entry, n: 0 }], [object]), refused('part.malformed'));
    const twice = [
      { ...entry, n: 0 },
      { ...entry, n: 1 },
    ];
    await assert.rejects(say(twice, [part, part]), refused('file.absent'));
    await say([{ ...entry, n: 0 }], [part]);
  });
});

describe('a shared file that is damaged', () => {
  for (const vault of [null, Vault.make()])
    it(`${vault ? 'sealed' : 'plain'}: is told of, and is no file that was never there`, async () => {
      const world = await World.begin({ vault });
      const anna = await world.party('Anna');
      const room = await world.room([anna]);
      const { doubts, centre } = world;
      const said = await shareFiles(anna, room, [textFile('a'.repeat(1_000)), textFile('gone')]);
      const leaf = (n: number) => said.parts[n]?.file ?? random(32);
      const name = (n: number) => fileName(anna.party, leaf(n));
      await removeFileIn(world.folder, name(2));
      await assert.rejects(centre.files.open(anna.party, leaf(2)), refused('store.corrupt'));
      assert.equal(doubts.length, 1);
      await assert.rejects(centre.files.open(anna.party, random(32)), refused('absent'));
      // Who goes away in the middle is no trouble.
      for await (const _ of await centre.files.open(anna.party, leaf(1))) break;
      assert.equal(doubts.length, 1);
      const bytes = await readFileIn(world.folder, name(1));
      if (vault) await putFileIn(world.folder, name(1), bytes.subarray(0, -1));
      else await unreadable(world.folder, name(1));
      const read = async () => {
        for await (const _ of await centre.files.open(anna.party, leaf(1)));
      };
      await assert.rejects(read(), refused('store.corrupt'));
      assert.equal(doubts.length, 2);
      await world.end();
    });
});

describe('large files', () => {
  it('come in and go out while memory stays bounded', async () => {
    const mebibyte = 1024 * 1024;
    const [piece, count] = [Buffer.alloc(mebibyte, 0x61), 192];
    const world = await World.begin({ files: { ...defaultFileOptions, file: 1024 * mebibyte } });
    const anna = await world.party('Anna');
    const room = await world.room([anna]);
    async function* generated() {
      for (let i = 0; i < count; i++) yield piece;
    }
    const salt = random(16);
    const hash = new LeafHash(salt);
    for await (const each of generated()) hash.update(each);
    const leaf = hash.digest();
    const about = { salt: base64(salt), leaf: base64(leaf), size: count * mebibyte };
    const { line } = await uploadLine(anna, textFile('x'), about);
    const before = process.memoryUsage().rss;
    let most = 0;
    const watching = setInterval(() => {
      most = Math.max(most, process.memoryUsage().rss - before);
    }, 5);
    await world.centre.files.receive(line, generated());
    const files = [{ n: 0, size: count * mebibyte, type: 'text/plain' }];
    const said = await anna.say('share/1', { handling, files }, { room, parts: [filePart(salt, leaf)] });
    let size = 0;
    for await (const each of await world.centre.files.open(said.ref.party, leaf)) size += each.length;
    clearInterval(watching);
    assert.equal(size, count * mebibyte);
    // What the collector has not got to yet is some of it; the file is more.
    assert.ok(most < 150 * mebibyte, `${Math.round(most / mebibyte)} MiB`);
    await world.end();
  });
});

describe('files that wait', () => {
  it('are purged after an hour, and a party has room for no more than it may', async () => {
    let time = Date.parse('2026-05-01T12:00:00.000Z') * 1000;
    const world = await World.begin({
      now: () => time++,
      files: {
        file: 100,
        staged: 150,
        types: ['text/plain'],
        scanner: { command: null, address: null, timeout: 1_000 },
      },
    });
    const anna = await world.party('Anna');
    const room = await world.room([anna]);
    const file = textFile('x'.repeat(80));
    const part = await bring(anna, file);
    await assert.rejects(bring(anna, file), refused('file.quota'));
    await assert.rejects(bring(anna, textFile('x'.repeat(101))), refused('file.too-large'));
    time += 3_600_000_000 + 1_000_000;
    await world.restart();
    await assert.rejects(shareFiles(anna, room, [file], { parts: [part] }), refused('file.absent'));
    await shareFiles(anna, room, [file]);
    assert.deepEqual(world.doubts, []);
    await checkCentre({ ...located(world.folder), now: time });
    await world.end();
  });
});

describe('a centre that is killed', () => {
  for (const point of points)
    it(`while a file is ${point} starts whole, with the file or without it`, async () => {
      const script = join(import.meta.dirname, 'testing/killed.ts');
      const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, point]);
      let out = '';
      child.stdout.on('data', (data) => {
        out += data;
      });
      const [, signal] = await once(child, 'close');
      assert.equal(signal, 'SIGKILL');
      const about = Object.assign(
        {},
        ...out
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line)),
      );
      const { folder, party } = about as { folder: string; party: string };
      const world = await World.on(folder);
      const shared = await world.centre.read((_, { db }) =>
        db.selectFrom('shared_file').selectAll().execute(),
      );
      // Said but not answered, it may be there or not; what was answered is.
      if ('shared' in about || point === 'erasing') assert.equal(shared.length, 1);
      await world.erased();
      const report = await checkCentre({ ...located(folder) });
      const waits = point === 'brought';
      assert.deepEqual(
        [report.files, report.unnamed],
        [point === 'erasing' ? 0 : shared.length, waits ? 1 : 0],
      );
      if (waits) assert.ok(await isWaiting(world, `${about.leaf}.${party}`));
      assert.deepEqual(begunIn(folder), []);
      assert.deepEqual(world.doubts, []);
      await world.end();
    });
});
