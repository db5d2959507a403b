/** The exercise from its first invitation to its last correction, through the front door. */
import type { Home } from '@parley/cli/home.ts';
import { host, purposes, type Role, roles } from './cast.ts';
import { type Corridor, playCorridor } from './corridor.ts';
import { type Festival, type Players, playFestival } from './festival.ts';
import { Player } from './player.ts';

/** What the guide speaks of: kept beside the homes, so that a second start can say it again. */
export interface Exercise {
  readonly festival: Festival;
  readonly corridor: Corridor;
}

export interface Stage {
  readonly url: string;
  readonly home: (role: Role) => Home;
  /** Lets the centre say now what follows from what was said. */
  readonly round: () => Promise<void>;
  readonly progress: (done: number, of: number) => void;
}

/** @param stage where the host has its home already */
export async function play({ url, home, round, progress }: Stage): Promise<Exercise> {
  const steps = roles.length + 2;
  const players = await enter(url, home, (done) => progress(done, steps));
  const festival = await playFestival(players, round);
  progress(roles.length + 1, steps);
  const corridor = await playCorridor(players);
  progress(steps, steps);
  for (const role of roles) {
    await players[role].session.close();
    home(role).setPurpose({ purpose: purposes[role], justification: null });
  }
  return { festival, corridor };
}

async function enter(
  url: string,
  home: (role: Role) => Home,
  progress: (done: number) => void,
): Promise<Players> {
  const city = await Player.signIn(host, home(host), url, purposes[host]);
  let entered = 1;
  const join = async (role: Role) => {
    const { code } = await city.session.inviteParty();
    const player = await Player.join(role, home(role), url, code, purposes[role]);
    progress(++entered);
    return player;
  };
  return {
    city,
    norvane: await join('norvane'),
    halvern: await join('halvern'),
    ostrey: await join('ostrey'),
    quorra: await join('quorra'),
    embassy: await join('embassy'),
    lantern: await join('lantern'),
  };
}
