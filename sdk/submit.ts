/** Saying something: sign it here, send it as lines, and believe it said only with its receipt. */
import { type Bytes, base64, concat, equal, utf8 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { instantOf, textOf } from '@parley/core/fields.ts';
import type { PartyId } from '@parley/core/keys.ts';
import type { BodyOf, KindName } from '@parley/core/kinds.ts';
import { rootOf } from '@parley/core/merkle.ts';
import { formatPart, type Part, partLeaf } from '@parley/core/parts.ts';
import type { Receipt } from '@parley/core/receipt.ts';
import { maxSkew } from '@parley/core/record.ts';
import {
  type AnyHeader,
  type EnvelopeJson,
  handlingOf,
  parseStatement,
  type Signer,
  type Statement,
  signHeader,
} from '@parley/core/statement.ts';
import { checkAccredited } from './accreditation.ts';
import { ask, type Connection, proveReceipt } from './connection.ts';
import { keepSent, type SentLines } from './keeping.ts';
import { readBytes } from './transport.ts';

export interface Speaker {
  readonly signer: Signer;
  readonly party: PartyId;
}

/** What is to be said; id and time are added. */
export interface Words<K extends KindName = KindName> {
  readonly kind: K;
  readonly room?: string;
  readonly body: BodyOf<K>;
  readonly parts?: readonly Part[];
  /** Bytes of the parts that are files, which were brought before: for who keeps what is said. */
  readonly files?: ReadonlyMap<number, Blob>;
}

/** @throws what the centre refuses it with, and what `verifyReceipt` throws */
export async function submit<K extends KindName>(
  connection: Connection,
  speaker: Speaker,
  words: Words<K>,
): Promise<Receipt> {
  const { parts = [] } = words;
  const envelope = await signHeader(headerOf(connection.centre, speaker, words), speaker.signer);
  // The shape is checked here first, so that a slip is found before it is sent.
  const statement = parseStatement({ ...envelope });
  const handling = handlingOf(statement.header);
  if (handling) await checkAccredited(connection, handling);
  const sent = { lines: linesFor(envelope, parts), files: words.files ?? new Map<number, Blob>() };
  const receipt = await send(connection, statement, sent).catch(awaitedAs(statement));
  needNow(receipt, statement);
  await connection.keep(receipt);
  await keepSent(connection.keeper, connection.log.trust.origin, receipt, sent);
  return receipt;
}

/** Believed said only with its receipt; and a centre that forgot what it has signed is told nothing. */
export async function send(
  connection: Connection,
  statement: Statement,
  { lines }: SentLines,
): Promise<Receipt> {
  await connection.log.continued();
  const answer = await post(connection, lines);
  const receipt = await proveReceipt(connection, answer, statement.header.party);
  needThis(receipt, statement);
  return receipt;
}

/** It stands in the log, and only its receipt is missing: whoever asks for that has to know its name. */
function awaitedAs({ header }: Statement): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof Refusal) || error.code !== 'replica.awaited') throw error;
    const detail = `fetch its receipt later, as ${header.party}/${header.id}; do not say it a second time`;
    throw new Refusal('replica.awaited', { params: error.params, detail, cause: error });
  };
}

function headerOf<K extends KindName>(
  centre: string,
  { signer, party }: Speaker,
  words: Words<K>,
): AnyHeader {
  const { kind, room, body, parts = [] } = words;
  const about = { kind, centre, ...(room === undefined ? {} : { room }), id: crypto.randomUUID(), party };
  const said = { ...about, device: signer.device, at: new Date().toISOString(), body };
  const sum = { count: parts.length, root: base64(rootOf(parts.map(partLeaf))) };
  return (parts.length === 0 ? said : { ...said, parts: sum }) as AnyHeader;
}

function linesFor(envelope: EnvelopeJson, parts: readonly Part[]): Bytes {
  const feed = utf8('\n');
  return concat(utf8(`${JSON.stringify(envelope)}\n`), ...parts.flatMap((part) => [formatPart(part), feed]));
}

/** What was refused as busy was not taken, and the same signed bytes again get their first receipt. */
async function post(connection: Connection, body: Bytes): Promise<Bytes> {
  const send = async () =>
    readBytes(
      await ask(connection, 'statements', {
        method: 'POST',
        type: 'application/x-ndjson',
        body,
        repeatable: true,
      }),
    );
  try {
    return await send();
  } catch (error) {
    // Nobody knows whether it arrived. Only with a session does the centre give the receipt a second time.
    const lost = error instanceof Refusal && error.code === 'centre.unreachable';
    if (!lost || connection.token() === null) throw error;
    return send();
  }
}

function needThis(receipt: Receipt, { envelope }: Statement): void {
  const { payload, signature } = receipt.statement.envelope;
  if (!equal(payload, envelope.payload) || !equal(signature, envelope.signature))
    throw new Refusal('read.unproven', { detail: 'a receipt for something else' });
}

/** Said just now: the centre's word on when it came has to agree with ours. */
function needNow(receipt: Receipt, { header }: Statement): void {
  const { instant } = receipt.record;
  if (Math.abs(instant - instantOf(header.at)) > maxSkew)
    throw new Refusal('read.unproven', {
      detail: `the centre says that this came at ${textOf(instant)}, and it was said at ${header.at}`,
    });
}
