/** The shapes that headers and parts are made of. */
import { z } from 'zod';
import { fromBase64 } from './bytes.ts';
import { caseList } from './cases.ts';
import { fingerprintPattern } from './keys.ts';
import { withoutNul } from './texts.ts';

export const partyId = z.string().regex(fingerprintPattern, 'expected 64 lower-case hexadecimal digits');
export const deviceId = partyId;

/** Lower-case UUID version 4, from a random source. */
export const uuid = z
  .string()
  .regex(
    /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    'expected a lower-case UUID version 4',
  );

const textPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/**
 * RFC 3339 in UTC with milliseconds, one spelling for each: texts compare as times do. Beyond 2255 a time in
 * microseconds is no exact number any more; until 2199 there is room for what follows from it.
 */
export const instantText = z
  .string()
  .refine(
    (text) => textPattern.test(text) && text < '2200' && text >= '1970' && isTime(text),
    'expected a time such as 2026-05-01T12:00:00.000Z, from 1970 to 2199',
  );

function isTime(text: string): boolean {
  const ms = Date.parse(text);
  return !Number.isNaN(ms) && new Date(ms).toISOString() === text;
}

/** Microseconds since 1970, UTC. Every instant and position in the centre has this unit. */
export type Instant = number;

/** RFC 3339 in UTC with milliseconds, as statements write it; the microseconds below are cut off. */
export function millisecondsOf(instant: Instant): string {
  return new Date(instant / 1000).toISOString();
}

export function instantOf(text: string): Instant {
  return Date.parse(text) * 1000;
}

/** RFC 3339 in UTC with six digits, as TAXII 2.1 (3.2) writes it. */
export function textOf(instant: Instant): string {
  const ms = Math.floor(instant / 1000);
  return `${new Date(ms).toISOString().slice(0, -1)}${String(instant - ms * 1000).padStart(3, '0')}Z`;
}

export const purposeId = z
  .string()
  .regex(/^[a-z][a-z0-9-]{1,62}$/, 'expected the id of a purpose, such as event-security');

export const base64Of = (length: number) =>
  z.string().refine((text) => fromBase64(text)?.length === length, `expected base64 of ${length} bytes`);

export const hash = base64Of(32);

/** (party, id) is the identity of a statement. */
export const statementRef = z.strictObject({ party: partyId, id: uuid });
export type StatementRef = z.infer<typeof statementRef>;

/** Parts of one statement. */
export const maxParts = 256;

/** Part numbers, rising, each once; null means every part. */
export const partNumbers = z
  .array(
    z
      .int()
      .min(0)
      .max(maxParts - 1),
  )
  .min(1)
  .max(maxParts)
  .refine(
    (list) => list.every((n, i) => i === 0 || n > (list[i - 1] as number)),
    'expected rising part numbers',
  )
  .nullable();

/** Parties, each once, in whatever order. */
export const partyList = z
  .array(partyId)
  .min(1)
  .max(64)
  .refine((list) => new Set(list).size === list.length, 'a party is named twice');

/** Free text stands in parts only, so that taking the part back erases it. */
export const freeText = (max: number) =>
  z.string().min(1).max(max).refine(withoutNul, 'expected a text without U+0000');

/** In words, and the cases of which it is part. */
export const reason = z.strictObject({ reason: freeText(4_000), cases: caseList.optional() });

/** A person at a device, as the party calls it: only the party can tell who that is. */
export const pseudonym = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'expected a pseudonym of letters, digits, dots and hyphens');
