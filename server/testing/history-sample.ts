/**
 * A history that is the same each time: keys, ids, salts and instants are made from counters. What it says is signed and
 * has its shape, and nobody has admitted it: it is for tests of what follows from records alone.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bytes, base64, concat } from '@parley/core/bytes.ts';
import { instantOf, millisecondsOf, type StatementRef } from '@parley/core/fields.ts';
import type { Json } from '@parley/core/json.ts';
import type { KindName } from '@parley/core/kinds.ts';
import { rootOf } from '@parley/core/merkle.ts';
import { checkParts, filePart, makePart, type Part, partLeaf } from '@parley/core/parts.ts';
import { nonceLength } from '@parley/core/record.ts';
import {
  type AnyHeader,
  filesOf,
  handlingOf,
  parseStatement,
  refOf,
  type Signer,
  signHeader,
} from '@parley/core/statement.ts';
import { spanOf } from '../admission/span.ts';
import type { Tables } from '../folds.ts';
import type { Store, StoredRecord } from '../log/ports.ts';
import { createLog, openLog, placeAt } from '../place.ts';
import { seeded } from './actor.ts';

/** Microseconds between two statements. */
const pace = 1_000_000;

export interface About {
  readonly room?: string;
  readonly parts?: readonly Part[];
  /** As admission counts it: see `spanOf`. */
  readonly granted?: number;
  /** How a test calls it; left out: by its kind, the first of it. */
  readonly as?: string;
}

export class History {
  readonly records: StoredRecord[] = [];
  readonly parts: (readonly Part[])[] = [];
  /** Statements by what a test calls them. */
  readonly named = new Map<string, StoredRecord>();
  readonly #keys: Signer[] = [];
  #salts = 0;

  /** The next key. */
  key(): Signer {
    const signer = seeded(new Uint8Array(32).fill(this.#keys.length + 1));
    this.#keys.push(signer);
    return signer;
  }

  part(value: unknown): Part {
    return makePart(value, (length) => this.#salt(length));
  }

  file(): Part {
    return filePart(this.#salt(16), this.#salt(32));
  }

  /** Milliseconds of the next statement and so many seconds after it. */
  at(seconds = 0): string {
    return millisecondsOf(this.#next() + seconds * 1_000_000);
  }

  async say(
    kind: KindName,
    by: Signer,
    body: object,
    { room, parts = [], granted = 0, as }: About = {},
    party = by.device,
  ): Promise<StatementRef> {
    const index = this.records.length;
    const header = {
      ...{ kind, centre: 'centre.example', ...(room === undefined ? {} : { room }) },
      id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
      ...{ party, device: by.device, at: this.at(), body },
      ...(parts.length > 0
        ? { parts: { count: parts.length, root: base64(rootOf(parts.map(partLeaf))) } }
        : {}),
    } as unknown as AnyHeader;
    const statement = parseStatement((await signHeader(header, by)) as unknown as Json);
    const said = statement.header;
    const { leaves } = checkParts(kind, said.parts, parts, handlingOf(said), filesOf(said));
    const record: StoredRecord = {
      ...statement,
      ...{ index, instant: this.#next(), span: spanOf(said, granted), nonce: new Uint8Array(nonceLength) },
      leaves: concat(...leaves),
    };
    this.records.push(record);
    this.parts.push(parts);
    if (as !== undefined || !this.named.has(kind)) this.named.set(as ?? kind, record);
    return refOf(said);
  }

  #next(): number {
    return instantOf('2026-05-01T12:00:00.000Z') + this.records.length * pace;
  }

  #salt(length: number): Bytes {
    this.#salts++;
    return new Uint8Array(length).fill(this.#salts % 256);
  }
}

/** A store whose log is the history, with nothing folded yet. */
export async function storeOf(
  records: readonly StoredRecord[],
  parts: readonly (readonly Part[])[],
): Promise<{ readonly store: Store<Tables>; readonly end: () => Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-'));
  const place = placeAt(folder);
  await createLog(place);
  const store = await openLog<Tables>(place);
  await store.commit(async ({ log }) => {
    for (const record of records) await log.append(record, new Uint8Array(32), parts[record.index] ?? []);
    const last = records.at(-1);
    const instant = last ? last.instant + last.span : 0;
    await log.advance(0, { size: records.length, root: new Uint8Array(32), instant, checkpoint: 'none' });
  });
  const end = async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { store, end };
}
