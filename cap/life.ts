/**
 * What holds now, of a set of messages (CAP 1.2, 3.2.1). An update or cancel counts only against messages of the same
 * sender and status: a test never ends an actual alert, and nobody cancels another's unless the caller allows it.
 */
import { chainsOf, effectiveOf, endOf, inTime, Known } from './chain.ts';
import type { Alert } from './message.ts';
import { instantOf } from './times.ts';

export type State = 'ahead' | 'in-force' | 'superseded' | 'cancelled' | 'expired';

export interface Standing {
  readonly alert: Alert;
  readonly state: State;
  /** When it ends, or has ended: milliseconds since 1970. */
  readonly until: number;
}

/**
 * `expired`: its window ran out and nobody extended, replaced or cancelled it. It is "expired, not renewed", and says
 * nothing about the danger. `none`: there is nothing in the chain that could be in force, such as an Ack alone.
 */
export type ChainState = 'ahead' | 'in-force' | 'cancelled' | 'expired' | 'none';

export interface Chain {
  readonly state: ChainState;
  /** All its messages, in order of time. */
  readonly alerts: readonly Alert[];
  readonly standings: readonly Standing[];
}

/** Whether a later message may replace or cancel an earlier one. */
export type MayReplace = (later: Alert, earlier: Alert) => boolean;

const sameSender: MayReplace = (later, earlier) => later.sender === earlier.sender;

/** @param now milliseconds since 1970: what was sent later has not been heard of yet */
export function chainsAt(
  alerts: readonly Alert[],
  now: number,
  mayReplace: MayReplace = sameSender,
): Chain[] {
  const known = new Known(alerts.filter(({ sent }) => instantOf(sent) <= now));
  return chainsOf(known).map((chain) => {
    const standings = chain.filter(isWarning).map((alert) => standingOf(alert, { known, now, mayReplace }));
    return { state: stateOf(standings), alerts: chain, standings };
  });
}

export function inForce(alerts: readonly Alert[], now: number, mayReplace: MayReplace = sameSender): Alert[] {
  return chainsAt(alerts, now, mayReplace)
    .flatMap(({ standings }) => standings)
    .filter(({ state }) => state === 'in-force')
    .map(({ alert }) => alert)
    .sort(inTime);
}

const isWarning = ({ msgType }: Alert) => msgType === 'Alert' || msgType === 'Update';

interface View {
  readonly known: Known;
  readonly now: number;
  readonly mayReplace: MayReplace;
}

function standingOf(alert: Alert, view: View): Standing {
  const until = endOf(alert);
  const state = ((): State => {
    if (cancelledAt(alert, view) !== undefined) return 'cancelled';
    if (isSuperseded(alert, view)) return 'superseded';
    if (view.now >= until) return 'expired';
    return view.now < effectiveOf(alert) ? 'ahead' : 'in-force';
  })();
  return { alert, state, until };
}

function repliesOf(alert: Alert, { known, mayReplace }: View, msgType: 'Update' | 'Cancel'): Alert[] {
  return known
    .referringTo(alert)
    .filter(
      (later) => later.msgType === msgType && later.status === alert.status && mayReplace(later, alert),
    );
}

function cancelledAt(alert: Alert, view: View): number | undefined {
  const instants = repliesOf(alert, view, 'Cancel').map(({ sent }) => instantOf(sent));
  return instants.length > 0 ? Math.min(...instants) : undefined;
}

/** From when the update holds: until then the earlier one does, and an update cancelled before then replaces nothing. */
function isSuperseded(alert: Alert, view: View): boolean {
  return repliesOf(alert, view, 'Update').some((update) => {
    const from = effectiveOf(update);
    const cancelled = cancelledAt(update, view);
    return view.now >= from && (cancelled === undefined || cancelled >= from);
  });
}

function stateOf(standings: readonly Standing[]): ChainState {
  const states = standings.map(({ state }) => state);
  for (const state of ['in-force', 'ahead', 'expired', 'cancelled'] as const)
    if (states.includes(state)) return state;
  return 'none';
}

/**
 * What a feed lists: each message until everything that it is about has ended, so that whoever got the alert gets its
 * cancel too (OASIS, Example Practices: CAP Feeds 1.0).
 */
export function listed(alerts: readonly Alert[], now: number): Alert[] {
  const known = new Known(alerts.filter(({ sent }) => instantOf(sent) <= now));
  const ends = new Map<Alert, number>();
  for (const chain of chainsOf(known))
    for (const alert of chain) {
      // In order of time: what is referred to has its end already.
      const earlier = [...known.meantByAll(alert)];
      ends.set(alert, Math.max(endOf(alert), ...earlier.map((other) => ends.get(other) ?? endOf(other))));
    }
  return known.all.filter((alert) => now < (ends.get(alert) ?? 0)).sort((a, b) => inTime(b, a));
}
