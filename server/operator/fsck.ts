import { Command } from 'commander';
import type { CheckProgress } from '../check-centre.ts';
import type { Place } from '../place.ts';
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
          '{"centre","size","root","devices","tiles","parts","erased","condemned","digests",\n "projections":N or null,"viewers","rows","files","unnamed","behind":TEXT or null}',
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
      const behind = await behindHere(place);
      const title =
        behind === null ? 'The centre is whole.' : 'What the store holds is whole, but it is an older store.';
      const human = terminal.card(title, [
        ['older', behind === null ? null : `${behind}. It does not start as it is.`],
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
      await terminal.answer(command, { ...report, behind }, human);
    });
}

/** What this machine remembers beyond the store; null: nothing. The next start looks at the same. */
async function behindHere(place: Place): Promise<string | null> {
  const { Refusal } = await import('@parley/core/errors.ts');
  const { refuseOlderThan, rememberedNote } = await import('../behind.ts');
  const { logsIn } = await import('../log/logs.ts');
  const { openLog } = await import('../place.ts');
  // Before the moment of the store: a centre that runs goes on meanwhile.
  const note = rememberedNote(place.paths.checkpoint);
  if (note === null) return null;
  const store = await openLog(place, { readOnly: true, readers: 1 });
  try {
    await store.snapshot(async ({ log }) => refuseOlderThan(note, log, await logsIn(log)));
    return null;
  } catch (error) {
    if (error instanceof Refusal && error.code === 'store.behind') return error.detail ?? error.message;
    throw error;
  } finally {
    await store.close();
  }
}

function counted(n: number, one: string): string {
  return `${n.toLocaleString('en')} ${one}${n === 1 ? '' : 's'}`;
}
