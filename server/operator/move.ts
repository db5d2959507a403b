import { Command } from 'commander';
import type { Config } from '../config.ts';
import type { MoveProgress } from '../move.ts';
import type { Place } from '../place.ts';
import { configFrom, type Terminal, withConfig } from './terminal.ts';

const steps: Readonly<Record<MoveProgress['step'], string>> = {
  copying: 'Copying',
  log: 'Reading the log',
  projections: 'Folding it again',
  viewers: 'Looking as others',
};

interface MoveFlags {
  readonly to: string;
  readonly passwordFile?: string;
  readonly config?: string;
}

export function moveCommand(terminal: Terminal): Command {
  return withConfig(
    new Command('move').description(
      'move log, journals and files into a database, or back into the folder; the centre must not run',
    ),
  )
    .requiredOption('--to <place>', 'the URL of a PostgreSQL database, without a password; or "folder"')
    .option('--password-file <file>', 'a file with the password of that database')
    .addHelpText(
      'after',
      `${terminal.example(
        'parley move --to postgres://parley@db.example/parley?sslmode=verify-full --config /var/lib/parley/parley.json',
        'parley move --to folder --config /var/lib/parley/parley.json',
      )}
The new place is verified as a whole before anything of the old one is let go, and the configuration is then changed to
name it. Broken off anywhere, the same command goes on. What was moved stays where it was, under names that no centre
opens: remove it once the centre runs.
${terminal.shape('{"from","to","size":N or null,"root":ROOT or null,"journals":{TABLE:ROWS} or null,"left":[NAME],"config":FILE or null}')}`,
    )
    .action(async ({ to: named, passwordFile }: MoveFlags, command: Command) => {
      const { moveCentre } = await import('../move.ts');
      const { leftAt, shownPlace } = await import('../retire.ts');
      const config = await configFrom(terminal, command);
      const [from, to] = await placesOf(terminal, config, named, passwordFile);
      const { report, journals, left } =
        from === null
          ? {
              report: null,
              journals: null,
              left: leftAt(to.database === null ? to : { ...to, database: null }),
            }
          : await terminal.progress('Moving', (show) =>
              moveCentre(from, to, ({ step, done, of }) => show({ step: steps[step], done, total: of })),
            );
      const written = await configured(terminal, command, named, passwordFile);
      const shown = { from: from ? shownPlace(from) : null, to: shownPlace(to) };
      const what = report
        ? `Moved ${report.size} records to ${shown.to}, and verified them.`
        : from
          ? `Finished what was interrupted: the centre lies in ${shown.to}.`
          : `The centre lies in ${shown.to} already.`;
      await terminal.answer(
        command,
        {
          ...{ ...shown, size: report?.size ?? null, root: report?.root ?? null },
          ...{ journals, left, config: written },
        },
        `${what}\n${written ? `${written} says so.` : wordsFor(named)}\n${leftWords(left)}`,
      );
    });
}

/** Where it lies, or null where that is the new place already. */
async function placesOf(
  terminal: Terminal,
  config: Config,
  named: string,
  passwordFile: string | undefined,
): Promise<[Place | null, Place]> {
  const { needed } = await import('../config.ts');
  const { databaseOf, databaseAt } = await import('../database.ts');
  const { vaultOf } = await import('../at-rest.ts');
  const { placeAt } = await import('../place.ts');
  const folder = needed(config, 'folder');
  const next = named === 'folder' ? null : databaseAt(named, passwordFile ?? config.databasePasswordFile);
  // One of the two is a database: what seals the folder is asked of the folder's keys alone.
  const vault = vaultOf({ ...config, database: config.database ?? named }, terminal.env);
  const to = placeAt(folder, { vault, database: next });
  const here = config.database === (named === 'folder' ? null : named);
  return [here ? null : placeAt(folder, { vault, database: databaseOf(config) }), to];
}

/** The file that says so now; null: it is said elsewhere, by whoever starts the centre. */
async function configured(
  terminal: Terminal,
  command: Command,
  named: string,
  passwordFile: string | undefined,
): Promise<string | null> {
  const { resolve } = await import('node:path');
  const { setDatabase } = await import('../move.ts');
  const { config, database } = command.opts<{ config?: string; database?: string }>();
  const path = config ?? terminal.env.PARLEY_CONFIG;
  if (path === undefined || database !== undefined || terminal.env.PARLEY_DATABASE !== undefined) return null;
  const file = passwordFile === undefined ? undefined : resolve(passwordFile);
  setDatabase(path, named === 'folder' ? null : named, file);
  return resolve(path);
}

function wordsFor(named: string): string {
  return named === 'folder'
    ? 'Take "database" out of whatever configures the centre before you start it.'
    : `Set "database" to ${named} in whatever configures the centre before you start it.`;
}

function leftWords(left: readonly string[]): string {
  if (left.length === 0) return '';
  const list = left.map((name) => `  ${name}\n`).join('');
  return `All that was said still stands, also what is taken back from now on, in\n${list}Remove it once the centre runs.\n`;
}
