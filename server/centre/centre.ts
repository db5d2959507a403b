/** The centre's own round: it looks at what is so, says what follows, and looks again when something changed. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Instant } from '@parley/core/fields.ts';
import type { Accreditation } from './accreditation.ts';
import { type DigestSources, hour, sayDigests } from './digests.ts';
import { type EndingSources, endDue, endHolds } from './endings.ts';
import { type NoticeSources, Notices } from './notices.ts';
import type { Voice } from './voice.ts';

export interface RoundsOptions {
  readonly sources: NoticeSources & EndingSources & { readonly digests: DigestSources };
  readonly voice: Voice;
  readonly now: () => Instant;
  readonly failed: (cause: unknown) => void;
  readonly accreditation: Accreditation;
  /** Length of an access digest's interval, in microseconds. */
  readonly digestEvery?: number;
}

export interface Rounds {
  /** Something was committed: look soon. */
  nudge(): void;
  /** One whole round, now. */
  round(): Promise<void>;
  stop(): Promise<void>;
}

/** Ends come between commits, so the clock is looked at too. */
const tick = 1_000;
/** Between rounds while much is said: a round reads what all of it made, and nobody waits for one. */
const rest = 200;

export function startRounds(options: RoundsOptions): Rounds {
  const { sources, voice, now, failed, accreditation, digestEvery = hour } = options;
  const notices = new Notices(sources, voice, now);
  let running: Promise<void> | null = null;
  let again = false;
  let stopped = false;
  const ending = new AbortController();

  async function once(): Promise<void> {
    await accreditation.say();
    await endDue(sources, voice, now());
    await endHolds(sources, voice, now());
    await notices.round();
    await sayDigests(sources.digests, voice, now(), digestEvery);
  }

  async function rounds(): Promise<void> {
    do {
      again = false;
      await once();
      if (again && !stopped) await pause(rest, undefined, { signal: ending.signal }).catch(() => {});
    } while (again && !stopped);
  }

  function nudge(): void {
    if (stopped) return;
    again = true;
    running ??= rounds()
      .catch(failed)
      .finally(() => {
        running = null;
      });
  }

  const timer = setInterval(nudge, tick);
  return {
    nudge,
    async round() {
      while (running) await running;
      await once();
    },
    async stop() {
      stopped = true;
      ending.abort();
      clearInterval(timer);
      await running;
    },
  };
}
