/** Taking back, and answering for what others took back. */
import { answers, keepBases } from '@parley/core/kinds.ts';
import type { RecallView } from '@parley/sdk/shapes.ts';
import { Command } from 'commander';
import { choice, collectNumbers, example, laterTime, shape, usage } from '../arguments.ts';
import { contextOf } from '../context.ts';
import { withSession } from '../desk.ts';
import { count, named, nothing, ranges, shortRef, table, time } from '../format.ts';
import type { Io } from '../io.ts';
import { answerSaid, saidShape } from '../said.ts';

export function recallCommand(io: Io): Command {
  return new Command('recall')
    .description('take back what your party said; everyone who had it is told, and must answer')
    .argument('<statement>', 'PARTY/ID, or the first digits of the id')
    .option('--part <numbers>', 'only these parts, such as 0,2-4 (default: all)', collectNumbers)
    .option('--reason <text>', 'for those who had it')
    .addHelpText(
      'after',
      example('parley recall 3f2a91cc --part 1 --reason "The source withdrew it"') + shape(saidShape),
    )
    .action(async (text: string, options: { part?: number[]; reason?: string }, command: Command) => {
      const context = contextOf(io, command);
      await withSession(context, 'office', async (desk) => {
        const target = await desk.statement(text);
        const receipt = await desk.session.recall(target, options.part ?? null, options.reason);
        const what = options.part ? `Part ${ranges(options.part)} of ${shortRef(target)}` : shortRef(target);
        await answerSaid(
          context,
          receipt,
          `${what} is taken back. "${context.typed('recalls')}" shows who has answered.`,
        );
      });
    });
}

interface AckOptions {
  readonly answer: (typeof answers)[number];
  readonly basis?: (typeof keepBases)[number];
  readonly until?: string;
  readonly reason?: string;
}

export function ackCommand(io: Io): Command {
  return new Command('ack')
    .description('answer a notice: what became of that which was taken back or corrected')
    .argument('<notice>', 'PARTY/ID, or the first digits of the id; "parley tasks" shows them')
    .addOption(choice('--answer <answer>', 'what became of it', answers).makeOptionMandatory())
    .addOption(choice('--basis <basis>', 'on what it is kept', keepBases))
    .option('--until <when>', 'until when it is kept: 90d, 2027-01-31', laterTime)
    .option('--reason <text>', 'in words')
    .addHelpText(
      'after',
      example(
        'parley ack 77ab01c2 --answer destroyed',
        'parley ack 77ab01c2 --answer kept --basis court-order --until 180d',
      ) + shape(saidShape),
    )
    .action(async (text: string, options: AckOptions, command: Command) => {
      const context = contextOf(io, command);
      const { answer, basis = null, until = null, reason } = options;
      const whole = basis !== null && until !== null;
      if (answer === 'kept' && !whole) throw usage('what is kept needs --basis and --until');
      if (answer !== 'kept' && (basis !== null || until !== null))
        throw usage('only what is kept has a --basis and an --until');
      await withSession(context, 'office', async (desk) => {
        const notice = await desk.statement(text);
        const receipt = await desk.session.ack(notice, {
          answer,
          basis,
          until,
          ...(reason === undefined ? {} : { reason }),
        });
        await answerSaid(context, receipt, `Answered: ${answer}.`);
      });
    });
}

export function recallsCommand(io: Io): Command {
  return new Command('recalls')
    .description('what your party took back, corrected or let end, and who has answered')
    .option('--open', 'only those that somebody has not answered')
    .addHelpText(
      'after',
      example('parley recalls --open') +
        shape(
          '{"recalls":[{"statement","target","cause","at","erased",\n "recipients":[{"party","notice","answer","basis","until","at"}]}]}',
        ),
    )
    .action(async (options: { open?: boolean }, command: Command) => {
      const context = contextOf(io, command);
      await withSession(context, 'office', async (desk) => {
        const all = await desk.session.recalls();
        const recalls = options.open
          ? all.filter(({ recipients }) => recipients.some(({ answer }) => answer === null))
          : all;
        const names = await desk.namesOf(
          recalls.flatMap(({ recipients }) => recipients.map(({ party }) => party)),
        );
        const empty = options.open ? 'Everybody has answered.\n' : 'Nothing was taken back.\n';
        await context.answer(
          { recalls },
          recalls.map((recall) => recallText(recall, names)).join('\n') || empty,
        );
      });
    });
}

function recallText(
  { target, cause, at, erased, recipients }: RecallView,
  names: ReadonlyMap<string, string>,
): string {
  const missing = recipients.filter(({ answer }) => answer === null).length;
  const head = `${shortRef(target)}  ${cause} ${time(at)}, ${cause === 'correction' ? '' : erased === null ? 'not yet erased, ' : `erased ${time(erased)}, `}${count(missing, 'answer')} missing of ${recipients.length}\n`;
  const rows = recipients.map((each) => [
    `  ${named(each.party, names)}`,
    each.answer ?? 'not yet',
    each.basis ?? '',
    each.until ? `until ${time(each.until)}` : '',
    each.at ? time(each.at) : nothing,
  ]);
  return head + (rows.length === 0 ? '' : table(['  who had it', 'answer', 'basis', '', 'at'], rows, ''));
}
