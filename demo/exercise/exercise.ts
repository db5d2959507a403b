/** The exercise from its first invitation to its last correction, through the front door. */
import type { Home } from '@parley/cli/home.ts';
import type { StatementRef } from '@parley/core/fields.ts';
import type { Level } from '@parley/core/terms.ts';
import { newRecoveryKey } from '@parley/sdk/recovery.ts';
import { host, purposes, type Role, roles, type Seat, tablet } from './cast.ts';
import { type Corridor, playCorridor } from './corridor.ts';
import { type Council, playCouncil } from './council.ts';
import { shareEvidence } from './evidence.ts';
import { type Festival, type Players, playFestival } from './festival.ts';
import { type Law, playLaw } from './law.ts';
import { comeBack, enrolTablet, nameGuardians } from './lost-keys.ts';
import { Player } from './player.ts';
import { playSensors, type Sensors } from './sensors.ts';

/** What the guide speaks of: kept beside the homes, so that a second start can say it again. */
export interface Exercise {
  readonly festival: Festival;
  readonly evidence: StatementRef;
  readonly law: Law;
  readonly corridor: Corridor;
  readonly council: Council;
  readonly sensors: Sensors;
}

export interface Stage {
  readonly url: string;
  readonly home: (seat: Seat) => Home;
  /** Lets the centre say now what follows from what was said. */
  readonly round: () => Promise<void>;
  readonly progress: (done: number, of: number) => void;
}

/** @param stage where the host has its home already */
export async function play(stage: Stage): Promise<Exercise> {
  const { url, home, round, progress } = stage;
  const steps = roles.length + 3;
  let done = 0;
  const step = () => progress(++done, steps);
  const players = await enter(stage, step);
  const festival = await playFestival(players, round);
  const evidence = await shareEvidence(players, festival.room);
  const law = await playLaw(players, festival.room, festival.stewards);
  step();
  const corridor = await playCorridor(players);
  await nameGuardians(players);
  await enrolTablet(players, home(tablet), url, corridor.room);
  step();
  const council = await playCouncil(players, round);
  const sensors = await playSensors(players, url, [festival.room, corridor.room]);
  step();
  for (const role of roles) {
    await players[role].session.close();
    home(role).setPurpose({ purpose: purposes[role], justification: null });
  }
  return { festival, evidence, law, corridor, council, sensors };
}

/** Who takes part at one level only. */
const levels: Partial<Record<Role, Level>> = { ostrey: 'technical' };

async function enter({ url, home }: Stage, entered: () => void): Promise<Players> {
  const city = await Player.signIn(host, home(host), url);
  entered();
  const printed = await newRecoveryKey();
  const join = async (role: Role, recovery?: string) => {
    const { code } = await city.session.inviteParty({ level: levels[role] ?? null });
    const player = await Player.join(role, home(role), { url, code, ...(recovery ? { recovery } : {}) });
    entered();
    return player;
  };
  return {
    city,
    norvane: await join('norvane'),
    halvern: await join('halvern'),
    ostrey: await join('ostrey'),
    quorra: await join('quorra'),
    embassy: await join('embassy'),
    lantern: await comeBack(await join('lantern', printed.key), home('lantern'), url, printed),
    commission: await join('commission'),
  };
}
