/** Connectors and what they were refused, to their own party. */
import { allCodes, isCode, titleOf } from '@parley/core/errors.ts';
import { textOf } from '@parley/core/fields.ts';
import { handlingSchema } from '@parley/core/handling.ts';
import { rights } from '@parley/core/kinds.ts';
import { z } from 'zod';
import type { RefusalRow } from '../../journals/refusals.ts';
import type { ConnectorView } from '../../release/connectors.ts';
import type { Released } from '../../release/released.ts';
import { connectorRules } from '../noting.ts';
import { partyId, purposeId, time, uuid } from '../shapes.ts';

export const connectorsShape = z.strictObject({
  connectors: z.array(
    z.strictObject({
      device: partyId,
      name: z.string(),
      purpose: purposeId,
      access: z.enum(['read', 'write']),
      rights: z.array(z.enum(rights)),
      rooms: z.array(uuid),
      handling: handlingSchema.nullable(),
      justification: z.string().nullable(),
      enrolled: time,
      ends: time.nullable(),
      revoked: time.nullable(),
      used: time.nullable().describe('About when it was last used'),
    }),
  ),
});

export const refusalsShape = z.strictObject({
  refusals: z.array(
    z.strictObject({
      first: time,
      last: time,
      count: z.int(),
      route: z.string(),
      code: z.enum(allCodes),
      title: z.string(),
      rule: z.enum(connectorRules),
      place: z.string(),
      detail: z.string(),
    }),
  ),
});

export function presentConnectors({
  value,
}: Released<{ connectors: readonly ConnectorView[] }>): z.infer<typeof connectorsShape> {
  return {
    connectors: value.connectors.map(({ rights, rooms, enrolled, ends, revoked, used, ...rest }) => ({
      ...rest,
      rights: [...rights],
      rooms: [...rooms],
      enrolled: textOf(enrolled),
      ends: orNull(ends),
      revoked: orNull(revoked),
      used: orNull(used),
    })),
  };
}

export function presentRefusals({ value }: Released<readonly RefusalRow[]>): z.infer<typeof refusalsShape> {
  return {
    refusals: value.map(({ first, last, count, route, code, rule, place, detail }) => {
      const known = isCode(code) ? code : 'fault';
      const by = connectorRules.find((one) => one === rule) ?? 'centre';
      return {
        ...{ first: textOf(first), last: textOf(last), count, route },
        ...{ code: known, title: titleOf(known), rule: by, place, detail },
      };
    }),
  };
}

function orNull(instant: number | null): string | null {
  return instant === null ? null : textOf(instant);
}
