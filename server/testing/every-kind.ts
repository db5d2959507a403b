/** A history in which every kind of statement is said, and each is about something that it can be about. */
import { base64 } from '@parley/core/bytes.ts';
import type { StatementRef } from '@parley/core/fields.ts';
import type { KindName } from '@parley/core/kinds.ts';
import { type Part, partLeaf } from '@parley/core/parts.ts';
import { roomId, type Signer } from '@parley/core/statement.ts';
import type { Terms } from '@parley/core/terms.ts';
import { handling, indicator, terms } from './actor.ts';
import { type About, History } from './history-sample.ts';

const names = ['centre', 'host', 'anna', 'bert', 'carl', 'dora', 'eve', 'olga', 'sue', 'carla'] as const;
/** Eve is never in the room; Olga observes, Sue supervises, Carla is Carl founded anew. */
export type Name = (typeof names)[number];

const signature = base64(new Uint8Array(64));
const hash = base64(new Uint8Array(32));
const purposes = handling.purposes;
const because = { reason: 'because' };
const undertakings: Terms['undertakings'] = [
  { id: 'report', by: 'each', text: 'Each reports.', inReturnFor: [] },
  { id: 'routes', by: 'each', text: 'Each shares routes.', inReturnFor: ['report'] },
];

export interface EveryKind extends History {
  readonly parties: ReadonlyMap<Name, Signer>;
}

export async function everyKind(): Promise<EveryKind> {
  const history = new History();
  const parties = new Map(names.map((name) => [name, history.key()]));
  const scene = new Scene(history, parties);
  await scene.joining();
  await scene.entering();
  await scene.sharing();
  await scene.asking();
  await scene.complaining();
  await scene.takingBack();
  await scene.staying();
  await scene.leaving();
  await scene.comingBack();
  return Object.assign(history, { parties });
}

class Scene {
  readonly #history: History;
  readonly #parties: ReadonlyMap<Name, Signer>;
  #room = '';
  #terms = '';
  #first: StatementRef = { party: '', id: '' };
  #hold: StatementRef = this.#first;
  /** A complaint that nobody has answered. */
  #open: StatementRef = this.#first;

  constructor(history: History, parties: ReadonlyMap<Name, Signer>) {
    this.#history = history;
    this.#parties = parties;
  }

  async joining(): Promise<void> {
    const key = base64(this.#of('centre').publicKey);
    await this.#say('centre.open/1', 'centre', { key, logs: ['x'] }, [{ name: 'Centre', device: 'desk' }]);
    await this.#say('centre.accredit/1', 'centre', { highest: 'restricted' });
    await this.#join('host', 'centre');
    for (const name of ['anna', 'bert', 'carl', 'dora', 'eve', 'olga', 'sue'] as const)
      await this.#join(name, 'host');
    const unused = base64(this.#history.key().publicKey);
    await this.#say('party.invite/1', 'host', { key: unused, until: this.#history.at(60) });
    await this.#say('party.withdraw/1', 'host', { key: unused });
    const { publicKey, device } = this.#history.key();
    const about = { key: base64(publicKey), rights: ['read', 'speak'], ends: null, consent: signature };
    await this.#say('device.enrol/1', 'anna', { ...about, personal: false }, [{ name: 'second' }]);
    await this.#say('device.revoke/1', 'anna', { device });
  }

  /** Bert and Carl accept terms that hide the roster, Anna those that show it. */
  async entering(): Promise<void> {
    const supervisor = this.#id('sue');
    await this.#offer('room.open/1', { roster: false, undertakings, supervisor });
    for (const name of ['bert', 'carl', 'dora'] as const) await this.#invite(name);
    await this.#invite('olga', 'observer', 'an observer is invited');
    await this.#invite('sue', 'supervisor', 'a supervisor is invited');
    for (const name of ['bert', 'carl'] as const) await this.#accept(name);
    await this.#accept('olga', 'an observer accepts');
    await this.#accept('sue', 'a supervisor accepts');
    await this.#here('room.withdraw/1', 'host', { party: this.#id('dora') });
    await this.#invite('dora');
    await this.#here('room.decline/1', 'dora', { terms: this.#terms }, [because]);
    await this.#offer('room.terms/1', { roster: true, past: true, undertakings, supervisor });
    await this.#invite('anna', undefined, 'invited under new terms');
    await this.#accept('anna', 'accepted with the roster');
  }

  async sharing(): Promise<void> {
    const files = [{ n: 2, size: 10, type: 'text/plain' }];
    const parts = [this.#object(1), this.#object(2), this.#history.file()];
    const about = { room: this.#room, parts };
    this.#first = await this.#history.say('share/1', this.#of('anna'), { handling, files }, about);
    await this.#share('bert', { to: 'observers' }, 'for observers');
    const personal = [{ category: 'witness', nature: 'fact' }];
    await this.#share('bert', { to: { parties: [this.#id('anna')] }, personal }, 'for one');
    const widest = { to: 'public', purposes: ['public-information'], tlp: 'clear' };
    await this.#share('anna', widest, 'for anybody');
    const hold = { target: this.#first, parts: [0], basis: 'court-order', until: this.#history.at(900) };
    this.#hold = await this.#here('hold/1', 'anna', { ...hold, review: this.#history.at(600) }, [because]);
    const review = { review: this.#history.at(700), until: null };
    await this.#here('hold.review/1', 'anna', { hold: this.#hold, ...review });
  }

  async asking(): Promise<void> {
    const target = this.#first;
    const wish = { target, parts: [0, 1], to: this.#id('eve'), purposes };
    const first = await this.#here('ask/1', 'bert', wish);
    await this.#here('deny/1', 'anna', { ask: first }, [because]);
    const ask = await this.#here('ask/1', 'bert', wish, [], { as: 'asked again' });
    const granted = { ...wish, terms: this.#terms, ask };
    await this.#here('grant/1', 'anna', granted, [], { granted: 3 });
    const whole = { ...granted, parts: null, to: this.#id('carl'), ask: null };
    await this.#here('grant/1', 'anna', whole, [], { granted: 4, as: 'granted unasked' });
    const person = { target, parts: null, request: 'erasure', due: this.#history.at(3_600) };
    const request = await this.#here('subject.request/1', 'bert', person, [because]);
    const refused = { request, answer: 'refused', basis: 'court-order' };
    await this.#here('subject.answer/1', 'anna', refused, [because]);
    const state = { undertaking: 'report', by: this.#id('bert'), terms: this.#terms };
    const broken = { ...state, state: 'broken', evidence: [target] };
    const evidence = await this.#here('undertaking.state/1', 'anna', broken, [because]);
    const stop = { undertaking: 'routes', because: evidence, from: this.#id('bert') };
    const suspension = await this.#here('undertaking.suspend/1', 'anna', stop);
    await this.#here('undertaking.resume/1', 'anna', { suspension });
  }

  async complaining(): Promise<void> {
    const about = { about: this.#id('bert'), statement: this.#first };
    const complaint = await this.#here('complaint.lodge/1', 'carl', about, [because]);
    const opening = { complaint, target: this.#first, parts: [0, 1], until: this.#history.at(3_600) };
    await this.#here('supervision.open/1', 'sue', opening, [], { granted: 2 });
    const general = { about: this.#id('bert'), statement: null };
    this.#open = await this.#here('complaint.lodge/1', 'carl', general, [because], 'complained in general');
    const looking = { ...opening, complaint: this.#open };
    await this.#here('supervision.open/1', 'sue', looking, [], { granted: 2, as: 'opened in general' });
    const answer = { complaint, verdict: 'upheld' };
    await this.#here('complaint.answer/1', 'sue', answer, [because]);
  }

  async takingBack(): Promise<void> {
    const target = this.#first;
    const tell = (to: Name, by: StatementRef, parts: readonly number[], as?: string, what = target) =>
      this.#here(
        'notice/1',
        'centre',
        { cause: 'recall', target: what, parts, by, to: this.#id(to) },
        [],
        as,
      );
    const narrow = { target, parts: null, from: [this.#id('carl')] };
    const narrowing = await this.#here('recall/1', 'anna', narrow, [because], 'recalled from one');
    await tell('carl', narrowing, [0, 1, 2], 'told of the narrowing');
    const recall = await this.#here('recall/1', 'anna', { target, parts: null }, [because]);
    const notice = await tell('bert', recall, [0, 1, 2]);
    const kept = { notice, answer: 'kept', basis: 'legal-claim', until: this.#history.at(3_600) };
    await this.#here('ack/1', 'bert', kept);
    await this.#here('hold.end/1', 'anna', { hold: this.#hold });
    const due = this.#history.at(2);
    const short = await this.#share('bert', { until: due }, 'for a while');
    const expiry = await this.#here('expiry/1', 'centre', { target: short, due });
    await tell('anna', expiry, [0], 'told of the end', short);
  }

  /** Nothing takes back what is passed on, withheld and opened here. */
  async staying(): Promise<void> {
    const parts = [this.#object(3), this.#object(4)];
    const where = { room: this.#room, parts, as: 'stays' };
    const target = await this.#history.say('share/1', this.#of('anna'), { handling }, where);
    const narrow = { target, parts: [0], from: [this.#id('bert')] };
    await this.#here('recall/1', 'anna', narrow, [], 'recalled for good');
    const grant = { target, parts: [0], to: this.#id('eve'), purposes, terms: this.#terms, ask: null };
    await this.#here('grant/1', 'anna', grant, [], { granted: 1, as: 'granted for good' });
    const opening = { complaint: this.#open, target, parts: [0, 1], until: this.#history.at(3_600) };
    await this.#here('supervision.open/1', 'sue', opening, [], { granted: 2, as: 'opened for good' });
  }

  async leaving(): Promise<void> {
    const bert = { party: this.#id('bert') };
    await this.#here('room.suspend/1', 'host', bert, [because]);
    await this.#here('room.restore/1', 'host', bert);
    await this.#here('room.remove/1', 'host', bert, [because]);
    await this.#here('room.leave/1', 'anna', {});
    await this.#here('room.remove/1', 'host', { party: this.#id('olga') }, [], 'an observer is removed');
    await this.#here('room.leave/1', 'sue', {}, [], 'a supervisor leaves');
  }

  async comingBack(): Promise<void> {
    const [recovery, back] = [this.#history.key(), this.#history.key()];
    const [wrong, newest] = [0, 1].map(() => base64(this.#history.key().publicKey));
    const key = base64(recovery.publicKey);
    const trusting = (...two: readonly Name[]) => ({ parties: two.map((name) => this.#id(name)), delay: 1 });
    await this.#say('party.recovery/1', 'carl', { recovery: null, guardians: trusting('dora', 'eve') });
    const anew = { recovery: key, guardians: trusting('anna', 'eve') };
    await this.#say('party.recovery/1', 'carl', anew, [], { as: 'other guardians' });
    const carl = this.#id('carl');
    const readmitted = base64(back.publicKey);
    await this.#say('party.readmit/1', 'eve', { party: carl, key: wrong });
    await this.#say('party.object/1', 'carl', { key: wrong });
    for (const guardian of ['anna', 'eve'] as const)
      await this.#say('party.readmit/1', guardian, { party: carl, key: readmitted });
    const device = { ends: null, consent: signature, recovery: key, revoke: true };
    const returning = { ...device, key: readmitted, by: 'guardians' };
    const parts = [this.#history.part({ name: 'new' })];
    await this.#history.say('party.recover/1', back, returning, { parts }, carl);
    const second = { ...device, key: newest, by: 'recovery', recovery: null };
    const brought = { parts: [this.#history.part({ name: 'newer' })], as: 'by the recovery key' };
    await this.#history.say('party.recover/1', recovery, second, brought, carl);
    await this.#say('party.readmit/1', 'eve', { party: carl, key: wrong }, [], { as: 'not yet by two' });
    await this.#join('carla', 'host', carl);
    const digest = { from: this.#history.at(-3_600), to: this.#history.at(), leaves: 1, root: hash };
    await this.#say('access.digest/1', 'centre', digest);
    const before = { log: 'centre.example/log/1', size: this.#history.records.length, checkpoint: null };
    const log = 'centre.example/log/2';
    const next = { log, keys: [`${log}+00000000+AQ==`], before, missing: null, why: 'rotation' };
    await this.#say('centre.succeed/1', 'centre', next);
  }

  #of(name: Name): Signer {
    return this.#parties.get(name) as Signer;
  }

  #id(name: Name): string {
    return this.#of(name).device;
  }

  #say(
    kind: KindName,
    by: Name,
    body: object,
    parts: readonly object[] = [],
    about: About = {},
  ): Promise<StatementRef> {
    return this.#history.say(kind, this.#of(by), body, {
      ...about,
      parts: parts.map((each) => this.#history.part(each)),
    });
  }

  /** In the room. @param about or what a test calls it */
  #here(
    kind: KindName,
    by: Name,
    body: object,
    parts: readonly object[] = [],
    about: About | string = {},
  ): Promise<StatementRef> {
    const more = typeof about === 'string' ? { as: about } : about;
    return this.#say(kind, by, body, parts, { ...more, room: this.#room });
  }

  async #join(name: Name, by: Name, formerly?: string): Promise<void> {
    const again = formerly === undefined ? {} : { formerly };
    const called = (what: string) => (formerly === undefined ? {} : { as: `${what}: ${name}` });
    const key = base64(this.#history.key().publicKey);
    await this.#say(
      'party.invite/1',
      by,
      { key, until: this.#history.at(60), ...again },
      [],
      called('invited'),
    );
    const own = base64(this.#of(name).publicKey);
    const body = { key: own, ends: null, invitation: { key, signature }, ...again };
    await this.#say('party.found/1', name, body, [{ name, device: 'desk' }], called('founded'));
  }

  async #offer(kind: 'room.open/1' | 'room.terms/1', about: Partial<Terms>): Promise<void> {
    const part: Part = this.#history.part({ ...terms, ...about });
    const where = kind === 'room.terms/1' ? { room: this.#room } : {};
    const ref = await this.#history.say(kind, this.#of('host'), {}, { ...where, parts: [part] });
    if (kind === 'room.open/1') this.#room = roomId(ref);
    this.#terms = base64(partLeaf(part));
  }

  #invite(name: Name, as?: string, called?: string): Promise<StatementRef> {
    const body = { party: this.#id(name), ...(as === undefined ? {} : { as }) };
    return this.#here('room.invite/1', 'host', body, [], called);
  }

  #accept(name: Name, called?: string): Promise<StatementRef> {
    return this.#here('room.accept/1', name, { terms: this.#terms }, [], called);
  }

  #object(n: number): Part {
    const id = `identity--00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
    const cases = [{ source_name: 'case', external_id: `Case ${n}` }];
    return this.#history.part(indicator(`object ${n}`, { id, external_references: cases }));
  }

  #share(by: Name, how: object, as: string): Promise<StatementRef> {
    const where = { room: this.#room, parts: [this.#object(this.#history.records.length)], as };
    return this.#history.say('share/1', this.#of(by), { handling: { ...handling, ...how } }, where);
  }
}
