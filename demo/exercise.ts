/**
 * The exercise, played through the front door by the SDK: seven parties, two rooms, and each thing that Parley is for,
 * once.
 */

import { join } from 'node:path';
import { centreOptions } from '@parley/cli/desk.ts';
import { type Home, homeAt } from '@parley/cli/home.ts';
import { base64 } from '@parley/core/bytes.ts';
import type { StatementRef } from '@parley/core/fields.ts';
import type { Handling } from '@parley/core/handling.ts';
import type { Receipt } from '@parley/core/receipt.ts';
import { refOf, roomId } from '@parley/core/statement.ts';
import type { Terms } from '@parley/core/terms.ts';
import { openCentre } from '@parley/sdk/centre.ts';
import type { Session } from '@parley/sdk/session.ts';
import { generateKey } from '@parley/sdk/signer.ts';
import { cast, type RoleName, roles } from './cast.ts';
import * as reports from './reports.ts';

export interface Stage {
  readonly url: string;
  /** Where the homes of the parties are made. */
  readonly folder: string;
  /** The code by which the centre invites its host. */
  readonly code: string;
  /** What has just been played. */
  readonly told?: (what: string) => void;
}

/** What was said, for who wants to show it. */
export interface Played {
  readonly parties: Readonly<Record<RoleName, string>>;
  readonly festival: string;
  readonly corridor: string;
  /** A report that its author can list the readers of. */
  readonly shared: StatementRef;
  readonly recalled: StatementRef;
  /** A request that waits for an answer. */
  readonly asked: StatementRef;
}

type Sessions = Readonly<Record<RoleName, Session>>;

export function homeOf(folder: string, role: RoleName): string {
  return join(folder, 'homes', cast[role].home);
}

export async function playExercise(stage: Stage): Promise<Played> {
  const { told = () => {} } = stage;
  const sessions = await enter(stage);
  told('seven parties have joined');
  const festival = await openFestival(sessions);
  const corridor = await openCorridor(sessions);
  told('two rooms are open, an invitation was declined');
  const { drone, tickets } = await playFestival(sessions, festival);
  told('reports are shared under different handlings, and read');
  const asked = await playConsent(sessions, corridor);
  told('one report was passed on with consent, one request was denied');
  const recalled = await playRecall(sessions, festival);
  await playCorrection(sessions, festival, tickets);
  told('one report was taken back, one was corrected');
  const parties = Object.fromEntries(roles.map((role) => [role, sessions[role].party])) as Record<
    RoleName,
    string
  >;
  for (const role of roles) await sessions[role].close();
  return { parties, festival, corridor, shared: drone, recalled, asked };
}

/** The host joins with the centre's own invitation, the others with the host's. */
async function enter({ url, folder, code }: Stage): Promise<Sessions> {
  const sessions: Partial<Record<RoleName, Session>> = {};
  for (const role of roles) {
    const host = sessions.aldermark;
    const invitation = host ? (await host.inviteParty()).code : code;
    sessions[role] = await joinAs(url, homeAt(homeOf(folder, role)), role, invitation);
  }
  return sessions as Sessions;
}

async function joinAs(url: string, home: Home, role: RoleName, code: string): Promise<Session> {
  const { name, device: deviceName, purpose } = cast[role];
  const centre = await openCentre(url, centreOptions(home));
  const { signer, pkcs8 } = await generateKey();
  const { centre: centreName, origin } = centre.info;
  const party = signer.device;
  home.create({
    format: 'parley-home/1',
    url,
    centre: centreName,
    origin,
    party,
    name,
    device: party,
    deviceName,
    pkcs8: base64(pkcs8),
  });
  home.setPurpose({ purpose, justification: null });
  await centre.join({ code, name, device: deviceName, signer });
  return centre.session({ signer, party, purpose });
}

const festivalTerms: Terms = {
  title: 'Harbour Festival',
  purposes: ['event-security', 'threat-prevention', 'protective-security', 'public-information'],
  own: [],
  handling: { purposes: ['event-security'], onward: 'ask', tlp: 'amber' },
  retention: 90,
  past: false,
  roster: true,
  conditions:
    'For keeping visitors and staff of the festival safe. The host of this centre can read what is shared here.',
};

const corridorTerms: Terms = {
  title: 'Corridor Watch',
  purposes: ['humanitarian-protection', 'threat-prevention', 'x-convoy-planning'],
  own: [
    {
      id: 'x-convoy-planning',
      title: 'Planning of aid convoys',
      basis: 'Agreement of the members of 3 March',
    },
  ],
  handling: { purposes: ['humanitarian-protection'], onward: 'never', tlp: 'green' },
  retention: null,
  past: true,
  roster: false,
  conditions: 'Members do not see who else is in. Nothing said here is used to direct force.',
};

async function openFestival(all: Sessions): Promise<string> {
  const room = roomOf(await all.city.openRoom(festivalTerms));
  await admit(all, 'city', room, ['aldermark', 'vessany', 'tarn', 'embassy']);
  return room;
}

async function openCorridor(all: Sessions): Promise<string> {
  const room = roomOf(await all.lantern.openRoom(corridorTerms));
  await admit(all, 'lantern', room, ['ostrel', 'aldermark']);
  await all.lantern.invite(room, all.vessany.party);
  const { offered } = await all.vessany.room(room);
  await all.vessany.decline(
    room,
    offered?.hash ?? '',
    'Our law allows no retention without an end. We would join under a limit of one year.',
  );
  // One invitation stays open, so that somebody has something to decide.
  await all.lantern.invite(room, all.city.party);
  return room;
}

async function admit(
  all: Sessions,
  owner: RoleName,
  room: string,
  members: readonly RoleName[],
): Promise<void> {
  for (const role of members) {
    await all[owner].invite(room, all[role].party);
    const { offered } = await all[role].room(room);
    await all[role].accept(room, offered?.hash ?? '');
  }
}

async function playFestival(
  all: Sessions,
  room: string,
): Promise<{ drone: StatementRef; tickets: reports.Stix[] }> {
  const drone = await share(all.vessany, room, reports.drone(), { onward: 'ask', tlp: 'amber' });
  const tickets = reports.tickets();
  await share(all.city, room, tickets, {
    purposes: ['event-security', 'threat-prevention'],
    tlp: 'green',
    onward: 'room',
  });
  await share(all.vessany, room, reports.source(), {
    to: { parties: [all.aldermark.party] },
    tlp: 'red',
    onward: 'never',
  });
  await share(all.aldermark, room, reports.caller(), {
    personal: true,
    tlp: 'amber+strict',
    onward: 'never',
  });
  await share(all.city, room, reports.advice(), {
    to: 'public',
    purposes: ['public-information'],
    tlp: 'clear',
    onward: 'room',
  });
  await share(all.tarn, room, reports.parking(), { purposes: ['threat-prevention'], until: inDays(1) });
  await read(all.city, room);
  await read(all.aldermark, room);
  await read(all.embassy, room);
  return { drone, tickets };
}

/** An outsider needs one report: the originator is asked, and passes it on. Another request it denies, a third waits. */
async function playConsent(all: Sessions, room: string): Promise<StatementRef> {
  const road = await share(all.lantern, room, reports.roadblock(), {
    purposes: ['humanitarian-protection'],
    onward: 'ask',
    tlp: 'green',
  });
  await read(all.ostrel, room);
  const about = { purposes: ['humanitarian-protection'] };
  const ask = await all.ostrel.ask(
    { ...road, room },
    { ...about, to: all.embassy.party, reason: 'Its staff drives that road on Thursday.' },
  );
  await all.lantern.grant(
    { ...road, room },
    { ...about, to: all.embassy.party, ask: refOf(ask.statement.header) },
  );
  const second = await all.ostrel.ask(
    { ...road, room },
    { ...about, to: all.tarn.party, reason: 'They asked for it.' },
  );
  await all.lantern.deny(
    { ...refOf(second.statement.header), room },
    'We do not share convoy routes with services.',
  );
  const third = await all.ostrel.ask(
    { ...road, room },
    { ...about, to: all.city.party, reason: 'The diversion leads through the city.' },
  );
  return refOf(third.statement.header);
}

/** Three had it: one destroys it, one must keep it for a time, one has not answered yet. */
async function playRecall(all: Sessions, room: string): Promise<StatementRef> {
  const rumour = await share(all.aldermark, room, reports.rumour(), { onward: 'never' });
  for (const role of ['city', 'vessany'] as const) await read(all[role], room);
  await all.tarn.step({ purpose: 'event-security' });
  await read(all.tarn, room);
  await all.aldermark.recall({ ...rumour, room }, null, 'The source has withdrawn it.');
  await answer(all.city, { answer: 'destroyed' });
  await answer(all.vessany, { answer: 'kept', basis: 'criminal-proceedings', until: inDays(180) });
  return rumour;
}

async function playCorrection(all: Sessions, room: string, tickets: readonly reports.Stix[]): Promise<void> {
  const newer = tickets.map((object) =>
    reports.revised(object, { pattern: "[domain-name:value = 'marrow-pass.example']" }),
  );
  await share(all.city, room, newer, {
    purposes: ['event-security', 'threat-prevention'],
    tlp: 'green',
    onward: 'room',
  });
}

/** The centre tells after the commit, so the notice may take a moment. */
async function answer(session: Session, how: Parameters<Session['ack']>[1]): Promise<void> {
  for (let patience = 100; patience > 0; patience--) {
    const task = (await session.tasks()).find(({ what, detail }) => what === 'notice' && detail === 'recall');
    if (task) {
      await session.ack(task.statement, how);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the centre did not tell of a recall');
}

async function share(
  session: Session,
  room: string,
  objects: readonly reports.Stix[],
  how: Partial<Handling>,
): Promise<StatementRef> {
  const usual: Handling = {
    to: 'room',
    purposes: ['event-security'],
    onward: 'ask',
    until: null,
    review: null,
    tlp: 'amber',
    personal: false,
  };
  const { terms } = await session.room(room);
  const until = terms?.retention ? inDays(terms.retention - 1) : null;
  const [receipt] = await session.share(room, reports.bytesOf(objects), { ...usual, until, ...how });
  if (!receipt) throw new Error('nothing was shared');
  return refOf(receipt.statement.header);
}

async function read(session: Session, room: string): Promise<void> {
  for await (const part of session.parts(room)) void part.n;
}

function roomOf(opened: Receipt): string {
  return roomId(refOf(opened.statement.header));
}

function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString();
}
