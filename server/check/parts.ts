/** Parts against the signed root, and what was taken back: nothing is missing, and nothing has stayed. */
import { type Part, partNumber, placeOf } from '@parley/core/parts.ts';
import { splitLeaves, verifyLeaves, verifyPart } from '@parley/core/receipt.ts';
import { fileAt, isA } from '@parley/core/statement.ts';
import { sql } from 'kysely';
import type { StoredRecord } from '../log/ports.ts';
import type { Moment } from '../sources.ts';
import { withParts } from '../with-parts.ts';
import { checking, corrupt } from './corrupt.ts';
import { HoldsCheck } from './holds.ts';

interface Row {
  readonly number: number;
  readonly bytes: number;
  readonly salt: number;
}

export class PartsCheck {
  readonly #moment: Moment;
  /** Part numbers that give nothing when they are read, and those that somebody took back. */
  readonly #absent = new Set<number>();
  readonly #taken = new Set<number>();
  readonly #holds = new HoldsCheck();
  #declared = 0;

  constructor(moment: Moment) {
    this.#moment = moment;
  }

  /** The next records, in order. */
  async take(records: readonly StoredRecord[]): Promise<void> {
    const [first, last] = [records.at(0), records.at(-1)];
    if (!first || !last) return;
    const rows = await this.#rows(first.index, last.index + 1);
    for await (const { record, parts } of withParts(records, this.#moment.log)) {
      const { index, header } = record;
      const at = `parts/${index}`;
      if (parts.some((_, n) => !rows.has(partNumber(index, n)))) throw corrupt(at, 'a row is missing');
      this.#declared += parts.length;
      await checking(at, () => this.#checkBytes(record, parts));
      if (isA(header, 'recall/1') || isA(header, 'expiry/1')) await this.#takeBack(record);
      else await this.#holds.take(record, this.#moment.log, this.#taken);
    }
  }

  async #rows(from: number, to: number): Promise<ReadonlySet<number>> {
    const { rows } = await sql<Row>`
      select number, bytes is null as bytes, salt is null as salt from parts
      where number >= ${partNumber(from, 0)} and number < ${partNumber(to, 0)}`.execute(this.#moment.db);
    const half = rows.find(({ bytes, salt }) => bytes !== salt);
    if (half) throw corrupt(`parts/${spelled(half.number)}`, 'erased by half');
    return new Set(rows.map(({ number }) => number));
  }

  #checkBytes({ index, header, leaves: bytes }: StoredRecord, parts: readonly (Part | null)[]): void {
    const leaves = splitLeaves(bytes);
    verifyLeaves(header, leaves);
    for (const [n, part] of parts.entries()) {
      const number = partNumber(index, n);
      // The bytes of a file lie apart: see `files.ts`.
      if (part && fileAt(header, n) === null) verifyPart(leaves, n, part);
      else if (part && part.bytes.length > 0) throw corrupt(`parts/${spelled(number)}`, 'a file in the log');
      else if (!part) this.#absent.add(number);
    }
  }

  async #takeBack({ header, index }: StoredRecord): Promise<void> {
    if (!isA(header, 'recall/1') && !isA(header, 'expiry/1')) return;
    // From some parties only: the others keep it.
    if (isA(header, 'recall/1') && header.body.from !== undefined) return;
    const { log } = this.#moment;
    const target = await log.find(header.body.target);
    const [record] = target === null ? [] : await log.records([target]);
    if (!record) throw corrupt(`records/${index}`, 'it takes back what is not there');
    const every = Array.from({ length: record.header.parts?.count ?? 0 }, (_, n) => n);
    const parts = isA(header, 'recall/1') ? (header.body.parts ?? every) : every;
    for (const n of parts) this.#taken.add(partNumber(record.index, n));
  }

  /** @returns how many parts there are, how many are erased, and how many are hidden and wait for it */
  async finish(): Promise<{ parts: number; erased: number; condemned: number }> {
    const { db, log } = this.#moment;
    const missing = [...this.#absent].find((number) => !this.#taken.has(number));
    if (missing !== undefined) throw corrupt(`parts/${spelled(missing)}`, 'missing, and nobody took it back');
    const held = this.#holds.standing();
    const gone = [...held].find((number) => this.#absent.has(number));
    if (gone !== undefined) throw corrupt(`parts/${spelled(gone)}`, 'held, and missing');
    const left = [...this.#taken].find((number) => !this.#absent.has(number) && !held.has(number));
    if (left !== undefined) throw corrupt(`parts/${spelled(left)}`, 'taken back, and still there');
    const { rows } = await sql<{ n: number }>`select count(*) as n from parts`.execute(db);
    if (Number(rows[0]?.n) !== this.#declared) throw corrupt('parts', 'rows that belong to no record');
    const condemned = await log.condemned();
    await this.#checkCondemned();
    return { parts: this.#declared, erased: this.#absent.size - condemned, condemned };
  }

  async #checkCondemned(): Promise<void> {
    const { rows } = await sql<{ number: number }>`
      select number from condemned c
      where not exists (select 1 from parts p where p.number = c.number and p.bytes is not null)`.execute(
      this.#moment.db,
    );
    const [stale] = rows;
    if (stale) throw corrupt(`condemned/${spelled(stale.number)}`, 'erased already');
  }
}

function spelled(number: number): string {
  const { index, n } = placeOf(number);
  return `${index}/${n}`;
}
