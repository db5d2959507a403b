/** Who could read what one's own party said, who did, and why the others cannot. */
import type { Ability, Reading } from '@parley/sdk/shapes.ts';
import { Command } from 'commander';
import { example, shape } from '../arguments.ts';
import { contextOf } from '../context.ts';
import { withSession } from '../desk.ts';
import { named, nothing, ranges, table, time } from '../format.ts';
import type { Io } from '../io.ts';

/** The rules of spec/release.md, as an answer to "why?". */
const why: Readonly<Record<string, string>> = {
  public: 'it is public',
  member: 'is a member',
  grant: 'it was passed on to it',
  supervision: 'supervises, and opened it for a case',
  'taken-back': 'it was taken back',
  withheld: 'you took it back from this party, or withhold what you owed it in return',
  'not-addressed': 'it is not for this party',
  'not-named': 'your handling names others',
  'joined-later': 'came later than it was said, and the terms hide the past',
  'not-for-this-role': 'observes or supervises, and it is for members',
  suspended: 'is suspended in the room',
  ended: 'its end has come',
  purpose: 'the terms it accepts now allow none of its purposes',
  justification: 'gives no justification',
  roster: 'you do not see who is in this room',
};

export function audienceCommand(io: Io): Command {
  return new Command('audience')
    .description('who could read now what your party said, who did, and which rule denies the others')
    .argument('<statement>', 'PARTY/ID, or the first digits of the id')
    .addHelpText(
      'after',
      example('parley audience 3f2a91cc') +
        shape(
          '{"statement":{"party","id"},\n "audience":[{"party" (null: anybody),"parts":[N],"could","rule","purposes":[ID],"justification"}],\n "readers":[{"party","purpose","at","parts":[N]}]}',
        ),
    )
    .action(async (text: string, _options: object, command: Command) => {
      const context = contextOf(io, command);
      await withSession(context, 'office', async (desk) => {
        const statement = await desk.statement(text);
        const audience = await desk.session.audience(statement);
        const readers = await desk.session.readers(statement);
        const parties = [...audience, ...readers].flatMap(({ party }) => (party === null ? [] : [party]));
        const names = await desk.namesOf(parties);
        // Who could comes first: that is what was asked.
        const ordered = [...audience].sort((one, other) => Number(other.could) - Number(one.could));
        const rows = ordered.map((ability) => rowOf(ability, readers, names));
        const head = ['party', 'parts', 'could', 'for', 'why', 'has read'];
        await context.answer(
          { statement, audience, readers },
          table(head, rows, 'There is nobody else in this room that you may know of.', context.columns),
        );
      });
    });
}

function rowOf(ability: Ability, readers: readonly Reading[], names: ReadonlyMap<string, string>): string[] {
  const { party, parts, could, rule, purposes, justification } = ability;
  const theirs = readers.filter((reading) => reading.party === party);
  const last = theirs
    .map(({ at }) => at)
    .sort()
    .at(-1);
  return [
    party === null ? 'anybody' : named(party, names),
    ranges(parts),
    could ? (justification ? 'yes, with a justification' : 'yes') : 'no',
    purposes.join(', ') || nothing,
    why[rule] ?? rule,
    last === undefined ? (party === null ? 'not recorded' : 'no') : `${theirs.length} ×, last ${time(last)}`,
  ];
}
