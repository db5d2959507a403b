/** A centre in which a little of everything has happened: for tests of what carries it elsewhere. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Actor, indicator } from './actor.ts';
import { addConnector } from './connectors.ts';
import { bring, shareFiles, textFile } from './files.ts';
import { World } from './world.ts';

export interface Lived {
  readonly world: World;
  readonly member: Actor;
  readonly room: string;
  /** Of a connector. */
  readonly token: string;
  /** Something more happens: shared, read, taken back, with files. */
  more(name: string): Promise<void>;
}

/** Microseconds of a digest: short, and long enough that making one is over before the next is due. */
const digestEvery = 500_000;

/** @param about of the world */
export async function lived(about: Parameters<typeof World.begin>[0] = {}): Promise<Lived> {
  const world = await World.begin({ digestEvery, ...about });
  const member = await world.party('Member');
  const room = await world.room([member]);
  const { token } = await addConnector(member, { rooms: [room] });
  await bring(member, textFile('waits to be shared'));
  const more = async (name: string) => {
    const { ref } = await member.share(room, [indicator(`${name} one`), indicator(`${name} two`)]);
    const { ref: filed } = await shareFiles(member, room, [textFile(`${name} file`)]);
    await shareFiles(member, room, [textFile(`${name} file that stays`)]);
    await world.host.read(room);
    await member.recall(room, ref, [0]);
    await member.recall(room, filed);
    await pause(digestEvery / 1_000 + 1);
    await world.centre.round();
  };
  await more('first');
  return { world, member, room, token, more };
}
