/** Taking back, and answering for what others took back. */
import { answers, keepBases } from '@parley/core/kinds.ts';
import type { RecallView } from '@parley/sdk/shapes.ts';
import { Command } from 'commander';
import {
  choice,
  collect,
  collectList,
  collectNumbers,
  example,
  laterTime,
  shape,
  usage,
} from '../arguments.ts';
import { contextOf } from '../context.ts';
import { withSession } from '../desk.ts';
import { capital, count, named, nothing, partsWord, shortRef, table, time } from '../format.ts';
import type { Io } from '../io.ts';
import { answerSaid, saidShape } from '../said.ts';
import { becauseOf } from './hold.ts';

interface RecallOptions {
  readonly part?: number[];
  readonly from?: string[];
  readonly reason?: string;
  readonly case?: string[];
}

export function recallCommand(io: Io): Command {
  return new Command('recall')
    .description('take back what your party said; everyone who had it is told, and must answer')
    .argument('<statement>', 'PARTY/ID, or the first digits of the id')
    .option('--part <numbers>', 'only these parts, such as 0,2-4 (default: all)', collectNumbers)
    .option(
      '--from <parties>',
      'only from these parties, with commas; others keep it, and these are told if they had it',
      collectList,
    )
    .option('--reason <text>', 'for those who had it')
    .option('--case <ref>', 'a case that it is part of, to all who see it; again for each', collect)
    .addHelpText(
      'after',
      example(
        'parley recall 3f2a91cc --part 1 --reason "The source withdrew it"',
        'parley recall 3f2a91cc --from Sudmark',
      ) + shape(saidShape),
    )
    .action(async (text: string, options: RecallOptions, command: Command) => {
      const context = contextOf(io, command);
      const because = becauseOf(options);
      await withSession(context, 'office', async (desk) => {
        const target = await desk.statement(text);
        const from = options.from && (await Promise.all(options.from.map(desk.party)));
        const about = from ? { from: [...new Set(from)].sort() } : {};
        const receipt = await desk.session.recall(target, options.part ?? null, because, about);
        const what = options.part
          ? `${capital(partsWord(options.part))} of ${shortRef(target)}`
          : shortRef(target);
        const alone = from
          ? ` from ${listed(from, await desk.namesOf(from))} only; a grant said later opens it again, and copies that others shared of the same object are theirs`
          : '';
        await answerSaid(
          context,
          receipt,
          `${what} is taken back${alone}. "${context.typed('recalls')}" shows who has answered.`,
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
        const end = basis && until ? `, on ${basis}, until ${time(until)}` : '';
        await answerSaid(context, receipt, `Answered: ${answer}${end}.`);
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
          '{"recalls":[{"statement","target","cause","from","at","erased","held",\n "recipients":[{"party","notice","answer","basis","until","at"}]}]}',
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
          recalls.flatMap(({ recipients, from }) => [
            ...recipients.map(({ party }) => party),
            ...(from ?? []),
          ]),
        );
        const empty = options.open ? 'Everybody has answered.\n' : 'Nothing was taken back.\n';
        await context.answer(
          { recalls },
          recalls.map((recall) => recallText(recall, names)).join('\n') || empty,
        );
      });
    });
}

function listed(parties: readonly string[], names: ReadonlyMap<string, string>): string {
  return parties.map((party) => named(party, names)).join(', ');
}

/** What became of the bytes. */
function remains({ cause, from, erased, held }: RecallView): string {
  if (cause === 'correction' || from !== null) return '';
  if (held.length > 0) return `held: ${partsWord(held)} hidden and not erased, `;
  return erased === null ? 'not yet erased, ' : `erased ${time(erased)}, `;
}

function recallText(recall: RecallView, names: ReadonlyMap<string, string>): string {
  const { target, cause, at, from, recipients } = recall;
  const missing = recipients.filter(({ answer }) => answer === null).length;
  const alone = from === null ? '' : ` from ${listed(from, names)} only`;
  const head = `${shortRef(target)}  ${cause}${alone} ${time(at)}, ${remains(recall)}${count(missing, 'answer')} missing of ${recipients.length}\n`;
  const rows = recipients.map((each) => [
    named(each.party, names),
    each.answer ?? 'not yet',
    each.basis ?? '',
    each.until ? `until ${time(each.until)}${Date.parse(each.until) < Date.now() ? ' (over)' : ''}` : '',
    each.at ? time(each.at) : nothing,
  ]);
  if (rows.length === 0) return head;
  return head + table(['who had it', 'answer', 'basis', '', 'at'], rows, '').replace(/^(?=.)/gm, '  ');
}
