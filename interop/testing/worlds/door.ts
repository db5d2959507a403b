/** Asks one centre as one viewer, and keeps every answer under a name that is the same in both worlds. */
import { type Answer, answerOf } from './answers.ts';
import type { Side } from './pair.ts';

/**
 * Who looks. An endpoint, to which a centre delivers by itself, is a viewer of its own kind: what is delivered to it
 * is compared like what a device asks for.
 */
export interface Viewer {
  readonly name: string;
  readonly kind: 'device' | 'token' | 'public' | 'endpoint';
  /** Whether its token opens something: a walk by one that has ended looks the same everywhere. */
  readonly live: boolean;
  /** Asks each list in every way; the others ask each in one. */
  readonly deep: boolean;
  /** Null: the public. */
  token(side: Side): string | null;
}

export interface Question {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly payload?: string | Buffer;
  /** Where the path is not the same in both worlds: what stands for it. */
  readonly as?: string;
  /** Instead of the viewer's. */
  readonly token?: string;
}

const pagesAtMost = 40;

export class Door {
  readonly side: Side;
  readonly viewer: Viewer;
  readonly answers: Answer[] = [];
  /** Given out by this world, to be asked with again later. */
  readonly cursors: string[] = [];

  constructor(side: Side, viewer: Viewer) {
    this.side = side;
    this.viewer = viewer;
  }

  async ask(path: string, { method = 'GET', headers = {}, payload, as = path, ...about }: Question = {}) {
    const token = about.token ?? this.viewer.token(this.side);
    const sent = { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...headers };
    const answer = await this.side.app.inject({
      method: method as 'GET',
      url: path,
      headers: sent,
      ...(payload === undefined ? {} : { payload }),
    });
    const body = answer.rawPayload.toString('latin1');
    const readable = Buffer.from(body, 'latin1').toString('utf8');
    const name = `${this.viewer.name}: ${method} ${as}${Object.keys(headers).length > 0 ? ` ${JSON.stringify(headers)}` : ''}`;
    const kept = answerOf(name, answer.statusCode, answer.headers, readable);
    this.answers.push(kept);
    return kept;
  }

  /** To the end, each page by the cursor that this world gave out. */
  async pages(path: string): Promise<void> {
    let next: string | null = null;
    for (let page = 1; page <= pagesAtMost; page++) {
      const url: string = next === null ? path : `${path}${path.includes('?') ? '&' : '?'}after=${next}`;
      const answer: Answer = await this.ask(url, { as: `${path} page ${page}` });
      next = nextOf(answer);
      if (next === null) return;
      this.cursors.push(next);
    }
  }
}

/** Of a list of lines, or of one JSON object. */
function nextOf({ raw }: Answer): string | null {
  return /"next":"([^"]+)"\}\n?$/.exec(raw)?.[1] ?? null;
}
