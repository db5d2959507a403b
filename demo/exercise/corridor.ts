/** The second room: an aid organisation and two services protect convoys. */
import type { StatementRef } from '@parley/core/fields.ts';
import type { Players } from './festival.ts';
import { note, places, report } from './objects.ts';
import { corridorTerms, toConvoys } from './rooms.ts';

export interface Corridor {
  readonly room: string;
  readonly convoy: StatementRef;
}

export async function playCorridor({ lantern, halvern, quorra }: Players): Promise<Corridor> {
  const { tollan, ridge } = places;
  const room = await lantern.openRoom(corridorTerms);
  for (const guest of [halvern, quorra]) await lantern.session.invite(room, guest.party);
  for (const member of [halvern, quorra]) await member.accept(room);
  const convoy = await lantern.share(
    room,
    [
      report(
        'Convoy of nine lorries on Thursday',
        'Water and tents. Leaves at 05:30, reaches the bridge at about 07:00.',
        [tollan],
      ),
      tollan,
    ],
    toConvoys,
  );
  await halvern.share(
    room,
    [
      report(
        'The bridge at Tollan carries 12 tonnes at most',
        'A pier was washed out. Heavier lorries go by the ridge road.',
        [tollan],
      ),
    ],
    toConvoys,
  );
  await quorra.share(
    room,
    [note('Loose rock at the northern bend; the road is cleared by Wednesday evening.', [ridge]), ridge],
    toConvoys,
  );
  for (const player of [quorra, lantern]) {
    await player.session.step({ purpose: 'humanitarian-protection' });
    await player.read(room);
  }
  return { room, convoy };
}
