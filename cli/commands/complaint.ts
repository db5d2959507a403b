/** Complaining of misuse, and answering for it. */
import { instantOf } from '@parley/core/fields.ts';
import { kinds } from '@parley/core/kinds.ts';
import { type Verdict, verdicts } from '@parley/core/kinds-supervision.ts';
import { readPart } from '@parley/core/parts.ts';
import type { Because } from '@parley/sdk/law.ts';
import type { Complaint } from '@parley/sdk/supervision.ts';
import { Command } from 'commander';
import { choice, collect, example, shape, usage } from '../arguments.ts';
import { contextOf } from '../context.ts';
import { type Desk, withSession } from '../desk.ts';
import { card, named, partsWord, shortRef, time, titleOf } from '../format.ts';
import type { Io } from '../io.ts';
import { answerSaid, saidShape } from '../said.ts';
import { partsText, unlessAbsent } from '../telling.ts';

interface ComplainOptions {
  readonly room: string;
  readonly about?: string;
  readonly statement?: string;
  readonly reason: string;
  readonly case?: string[];
}

/** A complaint and its answer are in words: who is concerned must know what for. */
function because({ reason, case: cases }: Pick<ComplainOptions, 'reason' | 'case'>): Because {
  return { reason, ...(cases ? { cases } : {}) };
}

export function complainCommand(io: Io): Command {
  return new Command('complain')
    .description('say that a party misused something: to it, and to who supervises the room')
    .requiredOption('--room <room>', 'where: an id, its first digits, or a title')
    .option('--about <party>', 'of whom: a name or a fingerprint (default: who said the statement)')
    .option('--statement <statement>', 'what was misused, or is the misuse: PARTY/ID, or its first digits')
    .requiredOption('--reason <text>', 'what happened, in words')
    .option('--case <ref>', 'a case that it is part of, to all who see it; again for each', collect)
    .addHelpText(
      'after',
      `${example('parley complain --room "Summit 2026" --about Sudmark --statement 3f2a91cc --reason "It stood in a newspaper"')}
Your own statement you can take back from that party at once: parley recall 3f2a91cc --from Sudmark
${shape(saidShape)}`,
    )
    .action(async (options: ComplainOptions, command: Command) => {
      const context = contextOf(io, command);
      await withSession(context, 'office', async (desk) => {
        const room = await desk.room(options.room);
        const statement = options.statement === undefined ? null : await desk.statement(options.statement);
        const about = options.about === undefined ? statement?.party : await desk.party(options.about);
        if (about === undefined) throw usage('name a party with --about, or a --statement of it');
        if (about === desk.profile.party) throw usage('it is your own: name with --about who misused it');
        const said = { about, statement, because: because(options) };
        const receipt = await desk.session.complain(room.room, said);
        const decides = room.supervisor?.accepted === true && room.supervisor.party !== about;
        const names = await desk.namesOf([
          about,
          ...(decides && room.supervisor ? [room.supervisor.party] : []),
        ]);
        const who =
          decides && room.supervisor ? ` and ${named(room.supervisor.party, names)}, who decides it,` : '';
        await answerSaid(
          context,
          receipt,
          `${named(about, names)}${who} see${decides ? '' : 's'} your complaint in "${titleOf(room)}". "${context.typed('complaints')}" shows what is answered.`,
        );
      });
    });
}

export function complaintCommand(io: Io): Command {
  return new Command('complaint')
    .description('answer a complaint about your party, or in a room that it supervises')
    .addCommand(answerCommand(io));
}

interface AnswerOptions {
  readonly verdict: Verdict;
  readonly reason: string;
  readonly case?: string[];
}

function answerCommand(io: Io): Command {
  return new Command('answer')
    .description('answer a complaint, once; the answer of who supervises closes it')
    .argument('<complaint>', 'PARTY/ID, or the first digits of the id; "parley complaints" shows them')
    .addOption(choice('--verdict <verdict>', 'whether it is right', verdicts).makeOptionMandatory())
    .requiredOption('--reason <text>', 'in words')
    .option('--case <ref>', 'a case that it is part of, to all who see it; again for each', collect)
    .addHelpText(
      'after',
      example(
        'parley complaint answer 51aa07be --verdict answered --reason "The officer was disciplined"',
        'parley complaint answer 51aa07be --verdict upheld --reason "Against paragraph 4 of the terms"',
      ) + shape(saidShape),
    )
    .action(async (text: string, options: AnswerOptions, command: Command) => {
      const context = contextOf(io, command);
      await withSession(context, 'office', async (desk) => {
        const complaint = await desk.statement(text);
        const about = { verdict: options.verdict, because: because(options) };
        const receipt = await desk.session.answerComplaint(complaint, about);
        await answerSaid(
          context,
          receipt,
          `The complaint ${shortRef(complaint)} is answered: ${options.verdict}.`,
        );
      });
    });
}

export function complaintsCommand(io: Io): Command {
  return new Command('complaints')
    .description('complaints by your party, about it, or for it to decide, with what was answered')
    .option('--room <room>', 'of one room')
    .option('--open', 'only those that are not decided')
    .addHelpText(
      'after',
      example('parley complaints --open') +
        shape(
          '{"complaints":[{"statement","room","author","about","target","supervisor","at","open","reason",\n "answers":[{"statement","party","verdict","at","reason"}],\n "openings":[{"statement","target","parts","until","at"}]}]}',
        ),
    )
    .action(async (options: { room?: string; open?: boolean }, command: Command) => {
      const context = contextOf(io, command);
      await withSession(context, 'office', async (desk) => {
        const room = options.room === undefined ? undefined : (await desk.room(options.room)).room;
        const all = await desk.session.complaints(room);
        const complaints = [];
        for (const one of all.filter(({ open }) => open || !options.open))
          complaints.push(await withWords(desk, one));
        const cards = await Promise.all(complaints.map((one) => cardOf(desk, one)));
        await context.answer({ complaints }, cards.join('\n') || 'There are no complaints.\n');
      });
    });
}

type Worded = Omit<Complaint, 'answers'> & {
  readonly reason: string | null;
  readonly answers: readonly (Complaint['answers'][number] & { readonly reason: string | null })[];
};

async function withWords(desk: Desk, complaint: Complaint): Promise<Worded> {
  const answers = [];
  for (const answer of complaint.answers)
    answers.push({ ...answer, reason: await reasonOf(desk, answer.statement) });
  return { ...complaint, reason: await reasonOf(desk, complaint.statement), answers };
}

/** Null where it was taken back. */
async function reasonOf({ session }: Desk, ref: Complaint['statement']): Promise<string | null> {
  const whole = await session.statement(ref).catch(unlessAbsent);
  const part = whole?.parts[0]?.part;
  return part ? readPart(kinds['complaint.lodge/1'].parts.one, part.bytes).reason : null;
}

async function cardOf(desk: Desk, complaint: Worded): Promise<string> {
  const { statement, author, about, target, supervisor, at, open, reason, answers, openings } = complaint;
  const parties = [author, about, ...(supervisor ? [supervisor] : []), ...answers.map(({ party }) => party)];
  const names = await desk.namesOf(parties);
  return card(`${shortRef(statement)}  ${time(at)}  ${open ? 'open' : 'decided'}`, [
    ['by', named(author, names)],
    ['about', named(about, names)],
    ['statement', target && shortRef(target)],
    ['decided by', supervisor ? named(supervisor, names) : null],
    ['says', reason ?? 'taken back'],
    ...answers.map(
      ({ party, verdict, at: when, reason: words }) =>
        [verdict, `${named(party, names)}, ${time(when)}: ${words ?? 'taken back'}`] as const,
    ),
    ...openings.map(
      ({ statement: { party }, target: opened, parts, until }) =>
        [
          'opened',
          `${parts ? `${partsWord(parts)} of ` : ''}${partsText(opened, null)}, to who supervises, ${endOf(
            until,
            answers.find((answer) => answer.party === party)?.at,
          )}`,
        ] as const,
    ),
  ]);
}

/** The answer of who opened it ends it sooner. */
function endOf(until: string, answered: string | undefined): string {
  return answered !== undefined && instantOf(answered) < instantOf(until)
    ? `ended ${time(answered)} with the answer`
    : `until ${time(until)}`;
}
