/**
 * A log alone, of as many records as a test wants, behind the centre's own routes: statements that nobody has signed,
 * written by the sequencer through the port of the store, so that tens of thousands take seconds.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatVkey } from '@parley/core/note.ts';
import { Fake } from '../../server/api/testing/fake.ts';
import { logVkeys } from '../../server/log/keys.ts';
import { inclusionProofAt, tileBytes } from '../../server/log/proofs.ts';
import { sampleStatement } from '../../server/log/sample.ts';
import { keys, start, submitAll } from '../../server/log/sequencer-sample.ts';
import { createSqlite, openSqlite } from '../../server/storage/sqlite.ts';

export interface LongLog {
  /** Where the log is served, without a slash at the end. */
  readonly url: string;
  /** The log's keys, the Ed25519 one first. */
  readonly vkeys: readonly string[];
  /** The log's own notes of the sizes that were asked for. */
  readonly checkpoints: readonly string[];
  end(): Promise<void>;
}

const origin = 'centre.example/log/1';
/** Statements that wait at once. */
const most = 2_048;

/** @param sizes rising */
export async function serveLog(sizes: readonly number[]): Promise<LongLog> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-long-'));
  const path = join(folder, 'log.sqlite');
  createSqlite(path);
  const store = openSqlite<unknown>(path);
  const { sequencer, doubts } = await start(store, { origin });
  const checkpoints: string[] = [];
  for (const size of sizes) {
    for (let at = sequencer.head()?.size ?? 0; at < size; at += most)
      await submitAll(
        sequencer,
        Array.from({ length: Math.min(most, size - at) }, () => sampleStatement('share/1', [])),
      );
    checkpoints.push(sequencer.head()?.checkpoint ?? '');
  }
  await sequencer.stop();
  if (doubts.length > 0) throw doubts[0];

  const vkeys = logVkeys(keys, origin).map(formatVkey);
  const fake = new Fake();
  fake.overrides = {
    info: { ...fake.context().info, origin, logs: vkeys },
    read: (work) =>
      store.snapshot(({ log }) =>
        work({
          sources: fake.sources,
          log: {
            async head() {
              const head = await log.head();
              return head && { size: head.size, note: head.checkpoint };
            },
            cosigned: () => log.cosigned(),
            tile: async (tile) => tileBytes(log, tile, (await log.head())?.size ?? 0),
            inclusionProof: (index, size) => inclusionProofAt(log, index, size),
          },
        }),
      ),
  };
  const server = await fake.server();
  await server.listen({ host: '127.0.0.1', port: 0 });
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/log/1`,
    vkeys,
    checkpoints,
    async end() {
      server.server.closeAllConnections();
      await server.close();
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
