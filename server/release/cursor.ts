/**
 * Cursors of lists. Made from the position of the last row that the viewer was given and from what it asked, never
 * from an index: so that two worlds that look the same give the same cursors.
 */
import { base64url, hex, utf8 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { Instant } from '@parley/core/fields.ts';
import { sha256 } from '@parley/core/sha256.ts';
import type { Look } from './viewer.ts';

/** Which list a cursor belongs to, and what may not change between two pages of it. */
export interface ListOf {
  readonly list: string;
  readonly look: Look;
}

const pattern = /^(\d{1,16})\.([0-9a-f]{16})\.([0-9a-f]{16})$/;

export function makeCursor(of: ListOf, position: Instant): string {
  return base64url(utf8(`${position}.${listMark(of)}.${rightsMark(of)}`));
}

/** @throws cursor.malformed (another list or no cursor), cursor.stale (what may be seen has widened: read again) */
export function readCursor(of: ListOf, cursor: string): Instant {
  const { position, stale } = resume(of, cursor);
  if (stale) throw new Refusal('cursor.stale', { at: 'after' });
  return position;
}

/** As `readCursor`, for who goes on all the same. @throws cursor.malformed */
export function resume(of: ListOf, cursor: string): { readonly position: Instant; readonly stale: boolean } {
  const match = pattern.exec(decode(cursor));
  const position = Number(match?.[1]);
  if (!match || match[2] !== listMark(of) || !Number.isSafeInteger(position))
    throw new Refusal('cursor.malformed', { at: 'after' });
  return { position, stale: match[3] !== rightsMark(of) };
}

/** Empty where it is no base64url. */
function decode(cursor: string): string {
  // One character more than a whole number of groups is no base64, and `atob` throws.
  if (!/^[A-Za-z0-9_-]{1,128}$/.test(cursor) || cursor.length % 4 === 1) return '';
  return atob(cursor.replaceAll('-', '+').replaceAll('_', '/'));
}

function listMark({ list, look }: ListOf): string {
  return mark(`${list}\n${look.looker.party ?? ''}`);
}

function rightsMark({ look }: ListOf): string {
  const { purpose, justified } = look.looker;
  return mark(`${look.epoch}\n${purpose ?? ''}\n${justified}`);
}

function mark(text: string): string {
  return hex(sha256(utf8(`parley/cursor/v1\n${text}`)).subarray(0, 8));
}
