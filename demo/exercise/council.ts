/**
 * The room beside the technical ones: ministers of three states, under undertakings that depend on each other, with an
 * aid organisation that observes and a commission that supervises.
 */
import type { StatementRef } from '@parley/core/fields.ts';
import type { Players } from './festival.ts';
import { person, places, report } from './objects.ts';
import { refFrom, refused } from './player.ts';
import { aboutWitnesses, councilTerms, inHours, toCouncil, toObservers } from './rooms.ts';

export interface Council {
  readonly room: string;
  readonly patrols: StatementRef;
  readonly sighting: StatementRef;
  readonly witnesses: StatementRef;
}

/** @param round lets the centre say now what follows from what was said */
export async function playCouncil(players: Players, round: () => Promise<void>): Promise<Council> {
  const room = await gather(players);
  const shared = await sharing(players, room);
  await reading(players, room);
  await breach(players, room, shared.sighting);
  await keepForOthers(players, room, shared.witnesses);
  await misuse(players, room, shared, round);
  return { room, ...shared };
}

/** The police of Ostrey takes part in technical rooms only, so that it cannot even be invited by mistake. */
async function gather({ halvern, norvane, quorra, ostrey, lantern, commission, city }: Players) {
  const parties = { processor: city.party, thirdState: quorra.party, host: halvern.party };
  const room = await halvern.openRoom(
    councilTerms({ ...parties, observer: lantern.party, supervisor: commission.party }),
  );
  await refused('party.level', () => halvern.session.invite(room, ostrey.party));
  for (const guest of [norvane, quorra]) await halvern.session.invite(room, guest.party);
  await halvern.session.invite(room, lantern.party, 'observer');
  await halvern.session.invite(room, commission.party, 'supervisor');
  for (const guest of [norvane, quorra, lantern, commission]) await guest.accept(room);
  await halvern.session.suspend(
    room,
    norvane.party,
    'A draft stood in a newspaper; Norvane is looking into it.',
  );
  await halvern.session.restore(room, norvane.party);
  return room;
}

async function sharing({ halvern, norvane, quorra }: Players, room: string) {
  const { eastQuay, ridge } = places;
  const patrols = await halvern.share(
    room,
    [
      report('Patrols of the coming week', 'Two boats by day, three by night, off the east quay.', [
        eastQuay,
      ]),
    ],
    toCouncil,
  );
  const sighting = await quorra.share(
    room,
    [report('Boats without lights', 'Seen on Monday at 02:10, reported on Wednesday at noon.', [ridge])],
    toObservers,
  );
  const witnesses = await norvane.share(
    room,
    [
      person(
        'Tarek Oln',
        'Fisherman; saw two boats come in without lights, and asked that his name stay with us.',
      ),
    ],
    aboutWitnesses,
  );
  return { patrols, sighting, witnesses };
}

/** With a justification, which stays with the reader's party and the supervisor. */
async function reading({ quorra, lantern }: Players, room: string): Promise<void> {
  await quorra.session.step({ purpose: 'protective-security', justification: 'Planning the night watch' });
  await quorra.read(room);
  await lantern.session.step({ purpose: 'protective-security' });
  await lantern.read(room);
}

/** Two days instead of six hours: what was promised in return is suspended. What Quorra has read already, it has. */
async function breach({ halvern, quorra }: Players, room: string, sighting: StatementRef): Promise<void> {
  const broken = await halvern.session.stateUndertaking(room, {
    undertaking: 'report-sightings',
    by: quorra.party,
    state: 'broken',
    evidence: [sighting],
    because: { reason: 'Seen on Monday at 02:10, said here on Wednesday at noon.' },
  });
  const because = refFrom(broken);
  await halvern.session.suspendUndertaking(room, { undertaking: 'share-patrols', because });
}

/** Only who said it can hold it. It is refused, and Norvane sees that it was tried. */
async function keepForOthers({ quorra }: Players, room: string, witnesses: StatementRef): Promise<void> {
  const about = { basis: 'criminal-proceedings', review: inHours(24 * 30) } as const;
  await refused('hold.not-originator', () => quorra.session.hold({ ...witnesses, room }, about));
}

/**
 * Norvane hears that Quorra turned fishermen away at its border, and complains. It takes the names back from Quorra at
 * once; the others keep them. The commission, which saw nothing of it before, opens what the complaint is about.
 */
async function misuse(
  { norvane, quorra, lantern, commission }: Players,
  room: string,
  { witnesses, sighting }: Pick<Council, 'witnesses' | 'sighting'>,
  round: () => Promise<void>,
): Promise<void> {
  const target = { ...witnesses, room };
  const until = inHours(24 * 7);
  await refused('supervision.no-case', () =>
    commission.session.openContent(target, { complaint: sighting, until }),
  );
  const complaint = refFrom(
    await norvane.session.complain(room, {
      ...{ about: quorra.party, statement: witnesses },
      because: { reason: 'A witness whom we named was turned away at the border of Quorra a day later.' },
    }),
  );
  await norvane.session.recall(target, null, 'Named in confidence, and used otherwise.', {
    from: [quorra.party],
  });
  await round();
  for (const notice of await quorra.notices()) await quorra.session.ack(notice, { answer: 'destroyed' });
  await commission.session.openContent(target, { complaint, until });
  await commission.session.step({ purpose: 'protective-security', justification: 'Complaint of Norvane' });
  await commission.session.statement(witnesses);
  const mistake = 'An official copied the name into another file. It is deleted.';
  await quorra.session.answerComplaint(
    { ...complaint, room },
    { verdict: 'answered', because: { reason: mistake } },
  );
  const finding = 'The name was used beyond its purpose. It is deleted, and Quorra has told its officials.';
  await commission.session.answerComplaint(
    { ...complaint, room },
    { verdict: 'upheld', because: { reason: finding } },
  );
  await complainAsObserver({ lantern, quorra, commission }, room, sighting);
}

/** An observer may complain, too. This one is still open, so the commission can still read what it is about. */
async function complainAsObserver(
  { lantern, quorra, commission }: Pick<Players, 'lantern' | 'quorra' | 'commission'>,
  room: string,
  sighting: StatementRef,
): Promise<void> {
  const lodged = await lantern.session.complain(room, {
    ...{ about: quorra.party, statement: sighting },
    because: { reason: 'Two days late: nobody could look for survivors.' },
  });
  await commission.session.openContent(
    { ...sighting, room },
    { complaint: refFrom(lodged), until: inHours(24 * 7) },
  );
}
