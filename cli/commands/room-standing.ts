/** Suspending a party in a room, and restoring it. */
import { Command } from 'commander';
import { named, titleOf } from '../format.ts';
import type { Io } from '../io.ts';
import { about, partyArgument, type Reasoned, roomArgument } from './room-members.ts';

export function suspendCommand(io: Io): Command {
  const command = new Command('suspend')
    .description('close a room that your party opened to a party, until you restore it')
    .argument(...roomArgument)
    .argument(...partyArgument)
    .option('--reason <text>', 'for the party that is suspended');
  return about(
    io,
    command,
    'parley room suspend "Summit 2026" "City of Marrow" --reason "The audit is open."',
    async (desk, room, [text = '']) => {
      const party = await desk.party(text);
      const receipt = await desk.session.suspend(room.room, party, command.opts<Reasoned>().reason);
      return {
        receipt,
        human: `${named(party, await desk.names())} is suspended in "${titleOf(room)}". It sees nothing of it but what it said itself.`,
      };
    },
  );
}

export function restoreCommand(io: Io): Command {
  const command = new Command('restore')
    .description('let a suspended party in again, as what it was')
    .argument(...roomArgument)
    .argument(...partyArgument);
  return about(
    io,
    command,
    'parley room restore "Summit 2026" "City of Marrow"',
    async (desk, room, [text = '']) => {
      const party = await desk.party(text);
      const receipt = await desk.session.restore(room.room, party);
      return {
        receipt,
        human: `${named(party, await desk.names())} is in "${titleOf(room)}" again. What was said meanwhile it does not see, unless the terms show the past.`,
      };
    },
  );
}
