/** What is locked, in numbers: the only word of it that leaves the centre. */
import { Command } from 'commander';
import { example, shape } from '../arguments.ts';
import { contextOf } from '../context.ts';
import { withSession } from '../desk.ts';
import { named, table, titleOf } from '../format.ts';
import type { Io } from '../io.ts';
import { joined } from './read.ts';

export function lockedCommand(io: Io): Command {
  return new Command('locked')
    .description('what another purpose or a justification would open, in numbers')
    .option('--room <room>', 'its title, its id, or 8 or more of the first digits (default: all rooms)')
    .addHelpText(
      'after',
      example('parley locked --room "Summit 2026"') +
        shape('{"locked":[{"room","party","type","count","needs":{"purposes":[ID],"justification":BOOL}}]}'),
    )
    .action(async (options: { room?: string }, command: Command) => {
      const context = contextOf(io, command);
      await withSession(context, 'content', async (desk) => {
        const rooms = options.room === undefined ? await joined(desk) : [await desk.room(options.room)];
        const locked = [];
        for (const room of rooms)
          for (const each of await desk.session.locked(room.room))
            locked.push({ title: titleOf(room), room: room.room, ...each });
        const names = await desk.names();
        const rows = locked.map(({ title, party, type, count: n, needs }) => [
          title,
          named(party, names),
          type,
          String(n),
          needText(needs),
        ]);
        const shown = locked.map(({ title, ...each }) => each);
        await context.answer(
          { locked: shown },
          table(['room', 'originator', 'type', 'count', 'opens with'], rows, 'Nothing is locked.'),
        );
      });
    });
}

function needText({
  purposes,
  justification,
}: {
  purposes: readonly string[];
  justification: boolean;
}): string {
  const needs = [
    purposes.length > 0 ? `--purpose ${purposes.join(' or ')}` : '',
    justification ? '--justification' : '',
  ];
  return needs.filter((need) => need !== '').join(' and ');
}
