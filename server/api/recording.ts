/**
 * What leaves is in the journal first. An answer with content is made only from what this function has returned, and
 * it returns once the access is durable.
 */
import { accessedIn, type Shown } from '../release/content.ts';
import type { Released } from '../release/released.ts';
import type { Viewer } from '../release/viewer.ts';
import type { ApiContext } from './context.ts';

/** A page with content, and who is about to get it. */
export interface Read {
  readonly viewer: Viewer;
  readonly shown: Released<Shown>;
}

/** @param route the pattern, never a path with what the reader put into it */
export async function recorded(
  { viewer, shown }: Read,
  route: string,
  context: ApiContext,
): Promise<Released<Shown>> {
  const accessed = accessedIn(shown);
  if (accessed.length > 0) await record(viewer, accessed, route, context);
  return shown;
}

/** The same for what is no page: a file. Nothing of it leaves before this resolves. */
export async function record(
  viewer: Viewer,
  accessed: readonly { readonly index: number; readonly parts: readonly number[] }[],
  route: string,
  context: ApiContext,
): Promise<void> {
  const { party, device, person = null, purpose, justification } = viewer;
  if (party === null || device === null) {
    // Nobody is known who had it: there is nobody to tell of a recall, and nothing to tell the originator but a number.
    context.metrics.publicRead(accessed.reduce((sum, { parts }) => sum + parts.length, 0));
    return;
  }
  const list = accessed.map(({ index, parts }) => ({ index, parts: [...parts] }));
  await context.journals.accesses.recordAccess({
    at: context.now(),
    party,
    device,
    person,
    purpose,
    justification,
    route,
    list,
  });
}
