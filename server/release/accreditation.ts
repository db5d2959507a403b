/** Up to where the centre may hold what is classified: public, so that it is known before anything is said. */
import type { Classification } from '@parley/core/classification.ts';
import type { Instant, StatementRef } from '@parley/core/fields.ts';
import { classificationOf } from '@parley/core/handling.ts';
import { handlingOf, refOf } from '@parley/core/statement.ts';
import { type Released, released } from './released.ts';
import type { Sources } from './sources.ts';

export interface Accreditation {
  readonly highest: Classification;
  /** The centre's own statement that says so; null: it never said any. */
  readonly statement: StatementRef | null;
}

export async function releaseAccreditation(sources: Sources): Promise<Released<Accreditation>> {
  const { highest, index } = await sources.parties.accreditation();
  const [record] = index === null ? [] : await sources.log.records([index]);
  return released({ highest, statement: record ? refOf(record.header) : null });
}

export interface Above {
  readonly room: string;
  readonly since: Instant;
  readonly statement: StatementRef;
  readonly party: string;
  readonly detail: Classification;
}

/** What the party shared while the centre was accredited for it, and that is still there now that it is not. */
export async function sharedAbove(party: number, sources: Sources): Promise<readonly Above[]> {
  const { highest, index } = await sources.parties.accreditation();
  const above = await sources.objects.above(highest, party);
  if (above.length === 0 || index === null) return [];
  const [lowered] = await sources.log.records([index]);
  return (await sources.log.records(above)).flatMap(({ header }) => {
    const handling = handlingOf(header);
    if (!handling || !lowered) return [];
    return [
      {
        room: header.room ?? '',
        since: lowered.instant,
        statement: refOf(header),
        party: lowered.header.party,
        detail: classificationOf(handling),
      },
    ];
  });
}
