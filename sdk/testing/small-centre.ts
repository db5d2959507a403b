/**
 * A centre in memory, for tests: it keeps what is said and answers the routes that the SDK reads, to anybody. `alter`
 * lets a test be the host that lies.
 */
import { type Bytes, base64, concat, fromUtf8, utf8 } from '@parley/core/bytes.ts';
import { bringsDevice } from '@parley/core/chain.ts';
import { formatCheckpoint } from '@parley/core/checkpoint.ts';
import { type Code, classOf, Refusal } from '@parley/core/errors.ts';
import { type StatementRef, textOf } from '@parley/core/fields.ts';
import type { Json } from '@parley/core/json.ts';
import { type Hash, inclusionPath, nodesOf, rootOf } from '@parley/core/merkle.ts';
import { ed25519Type, formatNote, formatVkey, signedBy, type Vkey, vkeyOf } from '@parley/core/note.ts';
import { formatPart, makePart, type Part, parsePart, partLeaf } from '@parley/core/parts.ts';
import { formatProof } from '@parley/core/proof.ts';
import { receiptJson } from '@parley/core/receipt.ts';
import { commitment, type RecordFields, recordJson, recordLeaf } from '@parley/core/record.ts';
import {
  envelopeJson,
  isA,
  parseStatement,
  refOf,
  type Signer,
  type Statement,
  signHeader,
} from '@parley/core/statement.ts';
import { type Succession, successionId } from '@parley/core/succession.ts';
import { entriesTile, nodesOfTile, parseTilePath } from '@parley/core/tiles.ts';
import { roomOf } from '../answer.ts';
import { generateKey, random } from '../signer.ts';
import type { Fetch } from '../transport.ts';

export const centreName = 'centre.example';
export const origin = `${centreName}/log/1`;
export const address = 'http://centre.example/';

export interface Kept {
  readonly statement: Statement;
  readonly record: RecordFields;
  readonly parts: readonly (Part | null)[];
  readonly leaves: readonly Hash[];
}

type Answer = { status?: number; body: Bytes | string; headers?: Record<string, string> };

export class SmallCentre {
  readonly kept: Kept[] = [];
  readonly signer: Signer;
  vkey: Vkey;
  origin = origin;
  /** Of the logs after the first. */
  readonly history: { origin: string; logs: string[]; from: number; statement: StatementRef }[] = [];
  readonly requests: string[] = [];
  /** The last word on what goes out. */
  alter: (path: string, answer: Answer) => Answer | Promise<Answer> = (_, answer) => answer;
  /** What a lie can be made of: instants and entries to come. */
  instant = Date.now() * 1000;
  entries: Bytes[] = [];
  #log: Signer;

  constructor(log: Signer, signer: Signer) {
    this.#log = log;
    this.signer = signer;
    this.vkey = vkeyOf(origin, ed25519Type, log.publicKey);
  }

  static async open(): Promise<SmallCentre> {
    const centre = new SmallCentre((await generateKey()).signer, (await generateKey()).signer);
    const key = base64(centre.signer.publicKey);
    const profile = makePart({ name: 'The centre', device: 'server' }, random);
    await centre.speak('centre.open/1', { key, logs: [formatVkey(centre.vkey)] }, [profile]);
    return centre;
  }

  /** The centre says something itself. */
  async speak(
    kind: string,
    body: unknown,
    parts: readonly Part[] = [],
    signer = this.signer,
    id: string = crypto.randomUUID(),
  ): Promise<Kept> {
    const about = {
      kind,
      centre: centreName,
      id,
      party: this.signer.device,
      device: signer.device,
    };
    const sum = { count: parts.length, root: base64(rootOf(parts.map(partLeaf))) };
    const header = {
      ...about,
      at: new Date().toISOString(),
      body,
      ...(parts.length > 0 ? { parts: sum } : {}),
    };
    return this.take(parseStatement((await signHeader(header as never, signer)) as never), parts);
  }

  /** Into the log, unchecked. */
  take(statement: Statement, parts: readonly Part[]): Kept {
    const span = Math.max(1, parts.length);
    const record = { index: this.kept.length, instant: this.instant, span, nonce: random(32) };
    this.instant += span;
    this.entries.push(commitment(record, statement.envelope));
    const kept = { statement, record, parts, leaves: parts.map(partLeaf) };
    this.kept.push(kept);
    return kept;
  }

  /** Ends its log after so many records, and goes on with the next. */
  async succeed(
    { missing, why }: Pick<Succession['body'], 'missing' | 'why'>,
    { keep = this.kept.length, signer = this.signer, alter = {} as Partial<Succession['body']> } = {},
  ): Promise<void> {
    const before = { log: this.origin, size: missing?.to ?? keep, checkpoint: null };
    this.kept.splice(keep);
    this.entries.splice(keep);
    const n = this.history.length + 2;
    const log = `${centreName}/log/${n}`;
    this.#log = (await generateKey()).signer;
    this.vkey = vkeyOf(log, ed25519Type, this.#log.publicKey);
    this.origin = log;
    const body = { log, keys: [formatVkey(this.vkey)], before, missing, why, ...alter };
    const { statement, record } = await this.speak('centre.succeed/1', body, [], signer, successionId(log));
    const ref = refOf(statement.header);
    this.history.push({ origin: log, logs: [formatVkey(this.vkey)], from: record.index, statement: ref });
  }

  find({ party, id }: StatementRef): Kept {
    const found = this.kept.find(({ statement: { header } }) => header.party === party && header.id === id);
    if (!found) throw new Refusal('absent');
    return found;
  }

  /** Takes parts away, as a recall does. */
  erase(ref: StatementRef): void {
    const kept = this.find(ref);
    this.kept[kept.record.index] = { ...kept, parts: kept.parts.map(() => null) };
  }

  readonly fetch: Fetch = async (url, init) => {
    const { pathname, searchParams } = new URL(url);
    const method = init.method ?? 'GET';
    this.requests.push(`${method} ${pathname}`);
    const answer = await this.#answer(method, pathname.slice(1), searchParams, init).catch(problemOf);
    const { status = 200, body, headers = {} } = await this.alter(pathname.slice(1), answer);
    return new Response(status === 204 ? null : body, { status, headers });
  };

  async #answer(method: string, path: string, query: URLSearchParams, init: RequestInit): Promise<Answer> {
    const served = `${this.origin.slice(centreName.length + 1)}/`;
    if (path.startsWith(served)) return { body: await this.logFile(path.slice(served.length)) };
    const [, , name, a = '', b = '', c = ''] = path.split('/');
    const body = init.body ?? '';
    if (name === 'centre') return json(this.#about());
    if (name === 'sessions') return this.#session(method, a, body);
    if (name === 'statements' && method === 'POST') return this.#post(body as Bytes);
    if (name === 'statements' && c === 'receipt')
      return json(await this.receipt(this.find({ party: a, id: b })));
    if (name === 'statements' && c === 'readers') return json({ readers: [] });
    if (name === 'statements' && a !== '')
      return { body: this.lines([this.find({ party: a, id: b })], true, null) };
    if (name === 'statements') return this.#list(query.get('room'), query, false);
    if (name === 'rooms' && b === 'parts') return this.#list(a, query, true);
    if (name === 'rooms' && b === 'locked') return json({ locked: [] });
    throw new Refusal('method.absent');
  }

  #accredited() {
    const said = this.kept.map(({ statement }) => statement.header);
    const last = said.findLast((header) => isA(header, 'centre.accredit/1'));
    return last
      ? { highest: last.body.highest, statement: refOf(last) }
      : { highest: 'unclassified', statement: null };
  }

  #about() {
    const limits = { header: 65_536, parts: 256, partBytes: 1_048_576, body: 2_097_152 };
    const { origin, history } = this;
    const about = {
      centre: centreName,
      origin,
      logs: [formatVkey(this.vkey)],
      party: this.signer.device,
      history,
    };
    const accredited = this.#accredited();
    return { ...about, host: null, purposes: [], accredited, limits, time: new Date().toISOString() };
  }

  #session(method: string, path: string, body: unknown): Answer {
    if (path === 'challenge') return json({ challenge: 'x', expires: '2030-01-01T00:00:00Z' });
    if (method === 'DELETE') return { status: 204, body: '' };
    const sent = JSON.parse(String(body)) as { payload?: string; purpose?: string };
    const asked = sent.payload ? JSON.parse(atob(sent.payload)) : { ...this.#asked, ...sent };
    this.#asked = asked;
    const { party, device, purpose, justification } = asked;
    const opened = { token: 'token', expires: '2030-01-01T00:00:00Z', party, device, purpose };
    return { status: 201, ...json({ ...opened, justified: typeof justification === 'string' }) };
  }
  #asked: Record<string, string> = {};

  async #post(body: Bytes): Promise<Answer> {
    const [first = '', ...rest] = fromUtf8(body)
      .split('\n')
      .filter((line) => line !== '');
    const statement = parseStatement(JSON.parse(first) as Json);
    const parts = rest.map((line, n) => parsePart(utf8(line), `/parts/${n}`));
    const { id, party } = statement.header;
    const known = this.kept.find(({ statement: { header } }) => header.id === id && header.party === party);
    return { ...json(await this.receipt(known ?? this.take(statement, parts))), status: known ? 200 : 201 };
  }

  #list(room: string | null, query: URLSearchParams, content: boolean): Answer {
    const all = this.kept.filter(({ statement }) => room === null || roomOf(statement.header) === room);
    const shown = content ? all.filter(({ statement }) => statement.header.kind === 'share/1') : all;
    if (query.get('order') === 'newest') shown.reverse();
    const from = Number(query.get('after') ?? 0);
    const to = from + Number(query.get('limit') ?? 100);
    const next = to < shown.length ? String(to) : null;
    return { body: this.lines(shown.slice(from, to), content, next, query.get('order') === 'newest') };
  }

  /** @param newest parts come in the order in which they became visible, the last of them first */
  lines(shown: readonly Kept[], content: boolean, next: string | null, newest = false): Bytes {
    const parties = new Set(shown.map(({ statement }) => statement.header.party));
    const chains = [...parties].map((party) => this.chainLine(party));
    const rest = shown.flatMap((kept) => this.#statementLines(kept, content, newest));
    return concat(
      ...[...chains, ...rest, utf8(JSON.stringify({ next }))].flatMap((line) => [line, utf8('\n')]),
    );
  }

  links(party: string): Statement[] {
    return this.kept
      .map(({ statement }) => statement)
      .filter(({ header }) => bringsDevice(header) && header.party === party);
  }

  chainLine(party: string): Bytes {
    const links = this.links(party).map(({ envelope }) => envelopeJson(envelope));
    const part = this.kept.find(({ statement }) => statement.header.party === party)?.parts[0];
    const profile = part ? formatPart(part) : utf8('null');
    return concat(
      utf8(`{"chain":{"party":"${party}","profile":`),
      profile,
      utf8(`,"links":${JSON.stringify(links)}}}`),
    );
  }

  statementLine({ statement, record, leaves, parts }: Kept): string {
    const content = leaves.length > 0 && parts.every((part) => part === null) ? 'erased' : 'open';
    const fields = { statement: envelopeJson(statement.envelope), record: recordJson(record) };
    return JSON.stringify({
      ...fields,
      leaves: base64(concat(...leaves)),
      added: textOf(record.instant),
      content,
    });
  }

  #statementLines(kept: Kept, content: boolean, newest: boolean): Bytes[] {
    const lines: Bytes[] = [];
    for (const [n, part] of (content ? kept.parts : []).entries()) {
      const start = `{"n":${n},"added":"${textOf(kept.record.instant + n)}",`;
      if (part) lines.push(concat(utf8(start), formatPart(part).subarray(1)));
    }
    return [utf8(this.statementLine(kept)), ...(newest ? lines.reverse() : lines)];
  }

  get #leaves(): Hash[] {
    return this.entries.map(recordLeaf);
  }

  async checkpoint(leaves = this.#leaves): Promise<Bytes> {
    const text = formatCheckpoint({ origin: this.origin, size: leaves.length, root: rootOf(leaves) });
    return formatNote(text, [signedBy(this.vkey, await this.#log.sign(utf8(text)))]);
  }

  async logFile(path: string): Promise<Bytes> {
    if (path === 'checkpoint') return this.checkpoint();
    if (path === 'cosigned') throw new Refusal('absent');
    const tile = parseTilePath(path);
    const { index, width } = tile;
    if (tile.level === 'entries') return entriesTile(this.entries.slice(256 * index, 256 * index + width));
    return concat(...nodesOfTile({ level: tile.level, index, width }).map(nodesOf(this.#leaves)));
  }

  async receipt({ statement, record, leaves }: Kept): Promise<unknown> {
    const { index } = record;
    const proof = formatProof({
      index,
      path: inclusionPath(this.#leaves, index),
      checkpoint: await this.checkpoint(),
    });
    const chain = this.links(statement.header.party);
    return receiptJson({ statement, record, leaves, parts: new Map(), proof, chain });
  }
}

function json(value: unknown): Answer {
  return { body: JSON.stringify(value) };
}

export function problemOf(error: unknown): Answer {
  if (!(error instanceof Refusal)) throw error;
  const { code, at, detail, params } = error;
  return {
    status: statusOf(code),
    body: JSON.stringify({ type: `urn:parley:error:${code}`, code, at, detail, params }),
  };
}

function statusOf(code: Code): number {
  const refused = classOf(code);
  return refused === 'absent' ? 404 : refused === 'busy' ? 503 : 400;
}
