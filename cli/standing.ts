/** What keeps the own party from reading in a room, where it is told. */
import type { RoomView } from '@parley/sdk/session.ts';
import type { Desk } from './desk.ts';
import { named, titleOf } from './format.ts';
import { unlessAbsent } from './telling.ts';

export async function standingLines(desk: Desk, room: RoomView): Promise<string[]> {
  const lines = [];
  if (room.relation === 'suspended')
    lines.push(
      `Your party is suspended in "${titleOf(room)}": of what others said it sees nothing there until it is restored.`,
    );
  if ((room.accepted?.terms.undertakings ?? []).length === 0) return lines;
  const { session } = desk;
  const found = (await session.undertakings(room.room).catch(unlessAbsent)) ?? [];
  for (const { undertaking, suspensions } of found)
    for (const { party, from, resumed } of suspensions) {
      if (from !== session.party || resumed) continue;
      const who = named(party, await desk.namesOf([party]));
      lines.push(
        `${who} withholds from your party what it shares in "${titleOf(room)}": it suspended its undertaking ${undertaking}.`,
      );
    }
  return lines;
}
