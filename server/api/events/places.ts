/** Streams of events that are open at once. Nobody may take the places of others: no address, no party, no device. */
import { Refusal } from '@parley/core/errors.ts';
import type { Session } from '../viewer.ts';
import type { EventLimits } from './routes.ts';

/** Who takes a place, and how many it may take. */
type Share = readonly [who: string, most: number];

export class Places {
  readonly #limits: EventLimits;
  readonly #taken = new Map<string, number>();

  constructor(limits: EventLimits) {
    this.#limits = limits;
  }

  /** @returns to be called once, when the stream ends @throws rate.limited */
  take(session: Session | null, address: string): () => void {
    const shares = this.#sharesOf(session, address);
    if (shares.some(([who, most]) => (this.#taken.get(who) ?? 0) >= most))
      throw new Refusal('rate.limited', { detail: 'too many streams of events', params: { after: 10 } });
    for (const [who] of shares) this.#add(who, 1);
    return () => {
      for (const [who] of shares) this.#add(who, -1);
    };
  }

  #sharesOf(session: Session | null, address: string): readonly Share[] {
    const { streams, streamsEach } = this.#limits;
    const all: Share = ['all', streams];
    if (session === null)
      return [all, ['public', Math.floor(streams / 2)], [`address ${address}`, streamsEach]];
    const { party, device, connector } = session;
    if (connector) return [all, [`connector ${device}`, streamsEach]];
    return [all, [`party ${party}`, streamsEach], [`device ${device}`, Math.ceil(streamsEach / 2)]];
  }

  #add(who: string, one: 1 | -1): void {
    const left = (this.#taken.get(who) ?? 0) + one;
    if (left > 0) this.#taken.set(who, left);
    else this.#taken.delete(who);
  }
}
