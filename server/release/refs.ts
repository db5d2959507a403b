/** From a place in the log to the identity of what was said there. */
import type { StatementRef } from '@parley/core/fields.ts';
import { refOf } from '@parley/core/statement.ts';
import type { Sources } from './sources.ts';

/** Of a record whose header the viewer may have: the caller has seen to it. */
export async function refAt(sources: Pick<Sources, 'log'>, index: number): Promise<StatementRef> {
  const [record] = await sources.log.records([index]);
  if (!record) throw new Error(`record ${index} is not there`);
  return refOf(record.header);
}
