/** What is worth trying, under headings. Every one is a command, and the test runs each. */
import { join } from 'node:path';
import type { StatementRef } from '@parley/core/fields.ts';
import { type Seat, tablet, tabletName } from './exercise/cast.ts';
import { passesCase } from './exercise/evidence.ts';
import type { Exercise } from './exercise/exercise.ts';
import { sensorsName } from './exercise/sensors.ts';

export interface Trial {
  readonly seat: Seat;
  readonly what: string;
  /** As a shell splits them, without `--home`. */
  readonly args: readonly string[];
}

export interface Section {
  readonly heading: string;
  readonly trials: readonly Trial[];
}

const festivalRoom = ['--room', 'Harbour Festival'];
const councilRoom = 'Strait Council';

/** @param folder of the demonstration, as it was given: what a trial writes goes there */
export function sections(folder: string, exercise: Exercise): readonly Section[] {
  return [
    { heading: 'Reading, and who read', trials: reading(exercise) },
    { heading: 'Markings, files and cases', trials: marking(folder, exercise) },
    { heading: 'Passing on, taking back, holding', trials: takingBack(exercise) },
    { heading: 'Terms between states', trials: between() },
    { heading: 'Complaints and supervision', trials: supervision(exercise) },
    { heading: 'Persons and their rights', trials: persons() },
    { heading: 'Keys, devices and clients', trials: keys() },
    { heading: 'Proof, and leaving', trials: proof(folder, exercise) },
  ];
}

function trial(seat: Seat, what: string, ...args: string[]): Trial {
  return { seat, what, args };
}

function short({ id }: StatementRef): string {
  return id.slice(0, 8);
}

function whole({ party, id }: StatementRef): string {
  return `${party}/${id}`;
}

function reading({ festival }: Exercise): Trial[] {
  return [
    trial('embassy', 'read what the room says, for the security of the event', 'read', ...festivalRoom),
    trial('embassy', 'count what another purpose or a justification would open', 'locked', ...festivalRoom),
    trial(
      'embassy',
      'open personal data with a justification; the step is recorded',
      ...['open', '--justification', 'Guests walk past gate 2 at 19:00'],
    ),
    trial('embassy', 'see the same reading as the own party sees it', 'accesses', '--limit', '5'),
    trial('norvane', 'see who read what was shared', 'readers', short(festival.passes)),
    trial('halvern', 'see who could, and which rule denies the others', 'audience', short(festival.call)),
  ];
}

function marking(folder: string, { festival, evidence }: Exercise): Trial[] {
  return [
    trial(
      'norvane',
      'read what came as police information, restricted, under H1 and H2',
      ...['read', ...festivalRoom, '--purpose', 'criminal-intelligence'],
    ),
    trial('norvane', 'see what handling codes, PAP and levels mean', 'codes'),
    trial('halvern', 'see how one statement is marked', 'show', short(festival.call)),
    trial('city', 'see which files came with a statement', 'file', 'list', short(evidence)),
    trial(
      'city',
      'fetch a picture; it is written once it is proven',
      ...['file', 'get', short(evidence), '4', '--out', join(folder, 'false-pass.png')],
    ),
    trial('city', 'find what others said of a case', 'case', 'find', passesCase),
    trial(
      'embassy',
      'file something under a case of one’s own, which leaves no trace elsewhere',
      'case',
      'add',
      'EQ 7/26',
      short(festival.passes),
    ),
  ];
}

function takingBack({ festival, corridor }: Exercise): Trial[] {
  return [
    trial(
      'lantern',
      'read what was passed on with consent, though the room was declined',
      ...['show', whole(festival.drone), '--purpose', 'threat-prevention'],
    ),
    trial('lantern', 'ask who may read the convoy', 'readers', short(corridor.convoy)),
    trial('halvern', 'see who has answered for what was taken back', 'recalls'),
    trial('ostrey', 'see what is owed, a missing answer among it', 'tasks'),
    trial('ostrey', 'see what a court wants kept', 'hold', 'list'),
    trial('ostrey', 'see that it was taken back all the same: hidden, and erased later', 'recalls'),
  ];
}

function between(): Trial[] {
  return [
    trial('city', 'see the terms, and who is in', 'room', 'show', 'Harbour Festival'),
    trial(
      'norvane',
      'see terms of ministers: grounds for transfer, undertakings, a supervisor',
      ...['room', 'show', councilRoom],
    ),
    trial(
      'halvern',
      'see which undertaking was broken, and what is withheld for it',
      'room',
      'undertakings',
      councilRoom,
    ),
    trial(
      'quorra',
      'read the room from which patrols are now withheld',
      ...['read', '--room', councilRoom, '--purpose', 'protective-security'],
    ),
    trial(
      'lantern',
      'read as an observer what is for observers',
      ...['read', '--room', councilRoom, '--purpose', 'protective-security'],
    ),
  ];
}

function supervision({ council }: Exercise): Trial[] {
  return [
    trial('quorra', 'see complaints, and how they were answered', 'complaints'),
    trial(
      'norvane',
      'see that witnesses’ names were taken back from Quorra alone, and who still reads them',
      ...['audience', short(council.witnesses)],
    ),
    trial('commission', 'see who read what in the room, and why', 'supervise', 'accesses', councilRoom),
    trial('commission', 'see the same in numbers', 'supervise', 'statistics', councilRoom),
    trial(
      'commission',
      'read the one report that a complaint, still open, is about',
      ...['show', whole(council.sighting)],
    ),
  ];
}

function persons(): Trial[] {
  return [
    trial('embassy', 'list what is on victims, without reading it', 'statements', '--personal', 'victim'),
    trial('city', 'see what persons asked, and by when it must be answered', 'subject', 'list'),
    trial('ostrey', 'the same for whoever holds the data', 'subject', 'list'),
    trial(
      'city',
      'say why, before looking for a person',
      ...['open', '--purpose', 'event-security', '--justification', 'Ina Vell asks what we hold on her'],
    ),
    trial('city', 'find her in all that may be seen', 'subject', 'find', 'Ina Vell'),
  ];
}

function keys(): Trial[] {
  return [
    trial('lantern', 'see the device that came back by a printed key, and the lost one', 'device', 'list'),
    trial('quorra', 'see who would bring the party back if its keys were lost', 'party', 'recovery'),
    trial('quorra', `see the ${tabletName.toLowerCase()}, which may less than its party`, 'device', 'list'),
    trial(tablet, 'read with it: one room, and no personal data', 'read', '--room', 'Corridor Watch'),
    trial('city', 'see the client that works with a token', 'connector', 'list'),
    trial('city', 'ask why the centre refused it something', 'connector', 'why', sensorsName),
    trial('norvane', 'see what others tried and were refused', 'attempts'),
  ];
}

function proof(folder: string, { festival }: Exercise): Trial[] {
  return [
    trial(
      'norvane',
      'fetch a receipt that proves offline what was said',
      ...['receipt', 'get', short(festival.passes), '--out', join(folder, 'receipt.json')],
    ),
    trial('ostrey', 'audit the centre from outside', 'verify'),
    trial(
      'embassy',
      'give the data protection officer all accesses as one file',
      ...['export', '--accesses', join(folder, 'embassy-accesses.csv')],
    ),
    trial(
      'embassy',
      'take along everything that the party may see, with proofs',
      ...['export', '--party', join(folder, 'embassy')],
    ),
    trial('embassy', 'check that folder without any centre', 'export', '--check', join(folder, 'embassy')),
  ];
}
