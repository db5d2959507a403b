/** Programs of others that verify a log, and a centre whose log they read over HTTP. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { base64 } from '@parley/core/bytes.ts';
import { commitment, recordLeaf } from '@parley/core/record.ts';
import { checkCentre } from '../../server/check-centre.ts';
import { indicator, type Said } from '../../server/testing/actor.ts';
import { located } from '../../server/testing/located.ts';
import { type Served, serve } from '../../server/testing/served.ts';
import { World } from '../../server/testing/world.ts';
import { GoPrograms, type Ran } from './go.ts';

/** What `verify` tells of a log that it found right. */
export interface Report {
  origin: string;
  size: number;
  root: string;
  signed: string[];
  unknown: number;
  records: number;
  named: number;
  consistent: [number, number][];
}

export class Verifiers {
  readonly programs: GoPrograms;
  readonly #folder = mkdtempSync(join(tmpdir(), 'parley-verifiers-'));

  private constructor(programs: GoPrograms) {
    this.programs = programs;
  }

  static async build(): Promise<Verifiers> {
    return new Verifiers(await GoPrograms.build('verify', 'proof', 'fsck'));
  }

  /** A file for a program to read. */
  keep(name: string, text: string | Uint8Array): string {
    const file = join(this.#folder, name);
    writeFileSync(file, text);
    return file;
  }

  /** The leaves that receipts promise, as `verify` takes them. */
  keepLeaves(of: readonly Said[]): string {
    return this.keep('leaves', JSON.stringify(Object.fromEntries(of.map((one) => [one.index, leafOf(one)]))));
  }

  /** @param about files with earlier checkpoints, and one with leaves */
  verify(
    url: string,
    key: string,
    about: { readonly old?: readonly string[]; readonly leaves?: string } = {},
  ): Promise<Ran> {
    const old = (about.old ?? []).flatMap((file) => ['-old', file]);
    const named = about.leaves ? ['-leaves', about.leaves] : [];
    return this.programs.run('verify', ['-log', url, '-key', key, ...old, ...named]);
  }

  /** tessera's program ends with status 0 whatever it has found: what it says counts. */
  async fsck(url: string, key: string): Promise<Ran> {
    const args = ['-storage_url', `${url}/`, '-public_key', this.keep('key', key), '-ui=false', '-N', '2'];
    const ran = await this.programs.run('fsck', args);
    const [passed, failed] = ["Successfully fsck'd log", 'fsck failed'].map((text) => ran.err.includes(text));
    assert.notEqual(passed, failed, ran.err);
    return { ...ran, status: passed ? 0 : 1 };
  }

  async end(): Promise<void> {
    await this.programs.end();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

export function leafOf(said: Said): string {
  return base64(recordLeaf(commitment(said, said.statement.envelope)));
}

export function reportOf(ran: Ran): Report {
  assert.equal(ran.status, 0, ran.err);
  return JSON.parse(ran.out) as Report;
}

/** A centre with a room, and so much said in it that the log has full tiles and a partial one. */
export interface ReadCentre {
  readonly world: World;
  /** Where its log is served, without a slash at the end. */
  readonly log: string;
  /** The log's Ed25519 key. */
  readonly key: string;
  readonly room: string;
  readonly said: readonly Said[];
  /** Checkpoints as they were served while the log grew. */
  readonly earlier: readonly string[];
  checkpoint(): Promise<string>;
  end(): Promise<void>;
}

/** No digest of the hour lengthens the log while a test compares sizes. */
export const quiet = { digestEvery: Number.MAX_SAFE_INTEGER };

export const often = { perAddress: 1_000_000, perParty: 1_000_000 };
const rounds = 8;
const each = 75;

export async function beginReadCentre(): Promise<ReadCentre> {
  const world = await World.begin(quiet);
  const served = await serve(world, { rates: often });
  const log = logUrl(served);
  const checkpoint = async () => (await fetch(`${log}/checkpoint`)).text();
  const room = await world.host.openRoom();
  const said: Said[] = [];
  const earlier: string[] = [];
  for (let round = 0; round < rounds; round++) {
    earlier.push(await checkpoint());
    const shares = Array.from({ length: each }, (_, i) =>
      world.host.share(room, [indicator(`${round}/${i}`)]),
    );
    said.push(...(await Promise.all(shares)));
  }
  return {
    ...{ world, log, room, said, earlier, checkpoint },
    key: world.centre.vkeys[0] ?? '',
    async end() {
      const { folder, centre } = world;
      await checkCentre({ ...located(folder), centre: centre.name, now: centre.now() });
      await served.end();
      assert.deepEqual(world.doubts, []);
    },
  };
}

export function logUrl({ url, world: { centre } }: Served): string {
  return `${url}${centre.origin.slice(centre.name.length)}`;
}
