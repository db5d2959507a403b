import { Command } from 'commander';
import { openedFrom, type Terminal, withConfig } from './terminal.ts';

export function rebuildCommand(terminal: Terminal): Command {
  return withConfig(
    new Command('rebuild').description(
      'drop the projections and fold the log again; the centre must not run',
    ),
  )
    .addHelpText(
      'after',
      terminal.example('parley rebuild --config /var/lib/parley/parley.json') +
        terminal.shape('{"size","tables","equal":BOOL or null,"different":[TABLE]}'),
    )
    .action(async (_options: object, command: Command) => {
      const { rebuildProjections } = await import('../rebuild.ts');
      const { place } = await openedFrom(terminal, command);
      const rebuilt = await terminal.progress('Folding', (report) =>
        rebuildProjections(place, (done, total) => report({ done, total })),
      );
      const { size, tables, equal, different } = rebuilt;
      const verdict =
        equal === null
          ? 'There was nothing to compare with.'
          : equal
            ? 'All are equal to those that were there.'
            : `Different from what was there: ${different.join(', ')}.`;
      await terminal.answer(command, rebuilt, `Folded ${size} records into ${tables} tables. ${verdict}\n`);
    });
}
