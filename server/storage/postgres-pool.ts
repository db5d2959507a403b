/** Connections that are opened when they are needed, up to a number; whoever comes when all are used waits its turn. */
import { Refusal } from '@parley/core/errors.ts';
import { Connection, type Target } from './postgres-connection.ts';
import { away } from './postgres-errors.ts';

/** What is kept with a connection is made once for it. */
export class Pool<Session extends { readonly connection: Connection }> {
  readonly #target: Target;
  readonly #size: number;
  readonly #sessionOn: (connection: Connection) => Session;
  readonly #idle: Session[] = [];
  readonly #waiting: ((session: Session | null) => void)[] = [];
  readonly #used = new Set<Promise<unknown>>();
  #open = 0;
  #closed = false;

  constructor(target: Target, size: number, sessionOn: (connection: Connection) => Session) {
    this.#target = target;
    this.#size = size;
    this.#sessionOn = sessionOn;
  }

  /** The answer does not wait for `after`, which leaves the connection as it was. @throws store.away, stopping */
  use<T>(
    work: (session: Session) => Promise<T>,
    after: (session: Session) => Promise<unknown> = async () => {},
  ): Promise<T> {
    const session = this.#session();
    const answer = session.then(work);
    const used = session
      .then((had) =>
        answer
          .catch(() => {})
          .then(() => after(had))
          .catch(() => had.connection.discard())
          .then(() => this.#release(had)),
      )
      .catch(() => {});
    this.#used.add(used);
    used.finally(() => this.#used.delete(used));
    return answer;
  }

  /** Waits for what runs. */
  async close(): Promise<void> {
    this.#closed = true;
    while (this.#used.size > 0) await Promise.all(this.#used);
    await Promise.all(this.#idle.splice(0).map(({ connection }) => connection.close()));
  }

  async #session(): Promise<Session> {
    if (this.#closed) throw new Refusal('stopping');
    for (let idle = this.#idle.pop(); idle; idle = this.#idle.pop())
      if (idle.connection.lost) this.#open--;
      else return idle;
    if (this.#open < this.#size) return this.#another();
    const handed = await new Promise<Session | null>((resolve) => this.#waiting.push(resolve));
    return handed ?? this.#another();
  }

  /** Whatever is wrong with the connection now: it stood when the store was opened, and may stand again. */
  async #another(): Promise<Session> {
    this.#open++;
    try {
      return this.#sessionOn(await Connection.open(this.#target));
    } catch (error) {
      this.#open--;
      this.#waiting.shift()?.(null);
      throw error instanceof Refusal && error.code === 'store.away' ? error : away(error);
    }
  }

  /** Handed on to who waits first; one that is lost makes room for another. */
  #release(session: Session): void {
    const next = this.#waiting.shift();
    if (session.connection.lost) this.#open--;
    if (next) next(session.connection.lost ? null : session);
    else if (!session.connection.lost) this.#idle.push(session);
  }
}
