/** Which messages belong together: an alert, its updates and its cancel, through what they refer to (CAP 1.2, 3.2.1). */
import type { Alert, Reference } from './message.ts';
import { nameOf } from './rules-header.ts';
import { instantOf } from './times.ts';

/** Those known by (sender, identifier), each message once. */
export class Known {
  readonly all: readonly Alert[];
  readonly #byName: ReadonlyMap<string, readonly Alert[]>;
  readonly #referring: ReadonlyMap<Alert, readonly Alert[]>;

  constructor(alerts: readonly Alert[]) {
    const byName = new Map<string, Alert[]>();
    for (const alert of alerts) {
      const same = byName.get(nameOf(alert)) ?? [];
      // The same message by two ways is one message.
      if (!same.some(({ sent }) => sent === alert.sent)) byName.set(nameOf(alert), [...same, alert]);
    }
    this.#byName = byName;
    this.all = [...byName.values()].flat();
    this.#referring = this.#referrers();
  }

  #referrers(): Map<Alert, Alert[]> {
    const referring = new Map<Alert, Alert[]>(this.all.map((alert) => [alert, []]));
    for (const alert of this.all)
      for (const meant of this.meantByAll(alert)) referring.get(meant)?.push(alert);
    return referring;
  }

  /** Those that refer to it. */
  referringTo(alert: Alert): readonly Alert[] {
    return this.#referring.get(alert) ?? [];
  }

  /** What it refers to, as far as it is known, each once. */
  meantByAll(alert: Alert): Set<Alert> {
    return new Set(alert.references.flatMap((reference) => this.meantBy(reference)));
  }

  named(name: Pick<Reference, 'sender' | 'identifier'>): readonly Alert[] {
    return this.#byName.get(nameOf(name)) ?? [];
  }

  /**
   * What a reference means. Whoever misspelt the time still meant the message: a cancel must not be lost over it.
   * Where a sender used a name again, the time decides.
   */
  meantBy(reference: Reference): readonly Alert[] {
    const candidates = this.named(reference);
    const exact = candidates.filter(({ sent }) => instantOf(sent) === instantOf(reference.sent));
    return exact.length > 0 ? exact : candidates;
  }
}

/** Groups of messages that refer to each other, each in order of time; alone where nothing is referred to. */
export function chainsOf(known: Known): Alert[][] {
  const seen = new Set<Alert>();
  const chains: Alert[][] = [];
  for (const start of known.all) {
    if (seen.has(start)) continue;
    const chain: Alert[] = [];
    const rest = [start];
    for (let next = rest.pop(); next; next = rest.pop()) {
      if (seen.has(next)) continue;
      seen.add(next);
      chain.push(next);
      rest.push(...known.meantByAll(next), ...known.referringTo(next));
    }
    chains.push(chain.sort(inTime));
  }
  return chains;
}

export function inTime(a: Alert, b: Alert): number {
  return instantOf(a.sent) - instantOf(b.sent) || (nameOf(a) < nameOf(b) ? -1 : 1);
}

/** CAP 1.2, 3.2.2: without effective, a block holds from sent. */
export function effectiveOf({ sent, info }: Alert): number {
  return Math.min(
    ...(info.length > 0 ? info : [{}]).map((block: { effective?: string | undefined }) =>
      instantOf(block.effective ?? sent),
    ),
  );
}

/** Hours that an alert without `expires` holds here: the standard leaves it to each recipient (3.2.2). */
const hoursWithoutEnd = 24;

/** When the last of its blocks ends. */
export function endOf({ sent, info }: Alert): number {
  const own = instantOf(sent) + hoursWithoutEnd * 3_600_000;
  return Math.max(
    ...(info.length > 0 ? info : [{}]).map((block: { expires?: string | undefined }) =>
      block.expires ? instantOf(block.expires) : own,
    ),
  );
}
