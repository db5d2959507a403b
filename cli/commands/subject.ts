/** Persons on whom there is data: finding it, asking its originators, and answering them, by the deadlines. */
import { refusalBases, subjectAnswers, subjectRequests } from '@parley/core/kinds.ts';
import { handlingOf } from '@parley/core/statement.ts';
import type { SubjectRequest } from '@parley/sdk/shapes-law.ts';
import { type Found, findPerson } from '@parley/sdk/subject.ts';
import { Command } from 'commander';
import { choice, collectNumbers, example, laterTime, shape, usage } from '../arguments.ts';
import { contextOf } from '../context.ts';
import { type Desk, withSession } from '../desk.ts';
import { count, named, nothing, plain, shortRef, table, time, titleOf } from '../format.ts';
import type { Io } from '../io.ts';
import { withProgress } from '../progress.ts';
import { answerSaid, saidShape } from '../said.ts';
import { partsText } from '../telling.ts';
import { becauseOf, withWords } from './hold.ts';

export function subjectCommand(io: Io): Command {
  return new Command('subject')
    .description('a person asks what is held on them: find it, ask its originators, answer, keep deadlines')
    .addCommand(findCommand(io))
    .addCommand(askCommand(io))
    .addCommand(answerCommand(io))
    .addCommand(listCommand(io));
}

function findCommand(io: Io): Command {
  return new Command('find')
    .description('search what you may see for a person; the search runs here, and the name goes to nobody')
    .argument('<name>', 'in quotes; capitals, accents and the order of the words do not count')
    .option('--room <room>', 'its title, its id, or 8 or more of the first digits (default: all rooms)')
    .addHelpText(
      'after',
      `${example('parley open --purpose criminal-investigation --justification "DSR 2026/31"', 'parley subject find "Maria Müller"')}
Every object that you may see for the purpose is read and verified; the reads are recorded with your justification,
without which nothing is searched. What another purpose opens is not searched: "locked" in the answer counts it.
${shape('{"purpose","searched","found":[{"party","id","n","room","type","fields","personal","until","own"}],\n "locked":[{"room","party","type","count","needs"}]}')}`,
    )
    .action(async (name: string, { room }: { room?: string }, command: Command) => {
      const context = contextOf(io, command);
      await withSession(context, 'content', async (desk) => {
        if (!desk.session.current.justified)
          throw usage(
            `data on persons is read with a justification, which is recorded: ${context.typed(`open --purpose ${desk.session.current.purpose} --justification "…"`)}`,
          );
        await find(desk, name, room);
      });
    });
}

async function find(desk: Desk, name: string, room: string | undefined): Promise<void> {
  const { context, session } = desk;
  const rooms =
    room === undefined
      ? (await desk.rooms()).filter(({ relation }) => relation !== 'invited')
      : [await desk.room(room)];
  const found: Found[] = [];
  let searched = 0;
  await withProgress(context.io, 'Searching', async (report) => {
    const onProgress = (objects: number) => {
      searched = objects;
      report({ done: objects, total: null });
    };
    const ids = rooms.map((each) => each.room);
    for await (const one of findPerson(session, name, { rooms: ids, onProgress })) found.push(one);
  });
  const locked = [];
  for (const each of rooms)
    for (const one of await session.locked(each.room)) locked.push({ room: each.room, ...one });
  const rows = found.map((one) => foundRow(one, session.party));
  const titles = new Map(rooms.map((each) => [each.room, titleOf(each)]));
  const names = await desk.names(...rows.map(({ party }) => party));
  const { purpose } = session.current;
  await context.answer(
    { purpose, searched, found: rows, locked },
    foundText(
      desk,
      { rows, searched, locked: locked.reduce((sum, { count: n }) => sum + n, 0) },
      names,
      titles,
    ),
  );
}

function foundRow({ part, fields }: Found, self: string) {
  const { statement, n, object } = part;
  const { party, id, room = null } = statement.header;
  const type = (object as { type?: unknown }).type;
  const handling = handlingOf(statement.header);
  return {
    ...{ party, id, n, room, type: typeof type === 'string' ? type : '', fields },
    personal: handling?.personal ?? false,
    until: handling?.until ?? null,
    own: party === self,
  };
}

type FoundRow = ReturnType<typeof foundRow>;

function foundText(
  { context: { typed }, session }: Desk,
  { rows, searched, locked }: { rows: readonly FoundRow[]; searched: number; locked: number },
  names: ReadonlyMap<string, string>,
  titles: ReadonlyMap<string, string>,
): string {
  const lines = rows.map((row) => [
    `${shortRef(row)}#${row.n}`,
    row.own ? 'your party' : named(row.party, names),
    titles.get(row.room ?? '') ?? '',
    row.type,
    row.fields.join(' '),
    row.personal
      ? row.personal.map(({ category, nature }) => `${category}: ${nature}`).join(', ')
      : 'not marked',
    time(row.until),
  ]);
  const head = `Searched ${count(searched, 'object')} that you may see for ${session.current.purpose}.\n`;
  const list = table(
    ['where', 'said by', 'room', 'type', 'in', 'personal data', 'until'],
    lines,
    'The person is not found in it.',
  );
  const more =
    locked > 0
      ? `\nNot searched: ${count(locked, 'object')} that another purpose opens ("${typed('locked')}").\n`
      : '';
  const next = rows.some(({ own }) => !own)
    ? `\nAsk an originator with "${typed('subject ask STATEMENT --request access --due 30d --reason …')}".\n`
    : '';
  return `${head}\n${list}${more}${next}`;
}

interface AskOptions {
  readonly request: (typeof subjectRequests)[number];
  readonly due?: string;
  readonly part?: number[];
  readonly reason?: string;
  readonly case?: string[];
}

function askCommand(io: Io): Command {
  const command = new Command('ask')
    .description('ask whoever said it, for a person: access, rectification or erasure')
    .argument('<statement>', 'PARTY/ID, or the first digits of the id')
    .addOption(choice('--request <what>', 'what the person asks for', subjectRequests).makeOptionMandatory())
    .option('--due <when>', 'by when it must be answered: 2w, 2027-01-31 (default: 30d)', laterTime)
    .option('--part <numbers>', 'only these parts, such as 0,2-4 (default: all)', collectNumbers);
  return withWords(command, 'who asks and for what: you and the originator alone see it')
    .addHelpText(
      'after',
      example(
        'parley subject ask 3f2a91cc --request erasure --due 30d --reason "Maria Müller, born 1980: the charge was dropped"',
      ) + shape(saidShape),
    )
    .action(async (text: string, options: AskOptions, command: Command) => {
      const context = contextOf(io, command);
      const because = becauseOf(options);
      if (!because) throw usage('give the --reason: the originator must know who asks, and for what');
      const { request, due = inThirtyDays(), part: parts = null } = options;
      await withSession(context, 'office', async (desk) => {
        const target = await desk.statement(text);
        const receipt = await desk.session.requestSubject(target, { request, due, parts, because });
        const names = await desk.names();
        await answerSaid(
          context,
          receipt,
          `${named(target.party, names)} is asked for ${request} of ${partsText(target, parts)}, due ${time(due)}.`,
        );
      });
    });
}

/** GDPR, Art. 12(3): a month. */
function inThirtyDays(): string {
  return new Date(Date.now() + 30 * 86_400_000).toISOString();
}

interface AnswerOptions {
  readonly answer: (typeof subjectAnswers)[number];
  readonly basis?: (typeof refusalBases)[number];
  readonly reason?: string;
  readonly case?: string[];
}

function answerCommand(io: Io): Command {
  const command = new Command('answer')
    .description('answer what a person asked of your party through another')
    .argument('<request>', 'PARTY/ID, or the first digits of the id; "parley subject list" shows them')
    .addOption(choice('--answer <answer>', 'what was done', subjectAnswers).makeOptionMandatory())
    .addOption(choice('--basis <basis>', 'on what it is refused, wholly or in part', refusalBases));
  return withWords(command, 'in words: you and the party that asked alone see it')
    .addHelpText(
      'after',
      `${example('parley subject answer 0b7d8f60 --answer done', 'parley subject answer 0b7d8f60 --answer refused --basis ongoing-inquiry')}
Erasing and rectifying are done first: take the statement back, or share a newer version.
${shape(saidShape)}`,
    )
    .action(async (text: string, options: AnswerOptions, command: Command) => {
      const context = contextOf(io, command);
      const { answer, basis = null } = options;
      if (answer === 'done' && basis !== null) throw usage('what is done has no --basis');
      if (answer !== 'done' && basis === null) throw usage('what is refused needs a --basis');
      const because = becauseOf(options);
      await withSession(context, 'office', async (desk) => {
        const request = await desk.statement(text);
        const about = { answer, basis, ...(because ? { because } : {}) };
        const receipt = await desk.session.answerSubject(request, about);
        await answerSaid(context, receipt, `The request ${shortRef(request)} is answered: ${answer}.`);
      });
    });
}

function listCommand(io: Io): Command {
  return new Command('list')
    .description('what persons asked through your party, and of it, by the deadlines')
    .option('--open', 'only what is not answered')
    .addHelpText(
      'after',
      example('parley subject list --open') +
        shape(
          '{"requests":[{"statement","target","room","parts","asker","originator","request","due","at",\n "answer","basis","answered","overdue"}]}',
        ),
    )
    .action(async ({ open = false }: { open?: boolean }, command: Command) => {
      const context = contextOf(io, command);
      await withSession(context, 'office', async (desk) => {
        const all = await desk.session.subjectRequests();
        const requests = open ? all.filter(({ answer }) => answer === null) : all;
        const names = await desk.namesOf(requests.flatMap(({ asker, originator }) => [asker, originator]));
        const rows = requests.map((request) => requestRow(request, desk.session.party, names));
        await context.answer(
          { requests },
          table(['due', 'request', 'about', 'who', 'answer', 'basis'], rows, 'Nothing was asked.'),
        );
      });
    });
}

function requestRow(
  {
    statement,
    target,
    parts,
    asker,
    originator,
    request,
    due,
    answer,
    basis,
    answered,
    overdue,
  }: SubjectRequest,
  self: string,
  names: ReadonlyMap<string, string>,
): string[] {
  const who = asker === self ? `you ask ${named(originator, names)}` : `${named(asker, names)} asks you`;
  const state = answer === null ? 'open' : `${answer}, ${time(answered)}`;
  return [
    `${time(due)}${overdue ? ' OVERDUE' : ''}`,
    `${request} ${shortRef(statement)}`,
    partsText(target, parts),
    plain(who),
    state,
    basis ?? nothing,
  ];
}
