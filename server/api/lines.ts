/**
 * Answers that carry statements, as lines (spec/api.md, Read). The bytes of a part go out as they came in: nothing
 * here parses them.
 */
import { Readable } from 'node:stream';
import { type Bytes, base64, concat, utf8 } from '@parley/core/bytes.ts';
import { textOf } from '@parley/core/fields.ts';
import { formatPart } from '@parley/core/parts.ts';
import { recordJson } from '@parley/core/record.ts';
import { envelopeJson } from '@parley/core/statement.ts';
import type { Chain } from '../release/chains.ts';
import type { Shown, ShownPart, ShownStatement } from '../release/content.ts';
import type { Events } from '../release/headings.ts';
import type { Released } from '../release/released.ts';
import type { Answer } from './route.ts';
import { linesType } from './shapes.ts';

/** Bytes that are put together before they are sent; an answer of no more goes out whole. */
const chunkSize = 64 * 1024;

export function answerLines(shown: Released<Shown>): Answer {
  const chunks = gathered(piecesOf(shown));
  const first = chunks.next();
  const second = chunks.next();
  const whole = first.done ? new Uint8Array(0) : first.value;
  if (second.done) return { status: 200, type: linesType, body: whole };
  // A stream is asked for more only while its reader takes it.
  const body = Readable.from(following([whole, second.value], chunks), { objectMode: false });
  return { status: 200, type: linesType, body };
}

/** What a server-sent event is made of; the data is a statement line. */
export interface EventLine {
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

export function eventLines(batch: Released<Events>): EventLine[] {
  return batch.value.events.map(({ id, statement }) => ({
    id,
    event: statement.record.header.kind,
    data: statementLine(statement),
  }));
}

function* piecesOf({ value: { chains, statements, next } }: Released<Shown>): Generator<Uint8Array, void> {
  for (const chain of chains) yield* chainLine(chain);
  for (const statement of statements) {
    yield utf8(`${statementLine(statement)}\n`);
    for (const part of statement.parts) yield* partLine(part);
  }
  yield utf8(`${JSON.stringify({ next })}\n`);
}

function* chainLine({ party, profile, links }: Chain): Generator<Uint8Array, void> {
  yield utf8(`{"chain":{"party":"${party}","profile":`);
  yield profile ? formatPart(profile) : utf8('null');
  yield utf8(`,"links":${JSON.stringify(links.map(({ envelope }) => envelopeJson(envelope)))}}}\n`);
}

function statementLine({ record, added, content }: ShownStatement): string {
  return JSON.stringify({
    statement: envelopeJson(record.envelope),
    record: recordJson(record),
    leaves: base64(record.leaves),
    added: textOf(added),
    content,
  });
}

const end = utf8('}\n');

function* partLine({ n, added, part, file }: ShownPart): Generator<Uint8Array, void> {
  if (file) {
    const { size, type } = file;
    yield utf8(`{"n":${n},"added":"${textOf(added)}","file":${JSON.stringify({ size, type })}}\n`);
    return;
  }
  yield utf8(`{"n":${n},"added":"${textOf(added)}","salt":"${base64(part.salt)}","part":`);
  yield part.bytes;
  yield end;
}

/** Pieces put together into chunks that are at least `chunkSize`, but for the last. */
function* gathered(pieces: Iterable<Uint8Array>): Generator<Bytes, void> {
  let held: Uint8Array[] = [];
  let size = 0;
  for (const piece of pieces) {
    held.push(piece);
    size += piece.length;
    if (size < chunkSize) continue;
    yield concat(...held);
    held = [];
    size = 0;
  }
  if (size > 0) yield concat(...held);
}

function* following(first: readonly Bytes[], rest: Iterable<Bytes>): Generator<Bytes, void> {
  yield* first;
  yield* rest;
}
