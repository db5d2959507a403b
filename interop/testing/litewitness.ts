/** torchwood's litewitness on the loopback: a witness that we did not write, with its key in an agent for tests. */

import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { base64 } from '@parley/core/bytes.ts';
import { emptyRoot } from '@parley/core/merkle.ts';
import { eventually } from '@parley/core/testing/eventually.ts';
import type { GoPrograms, Started } from './go.ts';

/** Another may take the port between our looking for a free one and its listening there. */
const attempts = 5;

export class Litewitness {
  readonly url: string;
  readonly vkey: string;
  readonly #db: string;
  readonly #started: Started;

  private constructor(url: string, vkey: string, db: string, started: Started) {
    this.url = url;
    this.vkey = vkey;
    this.#db = db;
    this.#started = started;
  }

  /** @param folder with a short path: a socket lies in it */
  static async begin(programs: GoPrograms, name: string, folder: string): Promise<Litewitness> {
    const socket = join(folder, 'agent');
    const keyring = programs.start('keyring', [socket]);
    const { fingerprint } = JSON.parse(await eventually('its key', () => keyring.out)) as {
      fingerprint: string;
    };
    const db = join(folder, 'litewitness.sqlite');
    const about = ['-name', name, '-db', db, '-ssh-agent', socket, '-key', fingerprint];
    let said = '';
    for (let i = 0; i < attempts; i++) {
      const listen = `127.0.0.1:${await freePort()}`;
      const started = programs.start('litewitness', [...about, '-listen', listen]);
      const vkey = await listening(started, `http://${listen}`);
      if (vkey !== null) return new Litewitness(`http://${listen}`, vkey, db, started);
      said = started.err;
    }
    throw new Error(`litewitness does not listen: ${said}`);
  }

  /** What its own `witnessctl add-log` and `add-key` write, which cannot be built everywhere. */
  addLog(origin: string, vkey: string): void {
    this.#open((db) => {
      db.prepare('insert into log (origin, tree_size, tree_hash) values (?, 0, ?)').run(
        origin,
        base64(emptyRoot),
      );
      db.prepare('insert into key (origin, key) values (?, ?)').run(origin, vkey);
    });
  }

  /** What it has cosigned last. */
  known(origin: string): { readonly size: number; readonly root: string } {
    const row = this.#open((db) =>
      db.prepare('select tree_size, tree_hash from log where origin = ?').get(origin),
    );
    return { size: Number(row?.tree_size), root: String(row?.tree_hash) };
  }

  stop(): Promise<void> {
    return this.#started.stop();
  }

  #open<T>(work: (db: DatabaseSync) => T): T {
    const db = new DatabaseSync(this.#db, { timeout: 5_000 });
    try {
      return work(db);
    } finally {
      db.close();
    }
  }
}

/** Its vkey, once it answers; null when it could not listen. */
function listening(started: Started, url: string): Promise<string | null> {
  return eventually('it answers', async () => {
    if (started.ended) return { vkey: null };
    const answers = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    const [, vkey] = /msg="verifier key" vkey="?([^"\s]+)/.exec(started.err) ?? [];
    return answers && vkey ? { vkey } : null;
  }).then(({ vkey }) => vkey);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
