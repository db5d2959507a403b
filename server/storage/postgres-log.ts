/** The log in PostgreSQL. Lists go in as one array, so that each question is one prepared statement. */
import { type Bytes, fromUtf8 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { StatementRef } from '@parley/core/fields.ts';
import { type Part, partNumber } from '@parley/core/parts.ts';
import { type AnyHeader, statementType } from '@parley/core/statement.ts';
import type { Head, LogReader, LogWriter, PartNumber, StoredRecord } from '../log/ports.ts';
import type { Connection, Scope } from './postgres-connection.ts';
import type { RecordCache } from './record-cache.ts';
import type { RecordSeal } from './record-seal.ts';

/** Other instances listen: see `Store.onMoved`. */
export const movedChannel = 'parley_moved';

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

export class PostgresLogReader implements LogReader {
  protected readonly scope: Scope;
  protected readonly seal: RecordSeal;
  readonly #cache: RecordCache;
  /** Records below were committed when the transaction began: only these may be cached, or come from the cache. */
  #settled: Promise<number> | number = 0;

  constructor(scope: Scope, cache: RecordCache, seal: RecordSeal) {
    this.scope = scope;
    this.seal = seal;
    this.#cache = cache;
  }

  protected get connection(): Connection {
    return this.scope.connection;
  }

  /** To be called when a transaction begins. @param settled the size of the log at its moment */
  begin(settled: Promise<number> | number): void {
    this.#settled = settled;
  }

  async head(): Promise<Head | null> {
    const head = await this.connection.get<Head>('select size, root, instant, checkpoint from head');
    return head && head.size > 0 ? head : null;
  }

  async records(indexes: readonly number[]): Promise<StoredRecord[]> {
    const settled = await this.#settled;
    const found: StoredRecord[] = [];
    const unread: number[] = [];
    for (const index of new Set(indexes)) {
      const known = index < settled ? this.#cache.get(index) : undefined;
      if (known) found.push(known);
      else unread.push(index);
    }
    if (unread.length > 0) found.push(...(await this.#read(unread, settled)));
    return found.sort((a, b) => a.index - b.index);
  }

  async #read(indexes: readonly number[], settled: number): Promise<StoredRecord[]> {
    const sql = `select ${recordColumns} from records where "index" = any($1::bigint[])`;
    const records = this.#opened(await this.connection.all<RecordRow>(sql, indexes));
    for (const record of records) if (record.index < settled) this.#cache.put(record);
    return records;
  }

  async range(from: number, to: number): Promise<StoredRecord[]> {
    const sql = `select ${recordColumns} from records where "index" >= $1 and "index" < $2 order by "index"`;
    return this.#opened(await this.connection.all<RecordRow>(sql, from, to));
  }

  #opened(rows: readonly RecordRow[]): StoredRecord[] {
    return rows.map((row) => {
      const { index, instant, span, leaves } = row;
      const { nonce, payload, signature } = this.seal.openRecord(index, row);
      // The payload was checked at admission, and is canonical: parsing it is all there is to do.
      const header = JSON.parse(fromUtf8(payload)) as AnyHeader;
      const envelope = { payload, payloadType: statementType, keyid: header.device, signature };
      return { index, instant, span, nonce, leaves, envelope, header };
    });
  }

  async find(ref: StatementRef): Promise<number | null> {
    return (await this.findAll([ref]))[0] ?? null;
  }

  async findAll(refs: readonly StatementRef[]): Promise<(number | null)[]> {
    if (refs.length === 0) return [];
    const sql = `
      select wanted.place, r."index" from unnest($1::text[], $2::text[]) with ordinality as wanted (party, id, place)
      join records r on r.party = wanted.party collate "C" and r.id = wanted.id collate "C"`;
    const lists = [refs.map(({ party }) => party), refs.map(({ id }) => id)];
    const rows = await this.connection.all<{ place: number; index: number }>(sql, ...lists);
    const found = new Map(rows.map(({ place, index }) => [place, index]));
    return refs.map((_, i) => found.get(i + 1) ?? null);
  }

  async parts(numbers: readonly PartNumber[]): Promise<Map<PartNumber, Part>> {
    const sql = `
      select p.number, p.salt, p.bytes from parts p where p.number = any($1::bigint[])
      and p.bytes is not null and not exists (select 1 from condemned c where c.number = p.number)`;
    const wanted = [...new Set(numbers)];
    const rows = await this.connection.all<Part & { number: number }>(sql, wanted);
    const found = new Map(rows.map(({ number, ...part }) => [number, this.seal.openPart(number, part)]));
    // In the order of the question.
    return new Map(
      wanted.flatMap((number) => {
        const part = found.get(number);
        return part ? [[number, part]] : [];
      }),
    );
  }

  async commitments(from: number, to: number): Promise<Bytes[]> {
    const sql = 'select commitment from records where "index" >= $1 and "index" < $2 order by "index"';
    return (await this.connection.all<{ commitment: Bytes }>(sql, from, to)).map((row) => row.commitment);
  }

  async tile(level: number, index: number): Promise<Bytes | null> {
    const sql = 'select data from tiles where level = $1 and "index" = $2';
    return (await this.connection.get<{ data: Bytes }>(sql, level, index))?.data ?? null;
  }

  async cosigned(): Promise<{ size: number; note: string } | null> {
    return (
      (await this.connection.get<{ size: number; note: string }>('select size, note from cosigned')) ?? null
    );
  }

  async condemned(): Promise<number> {
    const sql = 'select count(*) as count from condemned';
    return (await this.connection.get<{ count: number }>(sql))?.count ?? 0;
  }
}

export class PostgresLogWriter extends PostgresLogReader implements LogWriter {
  /** Record and parts go out together. */
  async append(record: StoredRecord, entry: Bytes, parts: readonly (Part | null)[]): Promise<void> {
    const { index, instant, span, envelope, header, leaves } = record;
    const { nonce, payload, signature } = this.seal.sealRecord(index, { ...envelope, nonce: record.nonce });
    const written = this.connection.query(
      `insert into records ("index", instant, span, nonce, payload, signature, party, id, leaves, commitment)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [index, instant, span, nonce, payload, signature, header.party, header.id, leaves, entry],
    );
    const sealed = parts.map((part, n) =>
      part ? this.seal.sealPart(partNumber(index, n), part) : { salt: null, bytes: null },
    );
    const inserts = sealed.map(({ salt, bytes }, n) =>
      this.connection.query('insert into parts (number, salt, bytes) values ($1, $2, $3)', [
        partNumber(index, n),
        salt,
        bytes,
      ]),
    );
    await allOf([written, ...inserts]);
  }

  async putTile(level: number, index: number, data: Bytes): Promise<void> {
    const sql = `
      insert into tiles (level, "index", data) values ($1, $2, $3)
      on conflict (level, "index") do update set data = excluded.data`;
    await this.connection.query(sql, [level, index, data]);
  }

  /** Who listens is told when, and only if, this commits. */
  async advance(size: number, next: Head): Promise<void> {
    const sql = `
      with moved as (
        update head set size = $1, root = $2, instant = $3, checkpoint = $4 where size = $5 returning 1
      )
      select pg_notify('${movedChannel}', '') from moved`;
    const { root, instant, checkpoint } = next;
    const moved = await this.connection.all(sql, next.size, root, instant, checkpoint, size);
    if (moved.length !== 1) throw new Refusal('store.moved', { params: { expected: size } });
  }

  async putCosigned(size: number, note: string): Promise<void> {
    const sql = `
      insert into cosigned (one, size, note) values (1, $1, $2)
      on conflict (one) do update set size = excluded.size, note = excluded.note where excluded.size >= cosigned.size`;
    await this.connection.query(sql, [size, note]);
  }

  async condemn(numbers: readonly PartNumber[]): Promise<void> {
    const sql = `
      insert into condemned
      select number from parts where number = any($1::bigint[]) and bytes is not null
      on conflict do nothing`;
    await this.connection.query(sql, [numbers]);
  }

  /** The rows stay, and are empty. What they held is dead space, until `forget`. */
  async erase(limit: number): Promise<PartNumber[]> {
    const sql =
      'delete from condemned where number in (select number from condemned order by number limit $1) returning number';
    const rows = await this.connection.all<{ number: number }>(sql, limit);
    const numbers = rows.map((row) => row.number).sort((a, b) => a - b);
    await this.connection.query(
      'update parts set salt = null, bytes = null where number = any($1::bigint[])',
      [numbers],
    );
    return numbers;
  }
}

/** Waits for all of them, and throws what went wrong first: the others fail for the same reason. */
async function allOf(queries: readonly Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(queries);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}
