/**
 * The main job on real input, by the command line: MITRE ATT&CK (24,771 STIX objects) shared into a room by one party,
 * read back by another, byte for byte, and audited.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { beginServed, type Served } from '../server/testing/served.ts';

const root = join(import.meta.dirname, '..');
const data = join(root, '../shared/data/attack-enterprise.jsonl.gz');
const run = promisify(execFile);

function linesOf(bytes: Buffer): string[] {
  return bytes.toString().trimEnd().split('\n').sort();
}

describe('ATT&CK by the command line', {
  skip: !existsSync(data) && 'the data is not beside the project',
}, () => {
  let served: Served;
  let folder: string;

  /** @param who a home of its own */
  async function parley<T = unknown>(who: string, ...args: string[]): Promise<T> {
    const { stdout } = await run(
      process.execPath,
      [join(root, 'bin/parley.js'), '--home', join(folder, who), '--json', ...args],
      {
        maxBuffer: 256 * 1024 * 1024,
      },
    );
    return JSON.parse(stdout) as T;
  }

  before(async () => {
    served = await beginServed({}, { ownThread: true });
    folder = mkdtempSync(join(tmpdir(), 'parley-homes-'));
  });
  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    assert.deepEqual(served.world.doubts, []);
    assert.equal(served.world.centre.disagreements(), 0);
    await served.end();
  });

  it('shares, reads back and verifies all of it', async () => {
    for (const name of ['north', 'south']) {
      const code = await served.world.invitation();
      await parley(name, 'join', served.url, code, '--name', name, '--device', 'desk');
    }
    const { opened: room } = await parley<{ opened: string }>(
      'north',
      'room',
      'open',
      '--title',
      'Techniques',
      '--purposes',
      'cyber-defence',
    );
    const { party } = await parley<{ party: string }>('south', 'whoami');
    await parley('north', 'room', 'invite', room, party);
    await parley('south', 'room', 'accept', room);
    const shared = await parley<{ objects: number }>(
      'north',
      'share',
      data,
      '--room',
      room,
      '--tlp',
      'clear',
    );
    assert.equal(shared.objects, 24_771);
    const out = join(folder, 'out.jsonl');
    await parley('south', '--purpose', 'cyber-defence', 'read', '--room', room, '--out', out);
    // Several shares are on their way at once, so their order is the log's.
    assert.deepEqual(linesOf(readFileSync(out)), linesOf(gunzipSync(readFileSync(data))), 'the same bytes');
    const again = await parley<{ statements: unknown[] }>(
      'north',
      'share',
      data,
      '--room',
      room,
      '--tlp',
      'clear',
    );
    assert.deepEqual(again.statements, [], 'what is there already is left out');
    await parley('south', 'verify');
  });
});
