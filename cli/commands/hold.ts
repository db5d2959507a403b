/** Holding what the party said against erasure, and what it kept of what others took back. */
import { holdBases } from '@parley/core/kinds.ts';
import type { Because } from '@parley/sdk/law.ts';
import type { Hold, Kept } from '@parley/sdk/shapes-law.ts';
import { Command } from 'commander';
import { choice, collect, collectNumbers, example, laterTime, shape, usage } from '../arguments.ts';
import { contextOf } from '../context.ts';
import { type Desk, withSession } from '../desk.ts';
import { capital, named, nothing, partsWord, ranges, shortRef, table, time } from '../format.ts';
import type { Io } from '../io.ts';
import { answerSaid, saidShape } from '../said.ts';

export function holdCommand(io: Io): Command {
  return new Command('hold')
    .description('legal holds: keep what your party said from being erased, review that, and end it')
    .addCommand(addCommand(io))
    .addCommand(reviewCommand(io))
    .addCommand(endCommand(io))
    .addCommand(listCommand(io));
}

interface WordsOptions {
  readonly reason?: string;
  readonly case?: string[];
}

/** @throws command.usage */
export function becauseOf({ reason, case: cases }: WordsOptions): Because | undefined {
  if (reason === undefined && cases) throw usage('a --case stands beside a --reason');
  return reason === undefined ? undefined : { reason, ...(cases ? { cases } : {}) };
}

export function withWords(command: Command, about: string): Command {
  return command
    .option('--reason <text>', about)
    .option('--case <ref>', 'a case that it is part of, to all who see it; again for each', collect);
}

interface AddOptions extends WordsOptions {
  readonly basis: (typeof holdBases)[number];
  readonly review: string;
  readonly until?: string;
  readonly part?: number[];
}

function addCommand(io: Io): Command {
  const command = new Command('add')
    .description('hold a statement of your party: taken back or ended, it is hidden at once, but not erased')
    .argument('<statement>', 'PARTY/ID, or the first digits of the id')
    .addOption(choice('--basis <basis>', 'on what it is held', holdBases).makeOptionMandatory())
    .requiredOption('--review <when>', 'when you look at it again: 90d, 2027-01-31', laterTime)
    .option('--until <when>', 'when it ends by itself (default: when you end it)', laterTime)
    .option('--part <numbers>', 'only these parts, such as 0,2-4 (default: all)', collectNumbers);
  return withWords(command, 'in words, for those who may see the statement')
    .addHelpText(
      'after',
      `${example('parley hold add 3f2a91cc --basis court-order --review 90d --reason "District court 7"')}
Whoever may see the statement sees the hold, its basis and its dates.
${shape(saidShape)}`,
    )
    .action(async (text: string, options: AddOptions, command: Command) => {
      const context = contextOf(io, command);
      const { basis, review, until = null, part: parts = null } = options;
      if (until !== null && review > until) throw usage('the --review comes after --until');
      const because = becauseOf(options);
      await withSession(context, 'office', async (desk) => {
        const target = await desk.statement(text);
        const about = { basis, review, until, parts, ...(because ? { because } : {}) };
        const receipt = await desk.session.hold(target, about);
        const what = parts ? `${capital(partsWord(parts))} of ${shortRef(target)}` : shortRef(target);
        const end = until === null ? 'until you end it' : `until ${time(until)}`;
        await answerSaid(
          context,
          receipt,
          `${what} is held (${basis}), ${end}; review by ${time(review)}.\nTaken back meanwhile, it is hidden at once and erased when no hold is left.`,
        );
      });
    });
}

interface ReviewOptions extends WordsOptions {
  readonly review: string;
  readonly until?: string;
  readonly openEnded?: boolean;
}

function reviewCommand(io: Io): Command {
  const command = new Command('review')
    .description('say that a hold is still needed, and when you look at it next')
    .argument('<hold>', 'PARTY/ID, or the first digits of the id; "parley hold list" shows them')
    .requiredOption('--review <when>', 'when you look at it again: 90d, 2027-01-31', laterTime)
    .option('--until <when>', 'when it ends by itself (default: as it stands)', laterTime)
    .option('--open-ended', 'it ends when you end it');
  return withWords(command, 'why it is still needed')
    .addHelpText('after', example('parley hold review 51aa07be --review 90d') + shape(saidShape))
    .action(async (text: string, options: ReviewOptions, command: Command) => {
      const context = contextOf(io, command);
      if (options.openEnded && options.until) throw usage('--until or --open-ended, not both');
      const because = becauseOf(options);
      await withSession(context, 'office', async (desk) => {
        const hold = await desk.statement(text);
        const until = options.openEnded ? null : (options.until ?? (await endOf(desk, hold)));
        if (until !== null && options.review > until)
          throw usage(`the --review comes after the end, ${time(until)}: give --until or --open-ended`);
        const about = { review: options.review, until, ...(because ? { because } : {}) };
        const receipt = await desk.session.reviewHold(hold, about);
        await answerSaid(context, receipt, `The hold stands; next review by ${time(options.review)}.`);
      });
    });
}

/** As the hold now says it, in milliseconds as statements write times. */
async function endOf(
  { session }: Desk,
  { party, id }: { party: string; id: string },
): Promise<string | null> {
  const hold = (await session.holds()).find(
    ({ statement }) => statement.party === party && statement.id === id,
  );
  return hold?.until == null ? null : new Date(hold.until).toISOString();
}

function endCommand(io: Io): Command {
  const command = new Command('end')
    .description('end a hold: what was taken back meanwhile, and no other hold covers, is erased now')
    .argument('<hold>', 'PARTY/ID, or the first digits of the id; "parley hold list" shows them');
  return withWords(command, 'why it is not needed any more')
    .addHelpText('after', example('parley hold end 51aa07be --reason "Acquitted"') + shape(saidShape))
    .action(async (text: string, options: WordsOptions, command: Command) => {
      const context = contextOf(io, command);
      const because = becauseOf(options);
      await withSession(context, 'office', async (desk) => {
        const hold = await desk.statement(text);
        const receipt = await desk.session.endHold(hold, because);
        await answerSaid(context, receipt, `The hold ${shortRef(hold)} has ended.`);
      });
    });
}

function listCommand(io: Io): Command {
  return new Command('list')
    .description('holds of your party, those on what it may see, and what it kept of what others took back')
    .option('--all', 'those that have ended, too')
    .addHelpText(
      'after',
      example('parley hold list') +
        shape(
          '{"holds":[{"statement","target","room","parts","basis","review","until","at","reviewed","ended"}],\n "kept":[{"notice","target","room","parts","basis","until","at","over"}]}',
        ),
    )
    .action(async ({ all = false }: { all?: boolean }, command: Command) => {
      const context = contextOf(io, command);
      await withSession(context, 'office', async (desk) => {
        const holds = (await desk.session.holds()).filter(({ ended }) => all || ended === null);
        const kept = await desk.session.kept();
        const names = await desk.namesOf([...holds, ...kept].map(({ target }) => target.party));
        await context.answer({ holds, kept }, `${holdsText(holds, names)}\n${keptText(kept, names)}`);
      });
    });
}

function holdsText(holds: readonly Hold[], names: ReadonlyMap<string, string>): string {
  const now = new Date().toISOString();
  const rows = holds.map(({ statement, target, parts, basis, review, until, ended }) => [
    shortRef(statement),
    `${shortRef(target)}#${ranges(parts)}`,
    named(target.party, names),
    basis,
    ended === null ? `${time(review)}${review <= now ? ' (now due)' : ''}` : nothing,
    ended === null ? (until === null ? 'open' : time(until)) : `ended ${time(ended)}`,
  ]);
  return table(['hold', 'covers', 'said by', 'basis', 'review by', 'until'], rows, 'Nothing is held.');
}

function keptText(kept: readonly Kept[], names: ReadonlyMap<string, string>): string {
  const rows = kept.map(({ notice, target, parts, basis, until, over }) => [
    `${shortRef(target)}#${ranges(parts)}`,
    named(target.party, names),
    basis,
    `${time(until)}${over ? ' (over: destroy it)' : ''}`,
    shortRef(notice),
  ]);
  return table(
    ['kept here', 'taken back by', 'basis', 'until', 'notice'],
    rows,
    'Your party answered for nothing that it keeps it.',
  );
}
