/** Cases: one's own references, which stay in this home, and those that others said. */
import { caseKey, caseText } from '@parley/core/cases.ts';
import type { StatementRef } from '@parley/core/fields.ts';
import { handlingOf } from '@parley/core/statement.ts';
import type { ReadPart } from '@parley/sdk/session.ts';
import { Command } from 'commander';
import { example, shape, usage } from '../arguments.ts';
import { contextOf } from '../context.ts';
import { type Desk, withSession } from '../desk.ts';
import { named, plain, shortRef, table, time } from '../format.ts';
import type { CaseEntry, Home } from '../home.ts';
import type { Io } from '../io.ts';
import { partJson, partRow, partShape } from '../shown.ts';
import { textIn } from '../telling.ts';

export function caseCommand(io: Io): Command {
  return new Command('case')
    .description('case references: file statements under your own, and find what names a case')
    .addCommand(addCommand(io))
    .addCommand(removeCommand(io))
    .addCommand(listCommand(io))
    .addCommand(findCommand(io));
}

const stays = 'Your own references stay in this home: nobody else learns of them, the centre neither.';

function checkedRef(text: string): string {
  if (!caseText.safeParse(text).success) throw usage('a case reference has 1 to 200 characters');
  return plain(text);
}

function addCommand(io: Io): Command {
  return new Command('add')
    .description('file a statement under a case of yours, on this device alone')
    .argument('<ref>', 'the reference, such as 2026/0815-A')
    .argument('<statement>', 'PARTY/ID, or the first digits of the id')
    .addHelpText(
      'after',
      `${example('parley case add "2026/0815-A" 3f2a91cc')}
${stays} To say it to those who see the statement, share with --case.
${shape('{"ref","party","id"}')}`,
    )
    .action(async (text: string, statement: string, _options: object, command: Command) => {
      const context = contextOf(io, command);
      const ref = checkedRef(text);
      await withSession(context, 'office', async (desk) => {
        const target = await desk.statement(statement);
        const others = context.home.cases().filter((entry) => !isSame(entry, ref, target));
        context.home.setCases([...others, { ref, party: target.party, id: target.id }]);
        await context.answer(
          { ref, party: target.party, id: target.id },
          `${shortRef(target)} is filed under ${ref}, in this home alone.\n`,
        );
      });
    });
}

function removeCommand(io: Io): Command {
  return new Command('remove')
    .description('take a statement out of a case of yours')
    .argument('<ref>', 'the reference')
    .argument('[statement]', 'PARTY/ID, or the first digits of the id (default: every one)')
    .addHelpText('after', example('parley case remove "2026/0815-A" 3f2a91cc') + shape('{"removed"}'))
    .action(async (text: string, statement: string | undefined, _options: object, command: Command) => {
      const context = contextOf(io, command);
      const before = context.home.cases();
      const kept = before.filter(
        ({ ref, party, id }) =>
          caseKey(ref) !== caseKey(text) ||
          (statement !== undefined && !`${party}/${id}`.includes(statement.trim().toLowerCase())),
      );
      context.home.setCases(kept);
      const removed = before.length - kept.length;
      await context.answer({ removed }, `Removed ${removed}.\n`);
    });
}

function listCommand(io: Io): Command {
  return new Command('list')
    .description('your own case references, on this device')
    .addHelpText(
      'after',
      `${example('parley case list')}\n${stays}\n${shape('{"cases":[{"ref","party","id"}]}')}`,
    )
    .action(async (_options: object, command: Command) => {
      const context = contextOf(io, command);
      const cases = [...context.home.cases()].sort((a, b) => (a.ref < b.ref ? -1 : 1));
      const rows = cases.map((entry) => [entry.ref, shortRef(entry)]);
      await context.answer({ cases }, table(['case', 'statement'], rows, 'No case references of your own.'));
    });
}

function findCommand(io: Io): Command {
  return new Command('find')
    .description('everything under a case: what you filed yourself, and what others said belongs to it')
    .argument('<ref>', 'the reference; capitals and spaces do not count')
    .option('--room <room>', 'its title, its id, or 8 or more of the first digits (default: all rooms)')
    .addHelpText(
      'after',
      `${example('parley case find "2026/0815-A" --purpose event-security')}
What others said is searched at the centre, which learns the reference. One of your own is not sent there without
--said; with --own nothing is sent at all.
${shape(`{"own":[{"party","id"}],"said":null or [part…]}, a part as "parley read --json" prints it:\n${partShape}`)}`,
    )
    .option('--own', 'only what you filed yourself: nothing is sent')
    .option('--said', 'what others said, too, where the reference is one of your own')
    .action(async (text: string, options: FindOptions, command: Command) => {
      const context = contextOf(io, command);
      const ref = checkedRef(text);
      const own = ownUnder(context.home, ref);
      if (options.own || (own.length > 0 && !options.said)) {
        const filed = table(['filed here'], own.map(row), 'Nothing is filed here.');
        const more = options.own
          ? ''
          : '\nIt is your own, so it was not sent; --said searches what others said, too.\n';
        return context.answer({ own, said: null }, `${filed}${more}`);
      }
      await withSession(context, 'content', async (desk) => {
        const room = options.room === undefined ? {} : { room: (await desk.room(options.room)).room };
        const said: ReadPart[] = [];
        for await (const part of desk.session.naming(ref, room)) said.push(part);
        const human = await foundText(desk, own, said);
        await context.answer({ own, said: said.map(partJson) }, human);
      });
    });
}

interface FindOptions {
  readonly room?: string;
  readonly own?: boolean;
  readonly said?: boolean;
}

function ownUnder(home: Home, text: string): StatementRef[] {
  const key = caseKey(text);
  return home
    .cases()
    .filter(({ ref }) => caseKey(ref) === key)
    .map(({ party, id }) => ({ party, id }));
}

async function foundText(
  desk: Desk,
  own: readonly StatementRef[],
  said: readonly ReadPart[],
): Promise<string> {
  const names = await desk.names(...said.map(({ statement }) => statement.header.party));
  const rows = said.map((part) => {
    const { header } = part.statement;
    const title = handlingOf(header)
      ? `${partRow(part, names).title}${aboutText(part)}`
      : (textIn(part.object, 'reason') ?? '');
    return [
      time(part.added),
      `${shortRef(header)}#${part.n}`,
      named(header.party, names),
      header.kind,
      title,
    ];
  });
  const filed =
    own.length === 0
      ? `Nothing of your own is filed under it on this device${rows.length === 0 ? '.' : '; others said:'}\n`
      : table(['filed here'], own.map(row), '');
  return `${filed}\n${table(['when', 'where', 'said by', 'kind', 'what'], rows, 'Others have said nothing of it that you may see.')}`;
}

/** What a note files. */
function aboutText({ object }: ReadPart): string {
  const { object_refs: refs } = object as { object_refs?: unknown };
  if (!Array.isArray(refs) || refs.length === 0) return '';
  return ` (on ${plain(String(refs[0]))}${refs.length > 1 ? ` and ${refs.length - 1} more` : ''})`;
}

function row(ref: StatementRef): string[] {
  return [shortRef(ref)];
}

function isSame(entry: CaseEntry, ref: string, { party, id }: StatementRef): boolean {
  return caseKey(entry.ref) === caseKey(ref) && entry.party === party && entry.id === id;
}
