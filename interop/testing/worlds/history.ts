/**
 * A history by chance: what each step is, and whether it is said in both worlds or, because it changes nothing that
 * the viewer may see, in the second alone. It is made whole before anything is said, so that it can be played again
 * without some of its hidden steps.
 */
import { base64 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { type Instant, millisecondsOf, type StatementRef } from '@parley/core/fields.ts';
import type { Json } from '@parley/core/json.ts';
import type { KindName } from '@parley/core/kinds.ts';
import { rootOf } from '@parley/core/merkle.ts';
import { makePart, type Part, partLeaf } from '@parley/core/parts.ts';
import {
  type AnyHeader,
  parseStatement,
  type Signer,
  type Statement,
  signHeader,
} from '@parley/core/statement.ts';
import type { Dice } from './dice.ts';
import type { Open, Room, Said } from './model.ts';
import { type Cast, type Party, type Side, second } from './pair.ts';

export interface Step {
  readonly n: number;
  readonly label: string;
  /** Only in the second world. */
  readonly hidden: boolean;
  /** The model rests on it: where it is refused, the history is wrong, not the centre. */
  readonly must: boolean;
  /** After the start, in microseconds. */
  readonly at: number;
  /** @returns what became of it */
  run(side: Side, now: Instant): Promise<string>;
}

export interface Saying {
  readonly room?: Room;
  readonly parts?: readonly Part[];
  readonly hidden: boolean;
  readonly must?: boolean;
  /** Another than the first one of the party. */
  readonly device?: Signer;
  readonly before?: (side: Side) => Promise<unknown>;
  readonly words?: string;
}

export type Body = object | ((side: Side, now: Instant) => object | null | Promise<object | null>);

/** Between two common steps; hidden ones come in between, so that the instants of the common ones are the same. */
const beat = 10 * second;
const offbeat = 2 * second;

export class History {
  readonly dice: Dice;
  readonly cast: Cast;
  readonly viewer: Party;
  readonly steps: Step[] = [];
  readonly rooms: Room[] = [];
  readonly said: Said[] = [];
  readonly asks: Open[] = [];
  readonly holds: Open[] = [];
  readonly requests: Open[] = [];
  readonly complaints: Open[] = [];
  readonly broken: (Open & { readonly id: string })[] = [];
  readonly suspensions: Open[] = [];
  /** Further devices, and which of them only the second world knows. */
  readonly devices: { readonly party: Party; readonly signer: Signer; readonly hidden: boolean }[] = [];
  /** Every reference that was given out, for who looks for what is hidden. */
  readonly refs: { readonly ref: StatementRef; readonly hidden: boolean; readonly kind: KindName }[] = [];
  /** Whose shares are withheld from the viewer in which room, for good. */
  readonly withheld = new Set<string>();
  /** Ends that a hidden step named: they are passed in both worlds. */
  readonly ends: number[] = [];
  #at = 0;
  #gap = 0;

  constructor(dice: Dice, cast: Cast, viewer: Party) {
    this.dice = dice;
    this.cast = cast;
    this.viewer = viewer;
  }

  get now(): number {
    return this.#at + this.#gap;
  }

  /** The next instant: common ones stand on the beat, and no more hidden ones are put between two than find place. */
  tick(hidden: boolean): number {
    if (hidden && this.#gap + offbeat < beat) this.#gap += offbeat;
    else {
      this.#at += beat;
      this.#gap = hidden ? offbeat : 0;
    }
    return this.now;
  }

  wait(time: number): void {
    this.#at += time;
    this.#gap = 0;
  }

  /** An end that comes in so many beats, at an instant that no other shares. */
  end(beats: number): number {
    const at = this.#at + beats * beat + 5 * second + this.ends.length * 1_000;
    this.ends.push(at);
    return at;
  }

  add(step: Omit<Step, 'n' | 'at'>): void {
    this.steps.push({ ...step, n: this.steps.length, at: this.tick(step.hidden) });
  }

  say(by: Party, kind: KindName, body: Body, about: Saying): StatementRef {
    const { room, parts = [], hidden, must = false, device = by.desk, before, words = '' } = about;
    const ref = { party: by.id, id: this.dice.uuid() };
    this.refs.push({ ref, hidden, kind });
    const header = {
      ...{ kind, ...(room ? { room: room.id } : {}), id: ref.id, party: by.id, device: device.device },
    };
    let signed: Statement | null = null;
    this.add({
      label: [by.name, kind, room?.name ?? '', words].filter(Boolean).join(' '),
      hidden,
      must,
      run: async (side, now) => {
        await before?.(side);
        const said = typeof body === 'function' && !signed ? await body(side, now) : body;
        if (said === null) return 'nothing to say';
        signed ??= await sign({ ...header, body: said }, device, parts, side, now);
        return outcomeOf(side.world.centre.submit(signed, parts));
      },
    });
    return ref;
  }

  part(content: object): Part {
    return makePart(content, this.dice.bytes);
  }

  /** In both worlds, or in the second alone. Null: the step cannot be taken. */
  hide(can: boolean, must = false): boolean | null {
    if (must && !can) return null;
    return must || (can && this.dice.below(5) < 3);
  }
}

export async function sign(
  { kind, room, id, party, device, body }: { [K in string]?: unknown },
  signer: Signer,
  parts: readonly Part[],
  side: Side,
  now: Instant,
): Promise<Statement> {
  const header = {
    ...{ kind, centre: side.world.centre.name, ...(room ? { room } : {}), id, party, device },
    ...{ at: millisecondsOf(now), body },
    ...(parts.length > 0
      ? { parts: { count: parts.length, root: base64(rootOf(parts.map(partLeaf))) } }
      : {}),
  };
  const envelope = await signHeader(header as unknown as AnyHeader, signer);
  return parseStatement(envelope as unknown as Json);
}

export async function outcomeOf(saying: Promise<unknown>): Promise<string> {
  try {
    await saying;
    return 'said';
  } catch (error) {
    if (error instanceof Refusal) return JSON.stringify([error.code, error.at, error.detail, error.params]);
    throw error;
  }
}
