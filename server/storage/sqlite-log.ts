/** The log in SQLite. Lists of numbers go in as one JSON value, so that each question is one prepared statement. */
import { type Bytes, fromUtf8 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { StatementRef } from '@parley/core/fields.ts';
import { type Part, partNumber } from '@parley/core/parts.ts';
import { type AnyHeader, statementType } from '@parley/core/statement.ts';
import type { Head, LogReader, LogWriter, PartNumber, StoredRecord } from '../log/ports.ts';
import type { RecordCache } from './record-cache.ts';
import type { RecordSeal } from './record-seal.ts';
import type { Connection } from './sqlite-connection.ts';

interface RecordRow {
  index: number;
  instant: number;
  span: number;
  nonce: Bytes;
  payload: Bytes;
  signature: Bytes;
  leaves: Bytes;
}

const recordColumns = '"index", instant, span, nonce, payload, signature, leaves';

/** The payload was checked at admission, and is canonical: parsing it is all there is to do. */
function recordOf(row: RecordRow, seal: RecordSeal): StoredRecord {
  const { index, instant, span, leaves } = row;
  const { nonce, payload, signature } = seal.openRecord(index, row);
  const header = JSON.parse(fromUtf8(payload)) as AnyHeader;
  const envelope = { payload, payloadType: statementType, keyid: header.device, signature };
  return { index, instant, span, nonce, leaves, envelope, header };
}

export class SqliteLogReader implements LogReader {
  protected readonly connection: Connection;
  protected readonly seal: RecordSeal;
  readonly #cache: RecordCache;
  /** Records below were committed when the transaction began: only these may be cached, or come from the cache. */
  #settled = 0;

  constructor(connection: Connection, cache: RecordCache, seal: RecordSeal) {
    this.connection = connection;
    this.seal = seal;
    this.#cache = cache;
  }

  /** To be called when a transaction begins. SQLite takes its moment with this first read. */
  begin(): void {
    this.#settled = this.connection.get<{ size: number }>('select size from head')?.size ?? 0;
  }

  async head(): Promise<Head | null> {
    return this.connection.get<Head>('select size, root, instant, checkpoint from head') ?? null;
  }

  async records(indexes: readonly number[]): Promise<StoredRecord[]> {
    const found: StoredRecord[] = [];
    const unread: number[] = [];
    for (const index of new Set(indexes)) {
      const known = index < this.#settled ? this.#cache.get(index) : undefined;
      if (known) found.push(known);
      else unread.push(index);
    }
    if (unread.length > 0) found.push(...this.#read(unread));
    return found.sort((a, b) => a.index - b.index);
  }

  #read(indexes: readonly number[]): StoredRecord[] {
    const sql = `select ${recordColumns} from records where "index" in (select value from json_each(?))`;
    const records = this.#opened(this.connection.all<RecordRow>(sql, JSON.stringify(indexes)));
    for (const record of records) if (record.index < this.#settled) this.#cache.put(record);
    return records;
  }

  async range(from: number, to: number): Promise<StoredRecord[]> {
    const sql = `select ${recordColumns} from records where "index" >= ? and "index" < ? order by "index"`;
    return this.#opened(this.connection.all<RecordRow>(sql, from, to));
  }

  #opened(rows: readonly RecordRow[]): StoredRecord[] {
    return rows.map((row) => recordOf(row, this.seal));
  }

  async find({ party, id }: StatementRef): Promise<number | null> {
    const sql = 'select "index" from records where party = ? and id = ?';
    return this.connection.get<{ index: number }>(sql, party, id)?.index ?? null;
  }

  async findAll(refs: readonly StatementRef[]): Promise<(number | null)[]> {
    const sql = `
      select wanted.key as place, r."index" from json_each(?) wanted cross join records r
      where r.party = wanted.value ->> 'party' and r.id = wanted.value ->> 'id'`;
    const rows = this.connection.all<{ place: number; index: number }>(sql, JSON.stringify(refs));
    const found = new Map(rows.map(({ place, index }) => [place, index]));
    return refs.map((_, place) => found.get(place) ?? null);
  }

  async parts(numbers: readonly PartNumber[]): Promise<Map<PartNumber, Part>> {
    const sql = `
      select p.number, p.salt, p.bytes from json_each(?) wanted cross join parts p on p.number = wanted.value
      where p.bytes is not null and not exists (select 1 from condemned c where c.number = p.number)`;
    const rows = this.connection.all<Part & { number: number }>(sql, JSON.stringify(numbers));
    return new Map(rows.map(({ number, ...part }) => [number, this.seal.openPart(number, part)]));
  }

  async commitments(from: number, to: number): Promise<Bytes[]> {
    const sql = 'select commitment from records where "index" >= ? and "index" < ? order by "index"';
    return this.connection.all<{ commitment: Bytes }>(sql, from, to).map((row) => row.commitment);
  }

  async tile(level: number, index: number): Promise<Bytes | null> {
    const sql = 'select data from tiles where level = ? and "index" = ?';
    return this.connection.get<{ data: Bytes }>(sql, level, index)?.data ?? null;
  }

  async cosigned(): Promise<{ size: number; note: string } | null> {
    return this.connection.get<{ size: number; note: string }>('select size, note from cosigned') ?? null;
  }

  async condemned(): Promise<number> {
    return this.connection.get<{ count: number }>('select count(*) as count from condemned')?.count ?? 0;
  }
}

export class SqliteLogWriter extends SqliteLogReader implements LogWriter {
  async append(record: StoredRecord, entry: Bytes, parts: readonly (Part | null)[]): Promise<void> {
    const { index, instant, span, envelope, header, leaves } = record;
    const { nonce, payload, signature } = this.seal.sealRecord(index, { ...envelope, nonce: record.nonce });
    this.connection.run(
      `insert into records ("index", instant, span, nonce, payload, signature, party, id, leaves, commitment)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[index, instant, span, nonce, payload, signature, header.party, header.id, leaves, entry],
    );
    // Part numbers only rise, so that SQLite never moves a part from page to page and leaves a copy: see `erase`.
    for (const [n, part] of parts.entries()) {
      const number = partNumber(index, n);
      const { salt, bytes } = part ? this.seal.sealPart(number, part) : { salt: null, bytes: null };
      this.connection.run('insert into parts (number, salt, bytes) values (?, ?, ?)', number, salt, bytes);
    }
  }

  async putTile(level: number, index: number, data: Bytes): Promise<void> {
    const sql = `
      insert into tiles (level, "index", data) values (?, ?, ?)
      on conflict (level, "index") do update set data = excluded.data`;
    this.connection.run(sql, level, index, data);
  }

  async advance(size: number, next: Head): Promise<void> {
    const { root, instant, checkpoint } = next;
    const sql =
      size === 0
        ? 'insert or ignore into head (size, root, instant, checkpoint, one) values (?, ?, ?, ?, 1)'
        : 'update head set size = ?, root = ?, instant = ?, checkpoint = ? where size = ?';
    const values = [next.size, root, instant, checkpoint, ...(size === 0 ? [] : [size])];
    if (this.connection.run(sql, ...values) !== 1)
      throw new Refusal('store.moved', { params: { expected: size } });
  }

  async putCosigned(size: number, note: string): Promise<void> {
    const sql = `
      insert into cosigned (one, size, note) values (1, ?, ?)
      on conflict (one) do update set size = excluded.size, note = excluded.note where excluded.size >= size`;
    this.connection.run(sql, size, note);
  }

  async condemn(numbers: readonly PartNumber[]): Promise<void> {
    const sql = `
      insert or ignore into condemned
      select number from parts where number in (select value from json_each(?)) and bytes is not null`;
    this.connection.run(sql, JSON.stringify(numbers));
  }

  /**
   * Empties the rows and keeps them: overwriting with less never makes SQLite merge pages, deleting does, and the
   * merging leaves copies of neighbours in unused room that `secure_delete` does not clear (tried: it happens once
   * in some 2,000 parts). An empty row holds five bytes or so.
   */
  async erase(limit: number): Promise<PartNumber[]> {
    const rows = this.connection.all<{ number: number }>(
      'select number from condemned order by number limit ?',
      limit,
    );
    const numbers = rows.map((row) => row.number);
    for (const number of numbers) {
      this.connection.run('update parts set salt = null, bytes = null where number = ?', number);
      this.connection.run('delete from condemned where number = ?', number);
    }
    return numbers;
  }
}
