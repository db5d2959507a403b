/** An answer that carries statements (spec/api.md, Read): each line is verified before anybody gets it. */
import { type Bytes, fromBase64, fromUtf8 } from '@parley/core/bytes.ts';
import { type ChainDevice, verifyBy } from '@parley/core/chain.ts';
import { Refusal } from '@parley/core/errors.ts';
import { instantOf } from '@parley/core/fields.ts';
import type { FileEntry } from '@parley/core/files.ts';
import { type Json, parseJson } from '@parley/core/json.ts';
import type { Connector } from '@parley/core/kinds.ts';
import type { Hash } from '@parley/core/merkle.ts';
import { filePart, type Part, saltLength } from '@parley/core/parts.ts';
import { parseLeaves, verifyLeaves, verifyPart } from '@parley/core/receipt.ts';
import { commitment, parseRecord, type RecordFields, recordLeaf } from '@parley/core/record.ts';
import {
  type AnyHeader,
  fileAt,
  isA,
  parseStatement,
  refOf,
  roomId,
  type Statement,
} from '@parley/core/statement.ts';
import { z } from 'zod';
import { ahead } from './ahead.ts';
import type { LogView } from './log.ts';
import type { Parties } from './parties.ts';
import { shaped } from './transport.ts';

/** As a line says it. */
export interface StatedLine {
  readonly statement: Statement;
  readonly record: RecordFields;
  /** Leaf hashes of all its parts, in order; they stay when parts are taken back. */
  readonly leaves: readonly Hash[];
  /** When it became visible to this viewer, RFC 3339. */
  readonly added: string;
  /** `erased`: only the header is left. */
  readonly content: 'open' | 'erased';
}

/** Verified. */
export interface ReadStatement extends StatedLine {
  /** How the key that signed it came into being, by the chain. */
  readonly from: ChainDevice['from'];
  /** Null: a device of its party signed it. Else the centre did, with the key of a connector of this kind. */
  readonly connector: Connector | null;
}

/** One part that was said, with the statement that it belongs to. */
export class ReadPart {
  readonly statement: Statement;
  readonly record: RecordFields;
  readonly connector: Connector | null;
  readonly n: number;
  readonly added: string;
  readonly part: Part;
  #object: Json | undefined;

  constructor(of: ReadStatement, n: number, added: string, part: Part) {
    this.statement = of.statement;
    this.record = of.record;
    this.connector = of.connector;
    this.n = n;
    this.added = added;
    this.part = part;
  }

  /** What the header says of a file, which is fetched apart; null: the part is no file. */
  get file(): FileEntry | null {
    return fileAt(this.statement.header, this.n);
  }

  /** Parsed when first asked for; null for a file. @throws json.* */
  get object(): Json {
    if (this.part.file) return null;
    this.#object ??= parseJson(this.part.bytes, `/parts/${this.n}`);
    return this.#object;
  }
}

/** What an answer is checked against. */
export interface Evidence {
  readonly centre: string;
  readonly log: LogView;
  readonly parties: Parties;
}

export type Item = ReadStatement | ReadPart;

/** Signature checks run beside each other, in the platform's own threads. */
const aheadBy = 64;

/**
 * Statements and parts in the order of the answer.
 * @param wantsParts whether content was asked for: then an open statement that has parts comes with some
 * @returns the cursor of the next page, or null
 * @throws read.unproven, parts.*, chain.broken, signature.invalid, receipt.commitment, proof.*
 */
export async function* readAnswer(
  lines: AsyncIterable<Bytes>,
  evidence: Evidence,
  wantsParts: boolean,
): AsyncGenerator<Item, string | null> {
  const answer = new Answer(evidence, wantsParts);
  for await (const item of ahead(lines, aheadBy, (line) => answer.take(line))) if (item) yield item;
  return answer.end();
}

/** The room that a statement was said in, or that it opened. */
export function roomOf(header: AnyHeader): string | undefined {
  return isA(header, 'room.open/1') ? roomId(refOf(header)) : header.room;
}

const statementStart = '{"statement":';
const partStart = '{"n":';
const chainStart = '{"chain":';
const endStart = '{"next":';

const endLine = z.object({ next: z.string().nullable() });

/** The statement that parts belong to, and the numbers of those that came. */
interface Current {
  readonly read: StatedLine;
  readonly verified: Promise<ReadStatement>;
  readonly came: Set<number>;
}

class Answer {
  readonly #evidence: Evidence;
  readonly #wantsParts: boolean;
  #current: Current | null = null;
  #next: string | null | undefined;

  constructor(evidence: Evidence, wantsParts: boolean) {
    this.#evidence = evidence;
    this.#wantsParts = wantsParts;
  }

  /** Not async: what a line means depends on those before it. */
  take(line: Bytes): Promise<Item | null> {
    if (line.length === 0) return Promise.resolve(null);
    if (this.#next !== undefined) throw unproven('a line after the end');
    if (startsWith(line, partStart)) return this.#part(line);
    if (startsWith(line, statementStart)) return this.#statement(line);
    if (startsWith(line, chainStart)) return this.#evidence.parties.learn(line).then(() => null);
    if (!startsWith(line, endStart)) throw unproven('a line of an unknown shape');
    this.#close();
    this.#next = shaped(endLine, parseJson(line), 'end').next;
    return Promise.resolve(null);
  }

  /** An answer that breaks off is not taken for a whole one. */
  end(): string | null {
    if (this.#next === undefined) throw unproven('the answer has no end');
    return this.#next;
  }

  #statement(line: Bytes): Promise<ReadStatement> {
    this.#close();
    const read = parseStatementLine(fromUtf8(line));
    const verified = verifyRead(read, this.#evidence);
    this.#current = { read, verified, came: new Set() };
    return verified;
  }

  #part(line: Bytes): Promise<ReadPart> {
    const current = this.#current;
    if (!current || !this.#wantsParts || current.read.content !== 'open')
      throw unproven('a part that was not asked for');
    const { n, added, part } = parseFileLine(line, current.read) ?? parsePartLine(line);
    // In the order in which they became visible, or the other way round: grants open later parts first.
    if (current.came.has(n)) throw unproven('a part twice');
    current.came.add(n);
    return provenPart(current, n, added, part);
  }

  #close(): void {
    const current = this.#current;
    const { leaves, content } = current?.read ?? { leaves: [], content: 'erased' };
    if (current && this.#wantsParts && content === 'open' && leaves.length > 0 && current.came.size === 0)
      throw new Refusal('parts.count', {
        detail: 'the parts are missing',
        params: { declared: leaves.length, received: 0 },
      });
    this.#current = null;
  }
}

async function provenPart(
  { read, verified }: Current,
  n: number,
  added: string,
  part: Part,
): Promise<ReadPart> {
  const { header } = read.statement;
  try {
    verifyPart(read.leaves, n, part);
  } catch (cause) {
    const detail = `part ${n} of the statement ${header.party}/${header.id} is not what was signed`;
    throw new Refusal('parts.root', { at: `/parts/${n}`, detail, cause });
  }
  return new ReadPart(await verified, n, added, part);
}

const statementShape = z.object({
  statement: z.unknown(),
  record: z.object({ index: z.number(), instant: z.number(), span: z.number(), nonce: z.string() }),
  leaves: z.string(),
  added: z.string(),
  content: z.enum(['open', 'erased']),
});

/** Shape only. @throws read.unproven, json.*, dsse.*, header.*, receipt.malformed */
export function parseStatementLine(text: string): StatedLine {
  const value = shaped(statementShape, jsonOf(text), 'statement');
  return {
    statement: parseStatement(value.statement as Json),
    record: parseRecord(value.record),
    leaves: parseLeaves(value.leaves),
    added: value.added,
    content: value.content,
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unproven('a line that is not JSON');
  }
}

/** In the order of the protocol: whose it is, what it says, and that the log holds it. */
export async function verifyRead(
  read: StatedLine,
  { centre, log, parties }: Evidence,
): Promise<ReadStatement> {
  const { statement, record, leaves } = read;
  const { header, envelope } = statement;
  if (header.centre !== centre) throw unproven('a statement of another centre');
  verifyLeaves(header, leaves);
  const party = await parties.get(header.party);
  const device = party?.devices.get(header.device);
  await verifyBy(device, statement);
  if (device?.ends != null && record.instant >= instantOf(device.ends))
    throw new Refusal('chain.broken', { detail: 'the end of the device had come' });
  await log.holds(record.index, recordLeaf(commitment(record, envelope)));
  const { connector, from } = device as ChainDevice;
  return { ...read, connector, from };
}

const partPrefix =
  /^\{"n":(0|[1-9]\d{0,2}),"added":"([0-9TZ:.-]{20,32})","salt":"([A-Za-z0-9+/]{22}==)","part":/;
const prefixLimit = 128;
/** The prefix is ASCII; what follows it here may be cut within a character. */
const latin1 = new TextDecoder('latin1');

/** The spelling is fixed, so that the bytes of the part need no parsing. @throws read.unproven */
function parsePartLine(line: Bytes): { n: number; added: string; part: Part } {
  const start = latin1.decode(line.subarray(0, prefixLimit));
  const match = partPrefix.exec(start);
  const salt = match ? fromBase64(match[3] as string) : null;
  if (!match || salt?.length !== saltLength || line[line.length - 1] !== 0x7d)
    throw unproven('a part in another spelling');
  const bytes = line.subarray(match[0].length, -1);
  return { n: Number(match[1]), added: match[2] as string, part: { salt, bytes } };
}

const fileLine =
  /^\{"n":(0|[1-9]\d{0,2}),"added":"([0-9TZ:.-]{20,32})","file":\{"size":(\d{1,10}),"type":"([a-z0-9/.+-]{1,127})"\}\}$/;

/** A file comes without its bytes and its salt: that it is one, and which, the signed header says. @throws read.unproven */
function parseFileLine(line: Bytes, { statement, leaves }: StatedLine) {
  const match = line.length > 512 ? null : fileLine.exec(latin1.decode(line));
  if (!match) return null;
  const n = Number(match[1]);
  const [entry, leaf] = [fileAt(statement.header, n), leaves[n]];
  if (!leaf || entry?.size !== Number(match[3]) || entry.type !== match[4])
    throw unproven('a file that the header does not name');
  return { n, added: match[2] as string, part: filePart(new Uint8Array(0), leaf) };
}

function startsWith(line: Bytes, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (line[i] !== text.charCodeAt(i)) return false;
  return true;
}

function unproven(detail: string): Refusal {
  return new Refusal('read.unproven', { detail });
}
