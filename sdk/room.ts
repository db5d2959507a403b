/** A room as a party sees it. What it is asked to accept is what the hash of the acceptance names. */
import { base64, fromBase64, utf8 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { partLeaf, readPart } from '@parley/core/parts.ts';
import { type Terms, termsSchema } from '@parley/core/terms.ts';
import type { z } from 'zod';
import type { roomShape } from './shapes.ts';

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

/** @throws parts.root when the terms shown are not those of the hash */
export function viewRoom(shape: Shape): RoomView {
  const offered = shape.offered && showTerms(shape.offered, '/offered');
  const accepted = shape.accepted && showTerms(shape.accepted, '/accepted');
  return { ...shape, offered, accepted, terms: (accepted ?? offered)?.terms ?? null };
}

/** The part stands in the answer as a value, so its bytes are those that `JSON.stringify` gives, as this SDK writes terms. */
function showTerms(
  { hash, salt, part }: { hash: string; salt: string; part?: unknown },
  at: string,
): ShownTerms {
  const bytes = utf8(JSON.stringify(part));
  if (base64(partLeaf({ salt: fromBase64(salt) ?? utf8(''), bytes })) !== hash)
    throw new Refusal('parts.root', { at });
  return { hash, terms: readPart(termsSchema, bytes, at) };
}
