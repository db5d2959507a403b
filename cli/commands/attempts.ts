/** What somebody tried against one's own party and was refused. */
import { Command } from 'commander';
import { example, shape } from '../arguments.ts';
import { contextOf } from '../context.ts';
import { withSession } from '../desk.ts';
import { named, table, time } from '../format.ts';
import type { Io } from '../io.ts';

export function attemptsCommand(io: Io): Command {
  return new Command('attempts')
    .description(
      'what was tried against your party and refused: forged recoveries, holds by others, looks without a case',
    )
    .addHelpText(
      'after',
      example('parley attempts') +
        shape('{"attempts":[{"at","speaker":ID or null,"proven":BOOL,"what","code","title"}]}'),
    )
    .action(async (_options: object, command: Command) => {
      const context = contextOf(io, command);
      await withSession(context, 'office', async ({ session, namesOf }) => {
        const attempts = await session.attempts();
        const names = await namesOf(attempts.flatMap(({ speaker }) => speaker ?? []));
        const rows = attempts.map(({ at, speaker, proven, what, title, code }) => [
          time(at),
          speaker !== null
            ? named(speaker, names)
            : proven
              ? 'a party you may not know of'
              : 'nobody knows who',
          what,
          `${title} (${code})`,
        ]);
        const head = ['at', 'who', 'what', 'refused because'];
        await context.answer({ attempts }, table(head, rows, 'Nothing was tried against your party.'));
      });
    });
}
