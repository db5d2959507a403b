/** What each side of a room undertakes, what was said of it, and what is suspended: as far as the viewer sees who said so. */
import { Refusal } from '@parley/core/errors.ts';
import type { Instant, StatementRef } from '@parley/core/fields.ts';
import { refOf } from '@parley/core/statement.ts';
import type { Undertaking } from '@parley/core/undertakings.ts';
import { gather } from './evidence.ts';
import { type Released, released } from './released.ts';
import type { Sources } from './sources.ts';
import { openStreams } from './streams.ts';
import { look, type Viewer } from './viewer.ts';

/** The last word of one party on whether another keeps one undertaking. */
export interface StateView {
  readonly statement: StatementRef;
  /** Who owes it. */
  readonly by: string;
  readonly author: string;
  readonly state: 'holds' | 'broken';
  readonly terms: string;
  readonly at: Instant;
}

export interface SuspensionView {
  readonly statement: StatementRef;
  readonly party: string;
  readonly from: string;
  /** The statement that another was broken. */
  readonly because: StatementRef;
  readonly at: Instant;
  /** Null: it stands. */
  readonly resumed: Instant | null;
}

export interface UndertakingView {
  readonly undertaking: string;
  /** As the terms that bind the viewer have it; null: they have it no more. */
  readonly words: Undertaking | null;
  readonly states: readonly StateView[];
  readonly suspensions: readonly SuspensionView[];
}

/** @throws absent */
export async function releaseUndertakings(
  viewer: Viewer,
  room: string,
  sources: Sources,
): Promise<Released<{ undertakings: readonly UndertakingView[] }>> {
  const look_ = await look(viewer, sources);
  const found = await sources.rooms.room(room);
  const standing = found && look_.rooms.get(found.no)?.standing;
  const gone = standing?.state === 'withdrawn' || standing?.state === 'declined';
  if (!found || !standing || gone) throw new Refusal('absent');
  const bound = standing.state === 'invited' ? found.terms.terms : standing.accepted?.terms;
  const states = await sources.undertakings.statesIn(room);
  const suspensions = await sources.undertakings.suspensionsIn(room);
  const all = [
    ...states.map(({ index }) => index),
    ...suspensions.flatMap(({ index, because, resumedBy }) => [index, because, resumedBy ?? index]),
  ];
  const opening = await openStreams(look_, null);
  const seen = new Map<number, StatementRef>();
  for (const [index, { record, decide }] of await gather(look_, opening, all))
    if (decide(null).verdict === 'permit') seen.set(index, refOf(record.header));

  const last = new Map<string, StateView & { readonly undertaking: string }>();
  for (const { index, undertaking, by, author, state, terms, at } of states) {
    const statement = seen.get(index);
    if (!statement) continue;
    last.set([undertaking, by, author].join(' '), { undertaking, statement, by, author, state, terms, at });
  }
  const shown = suspensions.flatMap(({ index, undertaking, because, resumedBy, resumed, ...rest }) => {
    const statement = seen.get(index);
    const broken = seen.get(because);
    const ended = resumedBy !== null && seen.has(resumedBy) ? resumed : null;
    return statement && broken
      ? [
          {
            undertaking,
            statement,
            because: broken,
            resumed: ended,
            party: rest.party,
            from: rest.from,
            at: rest.at,
          },
        ]
      : [];
  });
  const words = new Map((bound?.undertakings ?? []).map((each) => [each.id, each]));
  const ids = new Set([
    ...words.keys(),
    ...[...last.values(), ...shown].map(({ undertaking }) => undertaking),
  ]);
  return released({
    undertakings: [...ids].map((id) => ({
      undertaking: id,
      words: words.get(id) ?? null,
      states: [...last.values()].filter(of(id)).map(({ undertaking: _, ...state }) => state),
      suspensions: shown.filter(of(id)).map(({ undertaking: _, ...suspension }) => suspension),
    })),
  });
}

const of =
  (id: string) =>
  ({ undertaking }: { readonly undertaking: string }): boolean =>
    undertaking === id;
