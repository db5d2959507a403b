/** What each side of a room undertakes: whether it holds, and what is withheld where it was broken. */
import type { UndertakingView } from '@parley/sdk/undertakings.ts';
import { Command } from 'commander';
import { collect, example, shape, usage } from '../arguments.ts';
import { contextOf } from '../context.ts';
import { type Desk, withSession } from '../desk.ts';
import { card, named, shortRef, time, titleOf } from '../format.ts';
import type { Io } from '../io.ts';
import { answerSaid, saidShape } from '../said.ts';
import { becauseOf, withWords } from './hold.ts';
import { roomArgument } from './room-members.ts';

const undertakingArgument = ['<undertaking>', 'its id in the terms, such as report-within-a-day'] as const;

export function undertakingsCommand(io: Io): Command {
  return new Command('undertakings')
    .description('what each side undertakes, what others say of it, and what is withheld in return')
    .argument(...roomArgument)
    .addHelpText(
      'after',
      example('parley room undertakings "Summit 2026"') +
        shape(
          '{"room","undertakings":[{"undertaking","words","states":[{"statement","by","author","state","terms","at"}],\n"suspensions":[{"statement","party","from","because","at","resumed"}]}]}',
        ),
    )
    .action(async (text: string, _options: object, command: Command) => {
      const context = contextOf(io, command);
      await withSession(context, 'office', async (desk) => {
        const { room } = await desk.room(text);
        const undertakings = await desk.session.undertakings(room);
        await context.answer({ room, undertakings }, await pageOf(desk, undertakings));
      });
    });
}

async function pageOf(desk: Desk, undertakings: readonly UndertakingView[]): Promise<string> {
  if (undertakings.length === 0) return 'The terms of this room name no undertakings.\n';
  const spoken = undertakings.flatMap(({ words, states, suspensions }) => [
    ...(words && words.by !== 'each' ? [words.by] : []),
    ...states.flatMap(({ by, author }) => [by, author]),
    ...suspensions.flatMap(({ party, from }) => [party, from]),
  ]);
  const names = await desk.namesOf(spoken);
  const cards = undertakings.map(({ undertaking, words, states, suspensions }) =>
    card(undertaking, [
      ['words', words?.text ?? 'no longer in the terms that bind you'],
      ['owed by', words ? (words.by === 'each' ? 'each member' : named(words.by, names)) : null],
      ['in return for', words?.inReturnFor.join(', ')],
      ...states.map(
        ({ author, by, state, at, statement }) =>
          [
            state,
            `by ${named(by, names)}, says ${named(author, names)}, ${time(at)} (${shortRef(statement)})`,
          ] as const,
      ),
      ...suspensions.map(
        ({ party, from, at, resumed, statement }) =>
          [
            resumed === null ? 'suspended' : 'was suspended',
            `${named(party, names)} ${resumed === null ? 'withholds' : 'withheld'} from ${named(from, names)}, ${time(at)}${resumed === null ? '' : ` to ${time(resumed)}`} (${shortRef(statement)})`,
          ] as const,
      ),
    ]),
  );
  return cards.join('\n');
}

interface StateOptions {
  readonly by: string;
  readonly holds?: boolean;
  readonly broken?: boolean;
  readonly evidence?: string[];
  readonly reason?: string;
  readonly case?: string[];
}

export function stateCommand(io: Io): Command {
  const command = new Command('state')
    .description('say that a party keeps an undertaking, or broke it, and what shows it')
    .argument(...roomArgument)
    .argument(...undertakingArgument)
    .requiredOption('--by <party>', 'who owes it: a name, a fingerprint, or me')
    .option('--holds', 'it holds')
    .option('--broken', 'it was broken')
    .option('--evidence <statement>', 'a statement of the room that shows it; again for each', collect);
  return withWords(command, 'in words, for all who see it')
    .addHelpText(
      'after',
      example(
        'parley room state "Summit 2026" report-within-a-day --by "City of Marrow" --broken --evidence 3f2a91cc',
      ) + shape(saidShape),
    )
    .action(async (text: string, undertaking: string, options: StateOptions, command: Command) => {
      const context = contextOf(io, command);
      if (options.holds === options.broken) throw usage('say either --holds or --broken');
      const state = options.broken ? 'broken' : 'holds';
      const because = becauseOf(options);
      await withSession(context, 'office', async (desk) => {
        const room = await desk.room(text);
        const by = options.by === 'me' ? desk.profile.party : await desk.party(options.by);
        const evidence = [];
        for (const each of options.evidence ?? []) evidence.push(await desk.statement(each));
        const about = { undertaking, by, state, evidence, ...(because ? { because } : {}) } as const;
        const receipt = await desk.session.stateUndertaking(room.room, about);
        const who = named(by, await desk.names());
        await answerSaid(
          context,
          receipt,
          state === 'broken'
            ? `Your party says that ${who} broke ${undertaking}. What you owe in return for it you can withhold: "${desk.context.typed('room withhold')}".`
            : `Your party says that ${who} keeps ${undertaking}.`,
        );
      });
    });
}

export function withholdCommand(io: Io): Command {
  return new Command('withhold')
    .description(
      'suspend what your party owes in return for what was broken: its shares are withheld from who broke it',
    )
    .argument(...roomArgument)
    .argument(...undertakingArgument)
    .requiredOption('--because <statement>', 'which says that the other undertaking was broken')
    .addHelpText(
      'after',
      `${example('parley room withhold "Summit 2026" share-routes --because 3f2a91cc')}
It covers what your party shared in the room and will share, not what is public, and never a warning or a notice.
${shape(saidShape)}`,
    )
    .action(async (text: string, undertaking: string, options: { because: string }, command: Command) => {
      const context = contextOf(io, command);
      await withSession(context, 'office', async (desk) => {
        const room = await desk.room(text);
        const because = await desk.statement(options.because);
        const receipt = await desk.session.suspendUndertaking(room.room, { undertaking, because });
        await answerSaid(
          context,
          receipt,
          `${undertaking} is suspended in "${titleOf(room)}". End it with: "${desk.context.typed('room resume')}"`,
        );
      });
    });
}

export function resumeCommand(io: Io): Command {
  return new Command('resume')
    .description('end a suspension of your party: what it withheld is there again')
    .argument(...roomArgument)
    .argument('<suspension>', 'PARTY/ID, or the first digits of the id')
    .addHelpText('after', example('parley room resume "Summit 2026" 77c0de12') + shape(saidShape))
    .action(async (text: string, suspension: string, _options: object, command: Command) => {
      const context = contextOf(io, command);
      await withSession(context, 'office', async (desk) => {
        const room = await desk.room(text);
        const receipt = await desk.session.resumeUndertaking(room.room, await desk.statement(suspension));
        await answerSaid(context, receipt, `The suspension in "${titleOf(room)}" has ended.`);
      });
    });
}
