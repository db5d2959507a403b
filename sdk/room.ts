/** A room as a party sees it. What it is asked to accept is what the hash of the acceptance names. */
import { type Bytes, base64, fromBase64, fromUtf8, utf8 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { parseJson } from '@parley/core/json.ts';
import { valueAt } from '@parley/core/json-input.ts';
import { partLeaf, readPart } from '@parley/core/parts.ts';
import { type Terms, termsSchema } from '@parley/core/terms.ts';
import type { z } from 'zod';
import { roomShape, roomsShape } from './shapes.ts';
import { shaped } from './transport.ts';

export interface ShownTerms {
  readonly hash: string;
  readonly terms: Terms;
}

type Shape = z.infer<typeof roomShape>;

export interface RoomView extends Omit<Shape, 'offered' | 'accepted'> {
  /** Those that bind the viewer's party, else those now offered. */
  readonly terms: Terms | null;
  readonly offered: ShownTerms | null;
  readonly accepted: ShownTerms | null;
}

/** @throws parts.root when terms are not those of their hash; read.unproven, json.* */
export function viewRooms(answer: Bytes): RoomView[] {
  const text = fromUtf8(answer);
  return shaped(roomsShape, parseJson(answer), '').rooms.map((room) => viewOf(room, text));
}

/** @throws as `viewRooms` */
export function viewRoom(answer: Bytes): RoomView {
  return viewOf(shaped(roomShape, parseJson(answer), ''), fromUtf8(answer));
}

function viewOf(shape: Shape, text: string): RoomView {
  const offered = shape.offered && showTerms(shape.offered, text);
  const accepted = shape.accepted && showTerms(shape.accepted, text);
  return { ...shape, offered, accepted, terms: (accepted ?? offered)?.terms ?? null };
}

/** Terms are a part like any other: their bytes are those in the answer, never written anew. */
function showTerms({ hash, salt }: { hash: string; salt: string }, text: string): ShownTerms {
  const start = `"hash":"${hash}","salt":"${salt}","part":`;
  const at = text.indexOf(start);
  const bytes = at < 0 ? utf8('') : valueAt(utf8(text.slice(at + start.length)));
  const leaf = partLeaf({ salt: fromBase64(salt) ?? utf8(''), bytes });
  if (base64(leaf) !== hash)
    throw new Refusal('parts.root', { detail: 'the terms are not those of their hash' });
  return { hash, terms: readPart(termsSchema, bytes, '/terms') };
}
