import { Command } from 'commander';
import type { CheckProgress } from '../check-centre.ts';
import { openedFrom, type Progress, type Terminal, withConfig } from './terminal.ts';

const steps: Readonly<Record<CheckProgress['step'], string>> = {
  log: 'Reading the log',
  projections: 'Folding it again',
  viewers: 'Looking as others',
};

export function reportSteps(show: (progress: Progress) => void): (progress: CheckProgress) => void {
  return ({ step, done, of }) => show({ step: steps[step], done, total: of });
}

export function fsckCommand(terminal: Terminal): Command {
  return withConfig(
    new Command('fsck').description('read everything again and verify it, also while the centre runs'),
  )
    .addHelpText(
      'after',
      terminal.example('parley fsck --config /var/lib/parley/parley.json') +
        terminal.shape(
          '{"centre","size","root","devices","tiles","parts","erased","condemned","digests",\n "projections":N or null,"viewers","rows","files","unnamed"}',
        ),
    )
    .action(async (_options: object, command: Command) => {
      const { checkCentre } = await import('../check-centre.ts');
      const { config, folder, place } = await openedFrom(terminal, command);
      const { centre } = config;
      const about = {
        folder,
        vault: place.vault,
        database: place.database,
        ...(centre === null ? {} : { centre }),
      };
      const report = await terminal.progress('Checking', (show) => checkCentre(about, reportSteps(show)));
      const { size, root, devices, tiles, parts, erased, condemned, digests, projections, viewers, rows } =
        report;
      const human = terminal.card('The centre is whole.', [
        ['log', `${counted(size, 'record')}, ${counted(tiles, 'tile')}, root ${root}`],
        ['signatures', `${size}, by ${counted(devices, 'device')}`],
        ['parts', `${parts}, of which ${erased} erased${condemned > 0 ? `, ${condemned} about to be` : ''}`],
        [
          'files',
          `${report.files}, what was shared${report.unnamed > 0 ? `; ${report.unnamed} that wait to be, or are left over` : ''}`,
        ],
        ['digests', `${digests} of accesses`],
        [
          'projections',
          projections === null
            ? 'made by another version: the next start folds again'
            : `${counted(projections, 'table')}, equal to what the log folds to`,
        ],
        [
          'release',
          `${counted(rows, 'row')} for ${counted(viewers, 'viewer')}, judged one by one and by pages`,
        ],
      ]);
      await terminal.answer(command, report, human);
    });
}

function counted(n: number, one: string): string {
  return `${n.toLocaleString('en')} ${one}${n === 1 ? '' : 's'}`;
}
