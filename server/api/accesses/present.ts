/** Accesses of the viewer's own party, and its leaves, as JSON. */
import { base64 } from '@parley/core/bytes.ts';
import { hash, millisecondsOf, type StatementRef, textOf } from '@parley/core/fields.ts';
import { z } from 'zod';
import type { Access } from '../../journals/accesses.ts';
import type { DigestLeaf } from '../../journals/digests.ts';
import type { Released } from '../../release/released.ts';
import { partyId, purposeId, statementRef, time } from '../shapes.ts';

export interface AccessList {
  readonly accesses: readonly Access[];
  /** Of the records in the lists. */
  readonly refs: ReadonlyMap<number, StatementRef>;
  readonly next: string | null;
}

export interface DigestList {
  readonly digests: readonly { readonly statement: StatementRef; readonly leaf: DigestLeaf }[];
  readonly next: string | null;
}

export const accessesShape = z.strictObject({
  accesses: z.array(
    z.strictObject({
      at: time,
      device: partyId,
      purpose: purposeId,
      person: z.string().nullable(),
      justification: z.string().nullable(),
      route: z.string(),
      statements: z.array(statementRef.extend({ parts: z.array(z.int()) })),
    }),
  ),
  next: z.string().nullable(),
});

export const digestsShape = z.strictObject({
  digests: z.array(
    z.strictObject({
      statement: statementRef,
      from: time,
      to: time,
      salt: z.string(),
      leaf: z.string().describe('Base64 of JSON'),
      index: z.int(),
      path: z.array(hash),
    }),
  ),
  next: z.string().nullable(),
});

export function presentAccesses({
  value: { accesses, refs, next },
}: Released<AccessList>): z.infer<typeof accessesShape> {
  const shown = accesses.map(({ at, device, person = null, purpose, justification, route, list }) => {
    const statements = list.flatMap(({ index, parts }) => {
      const ref = refs.get(index);
      return ref ? [{ ...ref, parts: [...parts] }] : [];
    });
    return { at: textOf(at), device, person, purpose, justification, route, statements };
  });
  return { accesses: shown, next };
}

export function presentDigests({
  value: { digests, next },
}: Released<DigestList>): z.infer<typeof digestsShape> {
  const shown = digests.map(({ statement, leaf: { from, to, salt, leaf, index, path } }) => ({
    statement,
    from: millisecondsOf(from),
    to: millisecondsOf(to),
    salt: base64(salt),
    leaf: base64(leaf),
    index,
    path: path.map(base64),
  }));
  return { digests: shown, next };
}
