/** What parties say in a benchmark: signed before the clock runs. Nothing here knows a server. */
import { type Bytes, base64, concat, utf8 } from '@parley/core/bytes.ts';
import type { StatementRef } from '@parley/core/fields.ts';
import type { Handling } from '@parley/core/handling.ts';
import { rootOf } from '@parley/core/merkle.ts';
import { formatPart, makePart, type Part, partLeaf } from '@parley/core/parts.ts';
import { type AnyHeader, type EnvelopeJson, type Signer, signHeader } from '@parley/core/statement.ts';
import type { Terms } from '@parley/core/terms.ts';
import { random } from '@parley/sdk/signer.ts';

export const purpose = 'event-security';

export const terms: Terms = {
  title: 'Harbour Festival',
  purposes: [purpose],
  own: [],
  handling: { purposes: [purpose], onward: 'ask', tlp: 'amber' },
  retention: null,
  past: false,
  roster: true,
  conditions: 'Use it to protect people.',
};

export const handling: Handling = {
  to: 'room',
  purposes: [purpose],
  onward: 'ask',
  until: null,
  review: null,
  tlp: 'amber',
  personal: false,
};

/** Who speaks, and of what party. */
export interface Speaker {
  readonly centre: string;
  readonly party: string;
  readonly signer: Signer;
}

export interface Signed {
  readonly envelope: EnvelopeJson;
  readonly parts: readonly Part[];
  readonly ref: StatementRef;
}

/** A report as short as a warning: one STIX object of some 300 bytes. */
export function warning(n: number): object {
  const at = '2026-05-01T12:00:00.000Z';
  return {
    type: 'indicator',
    spec_version: '2.1',
    id: `indicator--${crypto.randomUUID()}`,
    created: at,
    modified: at,
    name: `Van with covered plates near gate ${n % 97}`,
    pattern: `[url:value = 'https://example.org/${n}']`,
    pattern_type: 'stix',
    valid_from: at,
  };
}

export async function sign(
  { centre, party, signer }: Speaker,
  kind: AnyHeader['kind'],
  { room, body, parts = [] }: { room?: string; body: object; parts?: readonly Part[] },
): Promise<Signed> {
  const id = crypto.randomUUID();
  const header = {
    ...{ kind, centre, ...(room === undefined ? {} : { room }), id, party, device: signer.device },
    ...{ at: new Date().toISOString(), body },
    ...(parts.length === 0
      ? {}
      : { parts: { count: parts.length, root: base64(rootOf(parts.map(partLeaf))) } }),
  } as unknown as AnyHeader;
  return { envelope: await signHeader(header, signer), parts, ref: { party, id } };
}

export function signShare(
  speaker: Speaker,
  room: string,
  objects: readonly object[],
  about: Partial<Handling> = {},
): Promise<Signed> {
  const parts = objects.map((object) => makePart(object, random));
  return sign(speaker, 'share/1', { room, body: { handling: { ...handling, ...about } }, parts });
}

/** As it is sent. */
export function bodyOf({ envelope, parts }: Signed): Bytes {
  const feed = utf8('\n');
  return concat(utf8(`${JSON.stringify(envelope)}\n`), ...parts.flatMap((part) => [formatPart(part), feed]));
}
