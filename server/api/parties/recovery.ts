/** How the viewer's party would come back, and for whom it vouches. */
import { textOf } from '@parley/core/fields.ts';
import { z } from 'zod';
import { type ReadmissionView, type RecoveryView, releaseRecovery } from '../../release/recovery.ts';
import type { Released } from '../../release/released.ts';
import { described, json, type Route, route } from '../route.ts';
import { partyId, prefix, statementRef, time } from '../shapes.ts';

const readmission = z.strictObject({
  key: z.string(),
  vouched: z.array(z.strictObject({ party: partyId, at: time, statement: statementRef })),
  ready: time.nullable().describe('Null: one guardian has not vouched'),
});
const guardians = z.strictObject({
  parties: z.array(partyId),
  delay: z.int().describe('Hours'),
  statement: statementRef,
});

export const recoveryShape = z.strictObject({
  key: z.strictObject({ key: z.string(), statement: statementRef }).nullable(),
  guardians: guardians.nullable(),
  readmissions: z.array(readmission),
  wards: z.array(guardians.extend({ party: partyId, readmissions: z.array(readmission) })),
});

export function recoveryRoute(): Route {
  return route({
    path: `${prefix}/recovery`,
    viewer: 'party',
    about:
      'The recovery key and the guardians of the viewer’s party, whom it guards, and readmissions that are open',
    answers: { 200: described('The arrangement', recoveryShape) },
    handle: ({ see }) =>
      see(async (viewer, { sources }) => json(presentRecovery(await releaseRecovery(viewer, sources)))),
  });
}

function presentRecovery({ value }: Released<RecoveryView>): z.infer<typeof recoveryShape> {
  return {
    key: value.key,
    guardians: value.guardians && { ...value.guardians, parties: [...value.guardians.parties] },
    readmissions: value.readmissions.map(presentReadmission),
    wards: value.wards.map(({ parties, readmissions, ...rest }) => ({
      ...rest,
      parties: [...parties],
      readmissions: readmissions.map(presentReadmission),
    })),
  };
}

function presentReadmission({ key, vouched, ready }: ReadmissionView): z.infer<typeof readmission> {
  return {
    key,
    vouched: vouched.map(({ at, ...rest }) => ({ ...rest, at: textOf(at) })),
    ready: ready === null ? null : textOf(ready),
  };
}
