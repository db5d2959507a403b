/** What is brought and must not be shared: bombs, disguises, what a scanner finds, and a scanner that does not answer. */
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import { Refusal } from '@parley/core/errors.ts';
import { allFileTypes, typeOfFile } from '@parley/core/file-types.ts';
import { type ArchiveLimits, archiveLimits, checkArchive } from './archives.ts';
import { inspect } from './inspect.ts';
import { scannerFrom } from './scanner.ts';
import { Spool } from './spool.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-inspect-'));
after(() => {
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('spool')),
    [],
  );
  rmSync(folder, { recursive: true });
});

let spools = 0;
async function spooled<T>(bytes: Uint8Array, work: (spool: Spool) => Promise<T>): Promise<T> {
  await using spool = await Spool.open(join(folder, `spool-${spools++}`));
  for (let i = 0; i < bytes.length; i += 10_000) await spool.write(bytes.subarray(i, i + 10_000));
  return await work(spool);
}

const refused = (code: string) => (error: unknown) => {
  assert.ok(error instanceof Refusal, String(error));
  assert.equal(error.code, code, error.message);
  return true;
};

interface Entry {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** What the directory says of it, where it lies. */
  readonly said?: number;
  readonly flags?: number;
  readonly stored?: boolean;
}

/** APPNOTE 6.3.10, 4.3, without anything that may be left out. */
function zip(entries: readonly Entry[]): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes, said = bytes.length, flags = 0, stored = false } of entries) {
    const packed = stored ? Buffer.from(bytes) : deflateRawSync(bytes);
    const about = Buffer.alloc(26);
    about.writeUInt16LE(20, 0);
    about.writeUInt16LE(flags, 2);
    about.writeUInt16LE(stored ? 0 : 8, 4);
    about.writeUInt32LE(crc32(bytes), 10);
    about.writeUInt32LE(packed.length, 14);
    about.writeUInt32LE(said, 18);
    about.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), about, Buffer.from(name), packed]);
    const end = Buffer.alloc(14);
    end.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\0'), about, end, Buffer.from(name)]));
    locals.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const last = Buffer.alloc(18);
  last.writeUInt16LE(entries.length, 4);
  last.writeUInt16LE(entries.length, 6);
  last.writeUInt32LE(central.length, 8);
  last.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, central, Buffer.from('PK\x05\x06'), last]);
}

const entry = (name: string, content: string | Uint8Array = name): Entry => ({
  name,
  bytes: Buffer.from(content),
});
const zeros = (size: number) => Buffer.alloc(size);
const mebibyte = 1024 * 1024;
const small: ArchiveLimits = {
  ...archiveLimits,
  free: mebibyte,
  bytes: 2 * mebibyte,
  entries: 10,
  held: 100_000,
};
const check = (bytes: Uint8Array, type = 'application/zip', limits = small) =>
  spooled(bytes, (spool) => checkArchive(spool, type, limits));

describe('an archive', () => {
  it('that is plain is taken, also with archives in it', async () => {
    await check(zip([entry('a'), entry('folder/'), entry('b', zip([entry('c')]))]));
    await check(gzipSync('text'), 'application/gzip');
    await check(gzipSync(zip([entry('a', gzipSync('b'))])), 'application/gzip');
  });

  it('that unpacks to too much is not, whatever it says of itself', async () => {
    await assert.rejects(check(zip([entry('a', zeros(3 * mebibyte))])), refused('file.bomb'));
    await assert.rejects(check(zip([{ ...entry('a', zeros(3 * mebibyte)), said: 10 }])), (error: unknown) =>
      ['file.bomb', 'file.type'].includes((error as Refusal).code),
    );
    await assert.rejects(check(gzipSync(zeros(3 * mebibyte)), 'application/gzip'), refused('file.bomb'));
    const many = Array.from({ length: 11 }, (_, i) => entry(`f${i}`));
    await assert.rejects(check(zip(many)), refused('file.bomb'));
    const five = Array.from({ length: 5 }, (_, i) => entry(`f${i}`, zeros(mebibyte / 2)));
    await assert.rejects(check(zip(five)), refused('file.bomb'));
  });

  it('that hides it deeper is not', async () => {
    const bomb = gzipSync(zeros(3 * mebibyte));
    await assert.rejects(check(zip([entry('a', gzipSync(bomb))])), refused('file.bomb'));
    await assert.rejects(check(gzipSync(gzipSync(bomb)), 'application/gzip'), refused('file.bomb'));
    let nested = zip([entry('x')]);
    for (let i = 0; i < 3; i++) nested = zip([entry(`${i}.zip`, nested)]);
    await assert.rejects(check(nested), refused('file.bomb'));
    const inner = zip([{ ...entry('large', Buffer.alloc(150_000, 1)), stored: true }]);
    await assert.rejects(check(zip([entry('a', inner)])), refused('file.bomb'));
    // Entries count over all depths.
    const six = zip(Array.from({ length: 6 }, (_, i) => entry(`f${i}`)));
    await assert.rejects(check(zip([entry('a', six), entry('b', six)])), refused('file.bomb'));
  });

  it('that takes too long is not, and does not hold others up', async () => {
    const late = { ...small, time: -1 };
    const tooLong = (error: unknown) => refused('file.bomb')(error) && /too long/.test(String(error));
    await assert.rejects(check(zip([entry('a')]), 'application/zip', late), tooLong);
    await assert.rejects(check(gzipSync('text'), 'application/gzip', late), tooLong);
    await assert.rejects(check(zip([entry('a', gzipSync('b'))]), 'application/zip', late), tooLong);
    // What neither goes on nor fails: no piece comes at which the time could be looked at.
    const stuck = { size: 100, read: () => new ReadableStream() } as unknown as Spool;
    await assert.rejects(checkArchive(stuck, 'application/gzip', { ...small, time: -4_900 }), tooLong);
  });

  it('holds no large archive, for that would be held in memory', async () => {
    const inner = zip([{ ...entry('large', Buffer.alloc(5 * mebibyte, 1)), stored: true }]);
    await assert.rejects(
      check(zip([entry('a', inner)]), 'application/zip', archiveLimits),
      refused('file.bomb'),
    );
    const fits = zip([{ ...entry('large', Buffer.alloc(3 * mebibyte, 1)), stored: true }]);
    await check(zip([entry('a', fits)]), 'application/zip', archiveLimits);
  });

  it('that nobody can look into is not', async () => {
    await assert.rejects(check(zip([{ ...entry('a'), flags: 1 }])), refused('file.bomb'));
    await assert.rejects(check(zip([entry('a')]).subarray(0, -5)), refused('file.type'));
    await assert.rejects(check(Buffer.from('PK\x03\x04 and nothing else')), refused('file.type'));
    await assert.rejects(check(gzipSync('abc').subarray(0, -9), 'application/gzip'), refused('file.type'));
  });

  it('is an office document only where it holds what makes one', async () => {
    const docx = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
    const document = [entry('[Content_Types].xml'), entry('word/document.xml')];
    await check(zip(document), docx);
    await assert.rejects(check(zip([entry('a')]), docx), refused('file.type'));
    await assert.rejects(
      check(zip(document), 'application/vnd.oasis.opendocument.text'),
      refused('file.type'),
    );
  });
});

describe('a type', () => {
  const begins: Readonly<Record<string, Buffer>> = {
    'text/plain': Buffer.from('Grüße'),
    'application/pdf': Buffer.from('%PDF-1.7\n'),
    'image/jpeg': Buffer.from([0xff, 0xd8, 0xff, 0xe0]),
    'image/png': Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    'image/gif': Buffer.from('GIF89a'),
    'image/webp': Buffer.from('RIFF\0\0\0\0WEBP'),
    'audio/mpeg': Buffer.from('ID3\x04'),
    'audio/wav': Buffer.from('RIFF\0\0\0\0WAVE'),
    'audio/flac': Buffer.from('fLaC'),
    'audio/ogg': Buffer.from('OggS'),
  };

  it('is the one that a file begins as', async () => {
    for (const [type, bytes] of Object.entries(begins))
      for (const other of Object.keys(begins)) {
        // What is text all through may be called so.
        if (
          other === 'text/plain' &&
          !bytes.some((byte) => byte < 0x20 && byte !== 10) &&
          bytes[0] !== 0xff &&
          bytes[0] !== 0x89
        )
          continue;
        const looked = spooled(bytes, (spool) => inspect(spool, other, null));
        if (type === other) await looked;
        else await assert.rejects(looked, refused('file.type'), `${type} as ${other}`);
      }
    const executables = ['MZ\x90\0', '\x7fELF\x02', '\xca\xfe\xba\xbe'].map((text) =>
      Buffer.from(text, 'latin1'),
    );
    for (const bytes of executables)
      for (const type of allFileTypes)
        await assert.rejects(
          spooled(bytes, (spool) => inspect(spool, type, null)),
          refused('file.type'),
        );
  });

  it('of a text holds to its end', async () => {
    const long = Buffer.concat([Buffer.alloc(600_000, 'ä'), Buffer.from([0])]);
    await assert.rejects(
      spooled(long, (spool) => inspect(spool, 'text/plain', null)),
      refused('file.type'),
    );
    const cut = Buffer.alloc(600_001, 'ä');
    await assert.rejects(
      spooled(cut, (spool) => inspect(spool, 'text/csv', null)),
      refused('file.type'),
    );
    await spooled(Buffer.alloc(600_000, 'ä'), (spool) => inspect(spool, 'text/csv', null));
  });

  it('follows from name and beginning', () => {
    assert.equal(typeOfFile('a.md', Buffer.from('# x')), 'text/markdown');
    assert.equal(typeOfFile('a.PDF', Buffer.from('%PDF-1.4')), 'application/pdf');
    assert.equal(typeOfFile('a.pdf', Buffer.from('GIF89a')), 'image/gif');
    assert.equal(
      typeOfFile('a.docx', Buffer.from('PK\x03\x04')),
      allFileTypes.find((type) => type.endsWith('wordprocessingml.document')),
    );
    assert.equal(typeOfFile('noname', Buffer.from('PK\x03\x04')), 'application/zip');
    assert.equal(typeOfFile('a.exe', Buffer.from([0x4d, 0x5a, 0x90, 0])), null);
  });
});

/** Made up: what the scanners of these tests find. */
const sample = 'PARLEY-TEST-FILE-THAT-A-SCANNER-FINDS';
const infected = Buffer.from(`begin ${sample} end`);
const clean = Buffer.alloc(2 * mebibyte, 'clean ');

describe('a scanner that is a command', () => {
  const script = join(folder, 'scanner.mjs');
  const command = (...args: string[]) => [process.execPath, script, ...args];
  const scan = (bytes: Uint8Array, argv: readonly string[], timeout = 20_000) =>
    spooled(bytes, async (spool) => scannerFrom({ command: argv, address: null, timeout })?.(spool.read()));

  before(() => {
    writeFileSync(
      script,
      `const how = process.argv[2];
if (how === 'sleep') setTimeout(() => {}, 60_000);
else if (how === 'early') process.exit(1);
else {
  let text = '';
  for await (const piece of process.stdin) text += piece;
  process.exit(how ? Number(how) : text.includes('${sample}') ? 1 : 0);
}`,
    );
    chmodSync(script, 0o600);
  });

  it('says by its status whether a file is clean', async () => {
    await scan(clean, command());
    await assert.rejects(scan(infected, command()), refused('file.infected'));
    await assert.rejects(scan(clean, command('early')), refused('file.infected'));
  });

  it('takes nothing where it does not say', async () => {
    await assert.rejects(scan(clean, command('2')), refused('file.unscanned'));
    await assert.rejects(scan(clean, command('sleep'), 300), refused('file.unscanned'));
    await assert.rejects(scan(clean, [join(folder, 'no-such-program')]), refused('file.unscanned'));
  });
});

describe('a scanner that is a clamd', () => {
  let server: Server;
  let address: string;
  let how: 'scan' | 'error' | 'silent' | 'close' = 'scan';
  const sockets = new Set<Socket>();

  before(async () => {
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      if (how === 'close') return socket.destroy();
      let got = Buffer.alloc(0);
      socket.on('data', (data) => {
        got = Buffer.concat([got, data]);
        const answer = how === 'silent' ? null : answerTo(got);
        if (answer !== null)
          socket.end(`${how === 'error' ? 'INSTREAM size limit exceeded. ERROR' : answer}\0`);
      });
      return undefined;
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    address = `127.0.0.1:${port}`;
  });
  after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  /** clamd(8): zINSTREAM, then pieces with their length, then an empty one. Null: not all of it is there. */
  function answerTo(got: Buffer): string | null {
    const start = 'zINSTREAM\0';
    if (got.length < start.length) return null;
    assert.equal(got.subarray(0, start.length).toString(), start);
    const content: Buffer[] = [];
    for (let at = start.length; at + 4 <= got.length; ) {
      const length = got.readUInt32BE(at);
      if (length === 0)
        return Buffer.concat(content).includes(sample) ? 'stream: Made-Up FOUND' : 'stream: OK';
      content.push(got.subarray(at + 4, at + 4 + length));
      at += 4 + length;
    }
    return null;
  }

  const scan = (bytes: Uint8Array, timeout = 20_000, to = address) =>
    spooled(bytes, async (spool) => scannerFrom({ command: null, address: to, timeout })?.(spool.read()));

  it('says whether a file is clean', async () => {
    await scan(clean);
    await assert.rejects(scan(infected), refused('file.infected'));
  });

  it('takes nothing where it does not say', async () => {
    how = 'error';
    await assert.rejects(scan(clean), refused('file.unscanned'));
    how = 'silent';
    await assert.rejects(scan(clean, 300), refused('file.unscanned'));
    how = 'close';
    await assert.rejects(scan(clean), refused('file.unscanned'));
    await assert.rejects(scan(clean, 1_000, '127.0.0.1:1'), refused('file.unscanned'));
    await assert.rejects(scan(clean, 1_000, join(folder, 'no.sock')), refused('file.unscanned'));
  });
});

it('a spool is read from any place, and is not readable on the disk', async () => {
  const bytes = Buffer.from(Array.from({ length: 700_001 }, (_, i) => (i * 7) % 251));
  await spooled(bytes, async (spool) => {
    const ranges = [
      [0, 700_001],
      [1, 2],
      [15, 17],
      [16, 33],
      [262_143, 262_146],
      [699_999, 700_001],
      [5, 5],
    ] as const;
    for (const [from, to] of ranges) {
      const pieces: Buffer[] = [];
      for await (const piece of spool.read(from, to)) pieces.push(piece);
      assert.deepEqual(Buffer.concat(pieces), bytes.subarray(from, to), `${from} to ${to}`);
    }
    const [name = ''] = readdirSync(folder).filter((each) => each.startsWith('spool'));
    assert.equal(readFileSync(join(folder, name)).indexOf(bytes.subarray(0, 16)), -1);
  });
});
