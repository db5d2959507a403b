/** Passing on: asking the originator, and answering. And what one's own party owes others. */
import { Refusal } from '@parley/core/errors.ts';
import { answers, subjectAnswers } from '@parley/core/kinds.ts';
import { verdicts } from '@parley/core/kinds-supervision.ts';
import { isA } from '@parley/core/statement.ts';
import type { Because } from '@parley/sdk/law.ts';
import type { Task } from '@parley/sdk/shapes.ts';
import { Command } from 'commander';
import { collect, collectNumbers, example, shape, usage } from '../arguments.ts';
import { contextOf, purposesOf } from '../context.ts';
import { type Desk, withSession } from '../desk.ts';
import { count, named, nothing, partsWord, plain, short, shortRef, table, time } from '../format.ts';
import type { Io } from '../io.ts';
import { keyName } from '../recovery-key.ts';
import { answerSaid, saidShape } from '../said.ts';
import { partsText, unlessAbsent } from '../telling.ts';
import { becauseOf } from './hold.ts';

interface AskOptions {
  readonly to: string;
  readonly part?: number[];
  readonly reason?: string;
  readonly case?: string[];
}

export function askCommand(io: Io): Command {
  return new Command('ask')
    .description('ask the originator to let a third party have what it said')
    .argument('<statement>', 'PARTY/ID, or the first digits of the id')
    .requiredOption('--to <party>', 'who should have it: name, fingerprint, or 8 or more of the first digits')
    .option('--part <numbers>', 'only these parts, such as 0,2-4 (default: all)', collectNumbers)
    .option('--reason <text>', 'why')
    .option('--case <ref>', 'a case that it is part of, to all who see it; again for each', collect)
    .addHelpText(
      'after',
      `${example('parley ask 3f2a91cc --to "Relief Corps" --purpose humanitarian-protection --reason "Their convoy takes that road"')}\n--purpose says for what the third party would have it.\n${shape(saidShape)}`,
    )
    .action(async (text: string, options: AskOptions, command: Command) => {
      const { context, purposes } = purposesOf(contextOf(io, command));
      if (!purposes) throw usage('give the --purpose that the third party would have it for');
      await withSession(context, 'office', async (desk) => {
        const target = await desk.statement(text);
        const to = await desk.party(options.to);
        const about = { to, purposes, parts: options.part ?? null, ...reasonOf(options) };
        const receipt = await desk.session.ask(target, about);
        const names = await desk.names();
        await answerSaid(
          context,
          receipt,
          `${named(target.party, names)} is asked to let ${named(to, names)} have ${shortRef(target)}.`,
        );
      });
    });
}

interface GrantOptions {
  readonly to?: string;
  readonly part?: number[];
}

export function grantCommand(io: Io): Command {
  return new Command('grant')
    .description('let a third party have what your party said: as asked, or by yourself')
    .argument(
      '<statement>',
      'the request that you grant, or the share: PARTY/ID, or the first digits of the id',
    )
    .option('--to <party>', 'who may have it (default: as asked)')
    .option(
      '--part <numbers>',
      'only these parts, such as 0,2-4 (default: as asked, else all)',
      collectNumbers,
    )
    .addHelpText(
      'after',
      `${example('parley grant 9c01d2ee', 'parley grant 3f2a91cc --to "Relief Corps" --purpose humanitarian-protection --part 0')}\n--purpose narrows for what, or says it where nobody asked.\n${shape(saidShape)}`,
    )
    .action(async (text: string, options: GrantOptions, command: Command) => {
      const { context, purposes } = purposesOf(contextOf(io, command));
      await withSession(context, 'office', async (desk) => {
        const given = {
          to: options.to === undefined ? undefined : await desk.party(options.to),
          purposes,
          parts: options.part,
        };
        const { target, ...about } = await grantFor(desk, text, given);
        const receipt = await desk.session.grant(target, about);
        const what = about.parts ? `${partsWord(about.parts)} of ${shortRef(target)}` : shortRef(target);
        await answerSaid(
          context,
          receipt,
          `${named(about.to, await desk.names())} may have ${what}, for ${about.purposes.join(', ')}.`,
        );
      });
    });
}

interface Given {
  readonly to: string | undefined;
  readonly purposes: readonly string[] | undefined;
  readonly parts: readonly number[] | undefined;
}

/** A request says what is wanted; the options narrow it. A share says nothing of it. */
async function grantFor(desk: Desk, text: string, given: Given) {
  const ref = await desk.statement(text);
  const { header } = (await desk.session.receipt(ref)).statement;
  if (isA(header, 'ask/1')) {
    const { target, to, purposes, parts } = header.body;
    const about = {
      to: given.to ?? to,
      purposes: given.purposes ?? purposes,
      parts: given.parts ?? parts,
      ask: ref,
    };
    return { target: roomOf(target, header.room), ...about };
  }
  if (given.to === undefined || given.purposes === undefined)
    throw usage('nobody asked for this: give --to and --purpose');
  return {
    target: roomOf(ref, header.room),
    to: given.to,
    purposes: given.purposes,
    parts: given.parts ?? null,
    ask: null,
  };
}

function roomOf<T extends object>(target: T, room: string | undefined): T & { room?: string } {
  return room === undefined ? target : { ...target, room };
}

export function denyCommand(io: Io): Command {
  return new Command('deny')
    .description('deny what was asked of your party')
    .argument('<request>', 'PARTY/ID, or the first digits of the id')
    .option('--reason <text>', 'for the party that asked')
    .addHelpText(
      'after',
      example('parley deny 9c01d2ee --reason "The source must not be named"') + shape(saidShape),
    )
    .action(async (text: string, options: { reason?: string }, command: Command) => {
      const context = contextOf(io, command);
      await withSession(context, 'office', async (desk) => {
        const request = await desk.statement(text);
        await answerSaid(
          context,
          await desk.session.deny(request, options.reason),
          `The request ${shortRef(request)} is denied.`,
        );
      });
    });
}

function reasonOf(options: Pick<AskOptions, 'reason' | 'case'>): { reason?: Because } {
  const reason = becauseOf(options);
  return reason === undefined ? {} : { reason };
}

export function tasksCommand(io: Io): Command {
  return new Command('tasks')
    .description('what your party owes others, oldest first')
    .addHelpText(
      'after',
      example('parley tasks') +
        shape(
          '{"tasks":[{"what","room","since","statement":{"party","id"},"party","detail","due"}],"attempts":N of the last week}',
        ),
    )
    .action(async (_options: object, command: Command) => {
      const context = contextOf(io, command);
      await withSession(context, 'office', async (desk) => {
        const tasks = await desk.session.tasks();
        const titles = new Map(
          (await desk.rooms()).map(({ room, terms }) => [room, terms?.title ?? short(room)]),
        );
        const rows: string[][] = [];
        for (const task of tasks) {
          const what = await whatIsOwed(desk, task);
          const from = named(task.party, await desk.namesOf([task.party]));
          const room = titles.get(task.room ?? '') ?? '';
          rows.push([time(task.since), what, from, room, dueText(task), answerFor(desk, task)]);
        }
        const takes = answersTaken(tasks);
        const head = ['since', 'what', 'from', 'room', 'due', 'answer with'];
        const attempts = await attemptsOfWeek(desk);
        const tried =
          attempts === 0
            ? ''
            : `\n${count(attempts, 'attempt')} against your party in the last week: ${context.typed('attempts')}\n`;
        await context.answer(
          { tasks, attempts },
          table(head, rows, 'Nothing is owed.', context.columns) + takes + tried,
        );
      });
    });
}

/** None for a device that sees its rooms only: attempts concern the whole party. */
async function attemptsOfWeek({ session }: Desk): Promise<number> {
  const since = Date.now() - 7 * 86_400_000;
  const limited = (error: unknown) => {
    if (error instanceof Refusal && error.code === 'device.limited') return [];
    throw error;
  };
  return (await session.attempts().catch(limited)).filter(({ at }) => Date.parse(at) >= since).length;
}

/** The detail of a notice is its cause, that of a request whom it is for. */
async function whatIsOwed(desk: Desk, { what, statement, detail }: Task): Promise<string> {
  if (what === 'readmission') return `vouches for another device as yours: ${keyName(String(detail))}`;
  if (what === 'hold') return `review of a hold (${plain(String(detail))})`;
  if (what === 'subject') return `${plain(String(detail))} for a person`;
  if (what === 'notice') return typeof detail === 'string' ? `notice of ${detail}` : what;
  if (what === 'complaint')
    return `complaint about ${named(String(detail), await desk.namesOf([String(detail)]))}`;
  if (what === 'classification')
    return `${shortRef(statement)} is ${detail}, and the centre is accredited for less now`;
  if (what !== 'ask') return what;
  const to = typeof detail === 'string' ? detail : null;
  const receipt = await desk.session.receipt(statement).catch(unlessAbsent);
  const header = receipt?.statement.header;
  if (!header || !isA(header, 'ask/1'))
    return to === null ? what : `ask for ${named(to, await desk.names(to))}`;
  const { target, parts, to: third, purposes } = header.body;
  return `ask for ${partsText(target, parts)}, for ${named(third, await desk.names(third))}, ${purposes.join(', ')}`;
}

function dueText({ due }: Task): string {
  if (due === undefined) return nothing;
  return `${time(due)}${Date.parse(due) < Date.now() ? ' OVERDUE' : ''}`;
}

/** What the options take that stand there with dots: an answer is chosen, never pasted. */
function answersTaken(tasks: readonly Task[]): string {
  const open = new Set(tasks.map(({ what }) => what));
  const lines = [
    [open.has('notice'), `ack --answer takes ${listed(answers)}; what is kept needs --basis and --until`],
    [open.has('complaint'), `complaint answer --verdict takes ${listed(verdicts)}`],
    [open.has('subject'), `subject answer --answer takes ${listed(subjectAnswers)}`],
  ].flatMap(([is, line]) => (is ? [`${line}.\n`] : []));
  return lines.length === 0 ? '' : `\n${lines.join('')}`;
}

function listed(words: readonly string[]): string {
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

function answerFor({ context: { typed } }: Desk, { what, room, statement }: Task): string {
  const id = what === 'invitation' || what === 'terms' ? short(room ?? '') : shortRef(statement);
  if (what === 'readmission') return `${typed('party object')}, if that is not you`;
  if (what === 'invitation') return `${typed(`room accept ${id}`)}, or decline`;
  if (what === 'terms') return `${typed(`room accept ${id}`)}, or decline or leave`;
  if (what === 'classification') return `${typed(`recall ${id}`)}, or leave it there`;
  if (what === 'hold') return `${typed(`hold review ${id} --review …`)}, or end`;
  if (what === 'complaint') return typed(`complaint answer ${id} --verdict …`);
  if (what === 'subject') return typed(`subject answer ${id} --answer …`);
  return what === 'ask' ? `${typed(`grant ${id}`)}, or deny` : typed(`ack ${id} --answer …`);
}
