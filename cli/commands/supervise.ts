/** Supervising a room: who read what and why, numbers, and content where a complaint asks for it. */
import { Refusal } from '@parley/core/errors.ts';
import type { StatementRef } from '@parley/core/fields.ts';
import { handlingOf } from '@parley/core/statement.ts';
import { Command } from 'commander';
import { collectNumbers, example, laterTime, shape, time as timeOption, usage, whole } from '../arguments.ts';
import { contextOf } from '../context.ts';
import { type Desk, withSession } from '../desk.ts';
import { capital, named, partsWord, ranges, ref, short, shortRef, table, time } from '../format.ts';
import { type Io, write } from '../io.ts';
import { statementAmong, typedStatement } from '../names.ts';
import { answerSaid, saidShape } from '../said.ts';
import { unlessAbsent } from '../telling.ts';
import { becauseOf, withWords } from './hold.ts';
import { roomArgument } from './room-members.ts';

export function superviseCommand(io: Io): Command {
  return new Command('supervise')
    .description(
      'a room whose terms name your party as the supervisor: accesses, numbers, content for a case',
    )
    .addCommand(accessesCommand(io))
    .addCommand(statisticsCommand(io))
    .addCommand(openCommand(io));
}

function accessesCommand(io: Io): Command {
  return new Command('accesses')
    .description('who read what in the room, for what and with which justification, newest first; recorded')
    .argument(...roomArgument)
    .option('--limit <n>', 'no more than this', whole(1, 1_000_000_000))
    .addHelpText(
      'after',
      `${example('parley supervise accesses "Summit 2026" --limit 50')}
Of parties that accepted terms which name yours. People and devices are pseudonyms that their party resolves.
${shape('a line each: {"at","party","device","person","purpose","justification","route","statements":[{"party","id","parts":[N]}]}')}`,
    )
    .action(async (text: string, options: { limit?: number }, command: Command) => {
      const context = contextOf(io, command);
      await withSession(context, 'office', async (desk) => {
        const { room } = await desk.room(text);
        let left = options.limit ?? Number.POSITIVE_INFINITY;
        let found = 0;
        for await (const access of desk.session.supervisedAccesses(room)) {
          if (left-- <= 0) break;
          found++;
          const { at, party, device, person, purpose, justification, statements } = access;
          const who = `${named(party, await desk.namesOf([party]))}, ${person === null ? '' : `${person} at `}device ${short(device)}`;
          const why = justification === null ? '' : ` ("${justification}")`;
          const what = statements
            .map(({ parts, ...statement }) => `${shortRef(statement)}#${ranges(parts)}`)
            .join(' ');
          const row = `${time(at)}  ${who}  ${purpose}${why}  ${what}\n`;
          await write(io.stdout, context.json ? `${JSON.stringify(access)}\n` : row);
        }
        if (found === 0 && !context.json) await write(io.stdout, 'Nothing was read.\n');
      });
    });
}

function statisticsCommand(io: Io): Command {
  return new Command('statistics')
    .description('accesses by party and purpose, complaints by addressee and verdict')
    .argument(...roomArgument)
    .option(
      '--since <when>',
      'accesses since then, at most 366 days back (default: of the last 90 days)',
      timeOption,
    )
    .addHelpText(
      'after',
      example('parley supervise statistics "Summit 2026" --since 2026-01-01') +
        shape(
          '{"room","from","accesses":[{"party","purpose","accesses","parts","justified"}],\n "complaints":[{"about","verdict","count"}]}',
        ),
    )
    .action(async (text: string, options: { since?: string }, command: Command) => {
      const context = contextOf(io, command);
      await withSession(context, 'office', async (desk) => {
        const { room } = await desk.room(text);
        const numbers = await desk.session.statistics(room, options.since);
        const { from, accesses, complaints } = numbers;
        const names = await desk.namesOf([
          ...accesses.map(({ party }) => party),
          ...complaints.map(({ about }) => about),
        ]);
        const read = table(
          ['party', 'purpose', 'accesses', 'parts', 'justified'],
          accesses.map(({ party, purpose, accesses, parts, justified }) => [
            named(party, names),
            purpose,
            `${accesses}`,
            `${parts}`,
            `${justified}`,
          ]),
          'Nothing was read.',
        );
        const said = table(
          ['complaints about', 'verdict', 'number'],
          complaints.map(({ about, verdict, count }) => [named(about, names), verdict ?? 'open', `${count}`]),
          'There were no complaints.',
        );
        await context.answer({ room, ...numbers }, `Since ${time(from)}\n${read}\n${said}`);
      });
    });
}

interface OpenOptions {
  readonly statement?: string;
  readonly part?: number[];
  readonly until: string;
  readonly reason?: string;
  readonly case?: string[];
}

/** With a minute for clocks that differ: the centre looks, too. */
const longest = 30 * 86_400_000 + 60_000;

function openCommand(io: Io): Command {
  const command = new Command('open')
    .description('open to your party content that an open complaint is about; those concerned see it')
    .argument('<complaint>', 'PARTY/ID, or the first digits of the id; "parley complaints" shows them')
    .option(
      '--statement <statement>',
      'what: PARTY/ID, or its first digits among the accesses (default: what the complaint names)',
    )
    .option('--part <numbers>', 'only these parts, such as 0,2-4 (default: all)', collectNumbers)
    .requiredOption('--until <when>', 'for how long, at most 30 days: 7d, 2027-01-31', laterTime);
  return withWords(command, 'why it is needed, for those who see the opening')
    .addHelpText(
      'after',
      `${example('parley supervise open 51aa07be --until 7d --part 0')}
Its author, the one complained of and who complained of it see what was opened. It ends with your answer.
${shape(saidShape)}`,
    )
    .action(async (text: string, options: OpenOptions, command: Command) => {
      const context = contextOf(io, command);
      const because = becauseOf(options);
      if (Date.parse(options.until) > Date.now() + longest)
        throw usage('--until is at most 30 days from now');
      await withSession(context, 'office', async (desk) => {
        const complaint = await desk.statement(text);
        const known = (await desk.session.complaints()).find(
          ({ statement }) => statement.party === complaint.party && statement.id === complaint.id,
        );
        if (!known) throw new Refusal('target.unknown', { detail: `no complaint ${shortRef(complaint)}` });
        const target =
          options.statement === undefined ? known.target : await among(desk, known.room, options.statement);
        if (target === null) throw usage('the complaint names no statement: give --statement');
        const receipt = await desk.session.openContent(
          { ...target, room: known.room },
          { complaint, until: options.until, parts: options.part ?? null, ...(because ? { because } : {}) },
        );
        const what = options.part
          ? `${capital(partsWord(options.part))} of ${shortRef(target)}`
          : shortRef(target);
        const { purpose } = desk.session.current;
        const first = (await needsJustification(desk, target))
          ? `It holds personal data. First: ${context.typed(`open --purpose ${purpose} --justification "…"`)}\n`
          : '';
        await answerSaid(
          context,
          receipt,
          `${what} is open to your party until ${time(options.until)}, or until it answers the complaint.\n${first}Read it: ${context.typed(`show ${ref(target)}`)}`,
        );
      });
    });
}

async function needsJustification({ session }: Desk, target: StatementRef): Promise<boolean> {
  if (session.current.justified) return false;
  const receipt = await session.receipt(target).catch(unlessAbsent);
  return Boolean(receipt && handlingOf(receipt.statement.header)?.personal);
}

/** What is not open yet is known by the accesses to it. */
async function among({ session }: Desk, room: string, text: string): Promise<StatementRef> {
  const typed = typedStatement(text);
  if ('ref' in typed) return typed.ref;
  async function* read(): AsyncGenerator<StatementRef> {
    const seen = new Set<string>();
    for await (const { statements } of session.supervisedAccesses(room))
      for (const { party, id } of statements) {
        if (seen.has(id)) continue;
        seen.add(id);
        yield { party, id };
      }
  }
  return statementAmong(typed.prefix, typed.party, read());
}
