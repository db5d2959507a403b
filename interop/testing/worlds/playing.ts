/** A history played in two worlds, and looked at by everybody who may: the first difference, if there is any. */
import type { StatementRef } from '@parley/core/fields.ts';
import { indicator } from '../../../server/testing/actor.ts';
import { textOf } from './answers.ts';
import { cases } from './content.ts';
import { Door, type Viewer } from './door.ts';
import { bringing } from './files.ts';
import type { Step } from './history.ts';
import { Listening, placeOf } from './listening.ts';
import { type Made, quiet } from './making.ts';
import { type Pair, type Side, second } from './pair.ts';
import { linesOf, someProbes } from './probes.ts';
import { type Known, routes, walkAll } from './routes.ts';
import { type Turn, turnOf } from './turns.ts';
import { viewersOf } from './viewers.ts';
import { withoutId } from './writes.ts';

export interface Difference {
  readonly ask: string;
  readonly plain: string;
  readonly fuller: string;
}

export interface Played {
  readonly difference: Difference | null;
  /** What was done, in order, with what became of it. */
  readonly story: readonly string[];
  /** How many answers were compared, by who looked and the route. */
  readonly looked: ReadonlyMap<string, number>;
}

const nowhere = '00000000-0000-4000-8000-000000000000';
const probesEach = 4;
const events = 'GET /api/v1/events';
const lines = { 'content-type': 'application/x-ndjson' };

/** @param keep which of its hidden steps are taken; left out: all */
export async function play(
  pair: Pair,
  made: Made,
  keep: (step: Step) => boolean = () => true,
): Promise<Played> {
  const playing = new Playing(pair, made);
  const difference = await playing.play(keep);
  return { difference, story: playing.story, looked: playing.looked };
}

class Playing {
  readonly story: string[] = [];
  readonly looked = new Map<string, number>();
  readonly #pair: Pair;
  readonly #made: Made;
  readonly #turn: Turn;
  readonly #base: number;
  readonly #listening = new Listening();
  readonly #cursors = new Map<string, readonly string[]>();
  #before: string | null = null;

  constructor(pair: Pair, made: Made) {
    this.#pair = pair;
    this.#made = made;
    this.#turn = turnOf(made.history.dice.seed);
    this.#base = (Math.floor(pair.clock.time / second) + 60) * second;
  }

  async play(keep: (step: Step) => boolean): Promise<Difference | null> {
    const { history, begun, middle } = this.#made;
    for (const end of history.ends) this.#pair.due(this.#base + end);
    await this.#pair.advance(this.#base);
    const viewers = await viewersOf(this.#pair, this.#made);
    for (const { name } of viewers) for (const route of Object.keys(routes)) this.#note(name, route, 0);
    const { sides } = this.#pair;
    const places = new Map<Side, string>();
    try {
      for (const step of history.steps) {
        if (step.n === history.steps.length - 1) await this.#listen(viewers, places);
        if (!step.hidden || keep(step)) await this.#take(step);
        if (step.n === begun) for (const side of sides) places.set(side, await placeOf(side, viewers[0]));
        const seen = step.n === middle ? await this.#look(this.#turn.onTheWay(viewers)) : null;
        if (seen) return seen;
      }
      return (
        (await this.#hear()) ??
        (await this.#probe(viewers[0])) ??
        (await this.#look(this.#turn.atTheEnd(viewers))) ??
        (await this.#write(viewers))
      );
    } finally {
      await this.#listening.stop();
    }
  }

  /** In both worlds at the same instant, or in the second in between. */
  async #take(step: Step): Promise<void> {
    const { plain, fuller } = this.#pair;
    await this.#pair.advance(this.#base + step.at);
    const now = this.#pair.clock.time;
    const outcomes: string[] = [];
    for (const side of step.hidden ? [fuller] : [plain, fuller]) outcomes.push(await step.run(side, now));
    await this.#pair.settle();
    const [one = '', other = one] = outcomes;
    this.story.push(`${step.n} ${step.hidden ? 'HIDDEN ' : ''}${step.label}: ${one}`);
    if (step.must && !step.hidden && one !== 'said') this.#wrong('was refused', step, one);
    if (one !== other) this.#wrong('differs', step, `${one} / ${other}`);
  }

  /** The history is wrong, not the centre: what it took for certain is not so. */
  #wrong(what: string, { n, label }: Step, outcome: string): never {
    throw new Error(`step ${n} (${label}) ${what}: ${outcome}\n${this.story.join('\n')}`);
  }

  async #listen(
    [main, everybody, ...more]: readonly [Viewer, ...Viewer[]],
    places: ReadonlyMap<Side, string>,
  ): Promise<void> {
    const feed = more.find(({ kind }) => kind === 'token');
    const { sides } = this.#pair;
    const { room } = this.#made.viewing;
    await this.#listening.open(sides, main);
    await this.#listening.open(sides, main, (side) => `?after=${places.get(side)}`);
    await this.#listening.open(sides, main, () => `?room=${room.id}`);
    for (const one of [everybody, feed]) if (one) await this.#listening.open(sides, one);
  }

  /** The last thing said is the viewer's own: it stands at the end of its stream. */
  async #hear(): Promise<Difference | null> {
    const heard = await this.#listening.heard('event: device.revoke/1');
    for (const { ask } of heard) this.#note(ask.slice(0, ask.indexOf(':')), events, 1);
    return heard.find(({ plain, fuller }) => plain !== fuller) ?? null;
  }

  async #probe(main: Viewer): Promise<Difference | null> {
    const { history } = this.#made;
    const probes = someProbes(history, this.#pair.clock.time, probesEach);
    for (const one of probes) {
      await this.#pair.advance(this.#pair.clock.time + 10 * second);
      const [plain, fuller] = this.#pair.sides.map((side) => new Door(side, main)) as [Door, Door];
      const payload = await linesOf(history, one, plain, this.#pair.clock.time);
      for (const door of [plain, fuller])
        await door.ask('/api/v1/statements', { method: 'POST', headers: lines, payload });
      await this.#pair.settle();
      this.story.push(
        `PROBE ${one.kind} in ${one.room?.name}: ${plain.answers[0]?.status} ${plain.answers[0]?.status === 201 ? '' : plain.answers[0]?.body}`,
      );
      if (plain.answers[0]?.status === 201) this.#before = payload;
      this.#note(main.name, 'POST /api/v1/statements', plain.answers.length);
      const seen = this.#compare(plain, fuller, JSON.stringify(one.body));
      if (seen) return seen;
    }
    return null;
  }

  async #look(viewers: readonly Viewer[]): Promise<Difference | null> {
    if (viewers.length === 0) return null;
    await this.#pair.advance(this.#pair.clock.time + quiet);
    await this.#pair.rest();
    for (const viewer of viewers) {
      const doors: Door[] = [];
      const writing = this.#writing();
      for (const side of this.#pair.sides) {
        const door = new Door(side, viewer);
        const walked = await walkAll(door, this.#known(side, viewer, writing), this.#turn.takes);
        const status = (await door.ask('/api/v1/rooms')).status;
        if (viewer.live && status !== 200) throw new Error(`${viewer.name} looks with ${status}`);
        this.#cursors.set(`${side.name} ${viewer.name}`, door.cursors.slice(0, 3));
        doors.push(door);
        // Of both sides the same: what differs in number is found by comparing.
        if (side === this.#pair.plain)
          for (const [route, answers] of walked) this.#note(viewer.name, route, answers);
      }
      const seen = this.#compare(doors[0] as Door, doors[1] as Door);
      if (seen) return seen;
    }
    return null;
  }

  #writing(): Known['writing'] {
    const { history } = this.#made;
    const { viewer, dice } = history;
    const objects = [true, false].flatMap((hidden) => {
      return history.said.find((said) => said.hidden === hidden)?.objects.slice(0, 1) ?? [];
    });
    const file = bringing(history, viewer, `brought ${dice.below(1_000)}`);
    // With a marking that is narrower than what the connector may share, so that it is refused and draws no id.
    const marked = objects.map((one) => ({ ...one, labels: ['TLP:RED'] }));
    return { viewer, before: this.#before, file, objects: [...marked, { type: 'none' }] };
  }

  #known(side: Side, viewer: Viewer, writing: Known['writing']): Known {
    const { history, viewing } = this.#made;
    const refs = (hidden: boolean): StatementRef[] =>
      history.refs.filter((one) => one.hidden === hidden).map(({ ref }) => ref);
    const apart = history.rooms.find(({ mixed }) => !mixed);
    const every = (list: StatementRef[], n: number) =>
      list.filter((_, i) => i % Math.ceil(list.length / n) === 0);
    return {
      // The first two are asked for by everyone: one that the viewer stands in, and one that it does not.
      rooms: [
        ...new Set([viewing.room.id, apart?.id ?? nowhere, ...history.rooms.map(({ id }) => id), nowhere]),
      ],
      refs: mixed(every(refs(true), 3), every(shared(history.said), 4), every(refs(false), 2)),
      cases,
      devices: [viewing.feed.device, viewing.writer.device],
      cursors: this.#cursors.get(`${side.name} ${viewer.name}`) ?? [],
      writing,
    };
  }

  /** What is taken has an id that the centre draws, so it comes last. */
  async #write(viewers: readonly Viewer[]): Promise<Difference | null> {
    const writer = viewers.find(({ name }) => name.endsWith('writes'));
    if (!writer) return null;
    const payload = JSON.stringify(indicator('written'));
    const path = `/api/v1/rooms/${this.#made.viewing.room.id}/objects`;
    const [plain, fuller] = this.#pair.sides.map((side) => new Door(side, writer)) as [Door, Door];
    const headers = { 'content-type': 'application/json' };
    // Taken, and then known.
    for (const door of [plain, fuller, plain, fuller])
      await door.ask(path, { method: 'POST', headers, payload });
    const [one, other] = [plain, fuller].map(({ answers }) => withoutId(answers.map(textOf).join('\n')));
    await this.#pair.settle();
    return one === other ? null : { ask: path, plain: one ?? '', fuller: other ?? '' };
  }

  #note(viewer: string, route: string, answers: number): void {
    const pair = `${viewer}: ${route}`;
    this.looked.set(pair, (this.looked.get(pair) ?? 0) + answers);
  }

  #compare(plain: Door, fuller: Door, about = ''): Difference | null {
    for (const [i, one] of plain.answers.entries()) {
      const other = fuller.answers[i];
      const [is, seems] = [textOf(one), other ? textOf(other) : 'nothing'];
      if (is !== seems) return { ask: `${one.ask} ${about}`, plain: is, fuller: seems };
    }
    const more = fuller.answers[plain.answers.length];
    return more ? { ask: more.ask, plain: 'nothing', fuller: textOf(more) } : null;
  }
}

/** One of each in turn, so that those who ask for a few get some of all. */
function mixed(...lists: readonly (readonly StatementRef[])[]): StatementRef[] {
  const longest = Math.max(...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, i) => lists.flatMap((list) => list.slice(i, i + 1))).flat();
}

function shared(said: readonly { readonly ref: StatementRef; readonly hidden: boolean }[]): StatementRef[] {
  return said.filter(({ hidden }) => !hidden).map(({ ref }) => ref);
}
