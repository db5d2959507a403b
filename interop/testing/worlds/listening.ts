/**
 * Event streams, as real clients hold them: from a place that was given out at the start of a history, and from now
 * on. They are opened when only one thing is left to be said: what a stream tells of things that are taken back, or of
 * a room that the viewer leaves, depends on how soon it is read, and time is declared to be out of scope.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { textOf } from '../walk.ts';
import { declared } from './answers.ts';
import type { Viewer } from './door.ts';
import type { Side } from './pair.ts';

interface Stream {
  heard(): string;
  stop(): Promise<void>;
}

async function follow(side: Side, token: string | null, query: string): Promise<Stream> {
  const stop = new AbortController();
  const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(`${side.url}/api/v1/events${query}`, { headers, signal: stop.signal });
  let heard = `${response.status}\n`;
  const ended = textOf(response, (text) => {
    heard = `${response.status}\n${text}`;
  });
  return {
    heard: () => heard,
    stop: async () => {
      stop.abort();
      await ended;
    },
  };
}

/** Where a stream stands that has told nothing yet: the first thing that it sends. */
export async function placeOf(side: Side, viewer: Viewer, query = ''): Promise<string> {
  const stream = await follow(side, viewer.token(side), query);
  while (!stream.heard().includes('\n\n')) await pause(1);
  await stream.stop();
  return /^id: (.+)$/m.exec(stream.heard())?.[1] ?? '';
}

export interface Heard {
  readonly ask: string;
  readonly plain: string;
  readonly fuller: string;
}

/** The same streams of both worlds. */
export class Listening {
  readonly #streams: { readonly ask: string; readonly plain: Stream; readonly fuller: Stream }[] = [];

  /** @param query what each world is asked, by what it gave out */
  async open(
    [plain, fuller]: readonly [Side, Side],
    viewer: Viewer,
    query: (side: Side) => string = () => '',
  ): Promise<void> {
    const ask = `${viewer.name}: GET /api/v1/events${query(plain)}`;
    const [one, other] = [
      await follow(plain, viewer.token(plain), query(plain)),
      await follow(fuller, viewer.token(fuller), query(fuller)),
    ];
    this.#streams.push({ ask, plain: one, fuller: other });
  }

  /**
   * Until both worlds have told the mark to the first viewer, and then until all have told the same: one may be slower
   * than the other, but what is told in one alone stays.
   * @param mark the last thing that was said
   */
  async heard(mark: string, patience = 120_000): Promise<readonly Heard[]> {
    const until = performance.now() + patience;
    const texts = () =>
      this.#streams.map(({ ask, plain, fuller }) => ({
        ask,
        plain: declared(plain.heard(), ask),
        fuller: declared(fuller.heard(), ask),
      }));
    const [first] = this.#streams;
    const marked = () => [first?.plain, first?.fuller].every((stream) => stream?.heard().includes(mark));
    const same = () => texts().every(({ plain, fuller }) => plain === fuller);
    while ((!marked() || !same()) && performance.now() < until) await pause(5);
    return texts();
  }

  async stop(): Promise<void> {
    for (const { plain, fuller } of this.#streams) await Promise.all([plain.stop(), fuller.stop()]);
  }
}
