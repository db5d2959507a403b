/**
 * What a connector sends, object by object: each is looked at by itself, as many as fit are said as one share, and of
 * each is told what became of it. Whoever sends controls every byte; no more than one share of it is held.
 */
import { randomBytes } from 'node:crypto';
import { type Bytes, equal } from '@parley/core/bytes.ts';
import { type Code, Refusal } from '@parley/core/errors.ts';
import type { StatementRef } from '@parley/core/fields.ts';
import type { Handling } from '@parley/core/handling.ts';
import { checkMarkings, type Definitions, definitionsIn } from '@parley/core/markings.ts';
import { knownParts, maxPartBytes, maxParts, type Part, partOf } from '@parley/core/parts.ts';
import { parseStix, type StixObject } from '@parley/core/stix.ts';

/** Objects of one request. */
export const maxObjects = 4_096;

export interface Outcome {
  /** Number of the object in what was sent, from 0. */
  readonly n: number;
  readonly id: string | null;
  /** `known`: the party had said it in the room before, with the same bytes. */
  readonly outcome: 'taken' | 'known' | 'refused';
  /** Of what was taken: the statement, and the part of it. */
  readonly statement?: StatementRef;
  readonly part?: number;
  /** Of what was refused: why, where in the object, and what would be right. */
  readonly code?: Code;
  readonly at?: string;
  readonly detail?: string;
}

/** Says one share. @throws what admission refuses it with */
export type Say = (parts: readonly Part[]) => Promise<StatementRef>;

interface Item {
  readonly n: number;
  readonly part: Part;
  readonly object: StixObject;
}

export class Intaking {
  readonly #say: Say;
  readonly #handling: Handling;
  readonly #outcomes = new Map<number, Outcome>();
  #definitions: Definitions = new Map();
  #waiting: Item[] = [];
  #bytes = 0;
  #next = 0;

  constructor(say: Say, handling: Handling) {
    this.#say = say;
    this.#handling = handling;
  }

  /** @throws parts.too-many, and what refuses all that was sent: see `end` for what became of what came before */
  async take(bytes: Bytes): Promise<void> {
    const n = this.#next++;
    if (n >= maxObjects) throw new Refusal('parts.too-many', { params: { limit: maxObjects } });
    const item = this.#checked(n, bytes);
    if (!item) return;
    const size = item.part.bytes.length;
    if (this.#waiting.length === maxParts || this.#bytes + size > maxPartBytes) await this.flush();
    if (this.#isTwice(item)) return;
    this.#waiting.push(item);
    this.#bytes += size;
  }

  /** Says what waits. @throws as `take` */
  async flush(): Promise<void> {
    const items = this.#waiting;
    this.#waiting = [];
    this.#bytes = 0;
    this.#definitions = definitionsIn(
      items.map(({ object }) => object),
      this.#definitions,
    );
    const unmarked = items.filter((item) => this.#isMarkedRight(item));
    try {
      await this.#share(unmarked);
    } catch (error) {
      if (error instanceof Refusal)
        for (const item of items) if (!this.#outcomes.has(item.n)) this.#refuse(item, error);
      throw error;
    }
  }

  /** In the order in which they were sent. */
  get outcomes(): readonly Outcome[] {
    return [...this.#outcomes.values()].sort((a, b) => a.n - b.n);
  }

  /** By itself, so that one that is wrong costs the others nothing. */
  #checked(n: number, bytes: Bytes): Item | null {
    const part = partOf(bytes, (length) => new Uint8Array(randomBytes(length)));
    const size = part.bytes.length;
    try {
      if (size > maxPartBytes)
        throw new Refusal('parts.too-large', { params: { limit: maxPartBytes, size } });
      return { n, part, object: parseStix(part.bytes, '') };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#refuse({ n }, error);
      return null;
    }
  }

  /** The same version twice in one share would refuse the whole of it. */
  #isTwice({ n, part, object }: Item): boolean {
    const before = this.#waiting.find(
      (one) => one.object.id === object.id && one.object.version === object.version,
    );
    if (!before) return false;
    if (equal(before.part.bytes, part.bytes)) this.#outcomes.set(n, { n, id: object.id, outcome: 'known' });
    else this.#refuse({ n, object }, new Refusal('stix.version-known'));
    return true;
  }

  /** By all definitions of markings that came so far: a share may stand apart from the one that holds them. */
  #isMarkedRight(item: Item): boolean {
    try {
      checkMarkings(item.object, this.#handling, '', this.#definitions);
      return true;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#refuse(item, error);
      return false;
    }
  }

  /**
   * Where admission refuses one of them, that one is left out and the others are said in two halves: however many are
   * refused, each is judged a few times only.
   */
  async #share(items: readonly Item[]): Promise<void> {
    if (items.length === 0) return;
    try {
      const statement = await this.#say(items.map(({ part }) => part));
      for (const [part, { n, object }] of items.entries())
        this.#outcomes.set(n, { n, id: object.id, outcome: 'taken', statement, part });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const left = this.#without(items, error);
      if (left.length === items.length) throw error;
      const half = knownParts(error).size > 0 ? left.length : Math.ceil(left.length / 2);
      await this.#share(left.slice(0, half));
      await this.#share(left.slice(half));
    }
  }

  /** Those that the refusal does not name. */
  #without(items: readonly Item[], refusal: Refusal): readonly Item[] {
    const known = knownParts(refusal);
    const [, named] = /^\/parts\/(\d+)/.exec(refusal.at ?? '') ?? [];
    return items.filter((item, i) => {
      if (known.has(i)) this.#outcomes.set(item.n, { n: item.n, id: item.object.id, outcome: 'known' });
      else if (known.size === 0 && String(i) === named) this.#refuse(item, refusal);
      else return true;
      return false;
    });
  }

  #refuse({ n, object }: { n: number; object?: StixObject }, { code, at = '', detail }: Refusal): void {
    const place = at.replace(/^\/parts\/\d+/, '');
    this.#outcomes.set(n, {
      ...{ n, id: object?.id ?? null, outcome: 'refused', code },
      ...(place ? { at: place } : {}),
      ...(detail ? { detail } : {}),
    });
  }
}
