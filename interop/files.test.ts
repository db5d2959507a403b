/** Files by the command line, between two parties at a running centre: shared, read, proven, taken back. */

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdtempSync,
  openAsBlob,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Refusal } from '@parley/core/errors.ts';
import { eventually } from '@parley/core/testing/eventually.ts';
import { memoryInRam, openCentre } from '@parley/sdk/centre.ts';
import { generateKey } from '@parley/sdk/signer.ts';
import { parley } from '../cli/testing/terminal.ts';
import { checkCentre } from '../server/check-centre.ts';
import { pathsIn } from '../server/paths.ts';
import { type Actor, handling } from '../server/testing/actor.ts';
import { pieces, textFile, uploadLine } from '../server/testing/files.ts';
import { located } from '../server/testing/located.ts';
import { beginServed, type Served } from '../server/testing/served.ts';

const mebibyte = 1024 * 1024;

describe('files at a running centre', () => {
  let served: Served;
  let folder: string;
  let room: string;
  let anna: Actor;

  const at = (name: string) => join(folder, name);
  const as = async (who: string, ...args: string[]) => {
    const { status, out, err } = await parley(['--home', at(who), '--json', ...args]);
    assert.equal(status, 0, `parley ${args.join(' ')}: ${err}`);
    return JSON.parse(out);
  };
  const refused = async (code: string, who: string, ...args: string[]) => {
    const { status, out, err } = await parley(['--home', at(who), '--json', ...args]);
    assert.notEqual(status, 0, `parley ${args.join(' ')}: ${out}`);
    assert.match(err + out, new RegExp(`"code":"${code}"`), err);
  };

  before(async () => {
    served = await beginServed({ rates: { perAddress: 1_000_000, perParty: 1_000_000 } });
    folder = mkdtempSync(join(tmpdir(), 'parley-files-'));
    for (const name of ['north', 'south', 'east'])
      await as(name, 'join', served.url, await served.world.invitation(), '--name', name, '--device', 'desk');
    room = (await as('north', 'room', 'open', '--title', 'Plans', '--purposes', 'event-security')).opened;
    const { party } = await as('south', 'whoami');
    await as('north', 'room', 'invite', room, party);
    await as('south', 'room', 'accept', room);
    for (const name of ['north', 'south', 'east']) await as(name, 'open', '--purpose', 'event-security');
    anna = await served.world.party('Anna');
  });
  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    assert.deepEqual(served.world.doubts, []);
    assert.equal(served.world.centre.disagreements(), 0);
    await checkCentre({ ...located(served.world.folder) });
    await served.end();
  });

  it('are shared with captions, listed, fetched to the byte and proven offline', async () => {
    writeFileSync(at('plan.txt'), 'Gate 4 opens at noon\n');
    writeFileSync(at('notes.md'), '# Posts\n');
    const shared = await as(
      'north',
      ...['share', '--room', room, '--file', at('plan.txt'), '--caption', 'As of May'],
      ...['--file', at('notes.md'), '--case', 'K 26-114'],
    );
    const id = shared.statements[0].id;
    assert.deepEqual(
      shared.files.map(({ name, type }: { name: string; type: string }) => [name, type]),
      [
        ['plan.txt', 'text/plain'],
        ['notes.md', 'text/markdown'],
      ],
    );
    const { files } = await as('south', 'file', 'list', id);
    assert.deepEqual(
      files.map(({ name, size }: { name: string; size: number }) => [name, size]),
      [
        ['plan.txt', 21],
        ['notes.md', 8],
      ],
    );
    const n = files[0].n;
    await as('south', 'file', 'get', id, String(n), '-o', at('got.txt'));
    assert.deepEqual(readFileSync(at('got.txt')), readFileSync(at('plan.txt')));
    writeFileSync(at('got.txt'), 'something else');
    await refused('command.usage', 'south', 'file', 'get', id, String(n), '-o', at('got.txt'));
    assert.equal(readFileSync(at('got.txt'), 'utf8'), 'something else');
    await as('south', 'file', 'get', id, String(n), '-o', at('got.txt'), '--force');
    assert.deepEqual(readFileSync(at('got.txt')), readFileSync(at('plan.txt')));
    const again = await as('north', 'share', '--room', room, '--file', at('plan.txt'));
    assert.deepEqual([again.statements, again.files, again.known], [[], [], 1]);
    const shown = await parley(['--home', at('south'), 'show', id]);
    assert.match(shown.out, /plan\.txt, text\/plain, 21 bytes: parley --home \S+ file get/);
    assert.match(shown.out, /As of May/);
    const read = await parley(['--home', at('south'), 'read', '--room', room]);
    assert.match(read.out, /file +.*text\/plain, 21 bytes/);

    await as('south', 'receipt', 'get', id, '--part', String(n), '--out', at('r.json'));
    const { party } = await as('north', 'whoami');
    const log = (await as('south', 'log')).logs ?? served.world.centre.vkeys;
    const check = (file: string) => [
      ...['receipt', 'verify', at('r.json'), '--party', party, '--part', `${n}=${file}`],
      ...log.flatMap((key: string) => ['--log-key', key]),
    ];
    assert.deepEqual((await as('east', ...check(at('plan.txt')))).parts.proven, [n]);
    await refused('parts.root', 'east', ...check(at('notes.md')));
    // Without the file, the receipt proves nothing of it.
    const without = check('').filter((arg) => arg !== '--part' && arg !== `${n}=`);
    const bare = await as('east', ...without);
    assert.deepEqual(bare.parts.proven, []);
  });

  it('say who had them: reading the page is not having the file', async () => {
    writeFileSync(at('had.txt'), 'had');
    const { statements } = await as('north', 'share', '--room', room, '--file', at('had.txt'));
    const { id } = statements[0];
    await as('south', 'file', 'list', id);
    const parts = async () =>
      (await as('north', 'readers', id)).readers.map(({ parts }: { parts: number[] }) => parts);
    assert.deepEqual(await parts(), [[0]]);
    await as('south', 'file', 'get', id, '1', '-o', at('had.out'));
    assert.deepEqual(await parts(), [[0], [1]]);
  });

  it('go along in an export, and are checked there again', async () => {
    writeFileSync(at('along.txt'), 'taken along');
    const { statements } = await as('north', 'share', '--room', room, '--file', at('along.txt'));
    const { party, id } = statements[0];
    await as('south', 'export', '--party', at('left'));
    const path = join(at('left'), 'files', party.slice(0, 16), id, '1');
    assert.equal(readFileSync(path, 'utf8'), 'taken along');
    const { parts } = await as('south', 'export', '--check', at('left'));
    assert.ok(parts >= 2);
    for (const bundle of readdirSync(join(at('left'), 'rooms')))
      JSON.parse(readFileSync(join(at('left'), 'rooms', bundle, 'bundle.json'), 'utf8'));
    writeFileSync(path, 'taken alonG');
    await refused('parts.root', 'south', 'export', '--check', at('left'));
  });

  it('are not there for others, and no more once they were taken back', async () => {
    writeFileSync(at('gone.txt'), 'gone');
    const { statements } = await as('north', 'share', '--room', room, '--file', at('gone.txt'));
    const { id, party } = statements[0];
    await refused('absent', 'east', 'file', 'get', `${party}/${id}`, '1', '-o', at('x'));
    await as('north', 'recall', id);
    await refused('absent', 'south', 'file', 'get', `${party}/${id}`, '1', '-o', at('x'));
    assert.ok(!existsSync(at('x')));
  });

  it('lose their metadata before they leave, or are refused', async () => {
    const wave = Buffer.concat([
      Buffer.from('RIFF\x4e\0\0\0WAVE', 'latin1'),
      Buffer.from('LIST\x1a\0\0\0INFOIART\x0e\0\0\0MARKED-PERSON\0', 'latin1'),
      Buffer.from('fmt \x10\0\0\0', 'latin1'),
      Buffer.alloc(16, 1),
      Buffer.from('data\x04\0\0\0abcd', 'latin1'),
    ]);
    writeFileSync(at('sound.wav'), wave);
    const { statements } = await as('north', 'share', '--room', room, '--file', at('sound.wav'));
    await as('south', 'file', 'get', statements[0].id, '1', '-o', at('sound.out'));
    assert.ok(!readFileSync(at('sound.out')).includes('MARKED-PERSON'));
    assert.ok(readFileSync(at('sound.out')).includes('abcd'));
    writeFileSync(at('sound.flac'), 'fLaC and more');
    await refused('file.metadata', 'north', 'share', '--room', room, '--file', at('sound.flac'));
    await as('north', 'share', '--room', room, '--file', at('sound.flac'), '--keep-metadata');
  });

  it('are refused where they are not what they say', async () => {
    writeFileSync(at('page.html'), '\x00\x01<html>');
    await refused('file.type', 'north', 'share', '--room', room, '--file', at('page.html'));
    await refused('file.unreadable', 'north', 'share', '--room', room, '--file', at('nothing'));
    await refused('command.usage', 'north', 'share', '--room', room);
    await refused('command.usage', 'north', 'share', at('plan.txt'), '--room', room, '--caption', 'x');
  });

  it('of 64 MiB go both ways by pieces', async () => {
    const { signer } = await generateKey();
    const memory = memoryInRam();
    const centre = await openCentre(served.url, { memory });
    const code = await served.world.invitation();
    await centre.join({ code, name: 'Large', device: 'desk', signer });
    const session = await centre.session({ signer, party: signer.device, purpose: 'event-security' });
    const opened = await session.openRoom({
      title: 'Large',
      purposes: ['event-security'],
      own: [],
      handling: { purposes: ['event-security'], onward: 'ask', tlp: 'amber' },
      retention: null,
      past: false,
      roster: true,
      conditions: 'x',
    });
    const rooms = await session.rooms();
    const into = rooms.find(({ owner }) => owner === opened.statement.header.party)?.room ?? '';
    const bytes = randomBytes(64 * mebibyte);
    bytes.write('OggS', 0, 'latin1');
    writeFileSync(at('large.ogg'), bytes);
    const blob = await openAsBlob(at('large.ogg'));
    const receipt = await session.shareFiles(into, [{ blob, name: 'large.ogg' }], handling, {
      keepMetadata: true,
    });
    const { party, id } = receipt.statement.header;
    const file = await session.file({ party, id }, 1);
    let [size, largest, place] = [0, 0, 0];
    for await (const piece of file.pieces) {
      assert.ok(Buffer.from(piece).equals(bytes.subarray(place, place + piece.length)));
      place += piece.length;
      size += piece.length;
      largest = Math.max(largest, piece.length);
    }
    assert.equal(size, 64 * mebibyte);
    assert.ok(largest <= mebibyte, `pieces of ${largest}`);
  });

  it('that break off leave nothing, and are refused by name while they still come', async () => {
    const { line } = await uploadLine(anna, textFile('x'.repeat(5 * mebibyte)));
    const { files } = pathsIn(served.world.folder);
    const count = () => readdirSync(files).length;
    const had = count();
    await new Promise<void>((resolve) => {
      const asked = request(`${served.url}/api/v1/files`, {
        method: 'POST',
        headers: { 'content-type': 'application/vnd.parley.upload' },
      });
      asked.on('error', () => resolve());
      asked.write(Buffer.concat([line, Buffer.from('\n'), Buffer.alloc(mebibyte, 0x78)]));
      setTimeout(() => asked.destroy(), 200);
    });
    await eventually('it is gone', () => count() <= had);
    assert.equal(count(), had);
    const large = await uploadLine(anna, textFile('y'), { size: 65 * mebibyte });
    const body = new Blob([large.line, '\n', new Uint8Array(20 * mebibyte)]);
    const answer = await fetch(`${served.url}/api/v1/files`, {
      method: 'POST',
      headers: { 'content-type': 'application/vnd.parley.upload' },
      body,
    });
    assert.deepEqual(
      [answer.status, ((await answer.json()) as { code: string }).code],
      [413, 'file.too-large'],
    );
  });

  it('are saved by a browser, never shown, and what lies is found out', async () => {
    const file = textFile('harmless');
    const { line, part } = await uploadLine(anna, file);
    await served.world.centre.files.receive(line, pieces(file.bytes));
    const open = await served.world.room([anna], { past: true });
    const said = await anna.say(
      'share/1',
      {
        handling: {
          ...handling,
          to: 'public',
          purposes: ['public-information'],
          onward: 'room',
          tlp: 'clear',
        },
        files: [{ n: 0, size: file.bytes.length, type: file.type }],
      },
      { room: open, parts: [part] },
    );
    const url = `${served.url}/api/v1/statements/${said.ref.party}/${said.ref.id}/parts/0/file`;
    const answer = await fetch(url);
    assert.equal(await answer.text(), 'harmless');
    assert.equal(answer.headers.get('content-type'), 'application/octet-stream');
    assert.match(answer.headers.get('content-disposition') ?? '', /^attachment/);
    assert.match(answer.headers.get('content-security-policy') ?? '', /sandbox/);
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
    const lying = await openCentre(served.url, {
      memory: memoryInRam(),
      fetch: async (at, init) => {
        const honest = await fetch(at, init);
        return at.endsWith('/file') ? new Response('harmfull', { headers: honest.headers }) : honest;
      },
    });
    const got = await lying.public().file(said.ref, 0);
    await assert.rejects(
      async () => {
        for await (const _ of got.pieces);
      },
      (error: unknown) => error instanceof Refusal && error.code === 'parts.root',
    );
  });
});
