/** The first room: the security of a festival. Each step shows one thing that the centre does. */
import type { StatementRef } from '@parley/core/fields.ts';
import type { Role } from './cast.ts';
import { corrected, note, person, places, report } from './objects.ts';
import type { Player } from './player.ts';
import { festivalTerms, forPolice, inHours, toEverybody, toRoom } from './rooms.ts';

export type Players = Readonly<Record<Role, Player>>;

/** What the guide speaks of. */
export interface Festival {
  readonly room: string;
  readonly passes: StatementRef;
  readonly call: StatementRef;
  readonly drone: StatementRef;
  readonly stewards: StatementRef;
  readonly van: StatementRef;
  readonly forecast: StatementRef;
}

/** @param round lets the centre say now what follows from what was said */
export async function playFestival(players: Players, round: () => Promise<void>): Promise<Festival> {
  const room = await gather(players);
  const shared = await sharing(players, room);
  for (const role of ['city', 'norvane', 'halvern', 'ostrey', 'embassy'] as const)
    await players[role].read(room);
  await passOn(players, shared.drone);
  await deny(players, shared.rota);
  const van = await takeBack(players, room, shared.van, round);
  const forecast = await correct(players, room, shared, round);
  return { room, ...shared, van, forecast };
}

/** Five accept the terms; one declines, and says why. */
async function gather({ city, norvane, halvern, ostrey, embassy, lantern }: Players): Promise<string> {
  const room = await city.openRoom(festivalTerms);
  for (const guest of [norvane, halvern, ostrey, embassy, lantern])
    await city.session.invite(room, guest.party);
  for (const member of [norvane, halvern, ostrey, embassy]) await member.accept(room);
  await lantern.decline(
    room,
    'We stay neutral: in a room with police services our convoys would be seen as part of them. Warn us of single things by a grant.',
  );
  return room;
}

/** The same room, many handlings. */
async function sharing({ city, norvane, halvern, ostrey, embassy }: Players, room: string) {
  const { stage, eastQuay, ferry, gate4 } = places;
  const passes = await norvane.share(
    room,
    [
      report(
        'Counterfeit crew passes',
        'Passes with a blue edge are false. Real ones are green and have a chip.',
        [stage],
      ),
      stage,
    ],
    toRoom,
  );
  const call = await halvern.share(
    room,
    [
      report(
        'Threat by telephone',
        'A caller threatened the ferry terminal. Voice and wording are known to us.',
        [ferry],
      ),
      ferry,
    ],
    forPolice([city.party, norvane.party]),
  );
  await city.share(
    room,
    [
      report('Gate 4 is closed from 18:00', 'Visitors leave by gates 2 and 6. Stewards show the way.', [
        gate4,
      ]),
      gate4,
    ],
    toEverybody,
  );
  const stewards = await ostrey.share(
    room,
    [
      person('Ina Vell', 'Steward at gate 2, was threatened on the way home.'),
      person('Joren Aske', 'Steward at gate 6, was threatened by message.'),
    ],
    {
      ...toRoom,
      purposes: ['event-security', 'protective-security'],
      personal: [{ category: 'victim', nature: 'fact' }],
    },
  );
  await embassy.share(
    room,
    [
      report(
        'A delegation lands at the east quay',
        'Eleven guests; they walk to the stage. Keep the quay clear of vehicles.',
        [eastQuay],
      ),
      eastQuay,
    ],
    { ...toRoom, until: inHours(2) },
  );
  const drone = await norvane.share(
    room,
    [
      report('Drone over the moorings', 'Seen twice, at 14:10 and 14:35, low over the relief ship.', [
        eastQuay,
      ]),
    ],
    { ...toRoom, purposes: ['event-security', 'threat-prevention'] },
  );
  const rota = await city.share(
    room,
    [note('Stewards by gate and hour: twelve at gate 2, nine at gate 6.', [gate4])],
    toRoom,
  );
  const van = await halvern.share(
    room,
    [report('Blue van at the east quay', 'Parked since the morning without a permit.', [eastQuay])],
    toRoom,
  );
  await ostrey.share(room, [note('A letter with threats against artists is being examined.', [stage])], {
    ...toRoom,
    purposes: ['threat-prevention'],
  });
  const crowd = report('Crowd forecast for Saturday', '14,000 visitors between 17:00 and 22:00.', [stage]);
  const forecast = await city.share(room, [crowd], toRoom);
  return { passes, call, stewards, drone, rota, van, crowd, forecast };
}

/** The embassy asks that the aid organisation may know, which is not in the room; the originator consents. */
async function passOn({ embassy, norvane, lantern }: Players, drone: StatementRef): Promise<void> {
  const about = { to: lantern.party, purposes: ['threat-prevention'] };
  const asked = await embassy.session.ask(drone, { ...about, reason: 'Their ship lies there.' });
  const { header } = asked.statement;
  await norvane.session.grant(drone, { ...about, ask: { party: header.party, id: header.id } });
  await lantern.session.step({ purpose: 'threat-prevention' });
  await lantern.session.statement(drone);
}

/** Another request is denied. */
async function deny({ ostrey, quorra, city }: Players, rota: StatementRef): Promise<void> {
  const asked = await ostrey.session.ask(rota, {
    to: quorra.party,
    purposes: ['event-security'],
    reason: 'They would like to plan the watch at sea with it.',
  });
  const { party, id } = asked.statement.header;
  await city.session.deny({ party, id }, 'The rota stays here. For the watch at sea, call the control room.');
}

/** Everybody who had it is told. One has destroyed it, one must keep it, one has not answered. */
async function takeBack(
  { halvern, city, norvane, embassy }: Players,
  room: string,
  van: StatementRef,
  round: () => Promise<void>,
): Promise<StatementRef> {
  await halvern.session.recall(
    { ...van, room },
    null,
    'The van belongs to the caterer; its permit had been misfiled.',
  );
  await round();
  for (const player of [city, embassy])
    for (const notice of await player.notices()) await player.session.ack(notice, { answer: 'destroyed' });
  for (const notice of await norvane.notices())
    await norvane.session.ack(notice, {
      answer: 'kept',
      basis: 'criminal-proceedings',
      until: inHours(24 * 180),
      reason: 'It is in the file of a complaint against the driver.',
    });
  return van;
}

/** A new version replaces the old one, and who read the old one is told. */
async function correct(
  { city }: Players,
  room: string,
  { crowd }: { readonly crowd: ReturnType<typeof report> },
  round: () => Promise<void>,
): Promise<StatementRef> {
  const changes = { description: '19,000 visitors between 16:00 and 23:00: the headline act plays earlier.' };
  const forecast = await city.share(room, [corrected(crowd, changes)], toRoom);
  await round();
  return forecast;
}
