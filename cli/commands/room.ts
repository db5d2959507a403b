/** Rooms: opening one, looking at it, its terms and its members. */
import { isA, refOf, roomId } from '@parley/core/statement.ts';
import type { RoomView } from '@parley/sdk/session.ts';
import { Command } from 'commander';
import { withSupervisor } from '../agreed-options.ts';
import { example, shape } from '../arguments.ts';
import { contextOf } from '../context.ts';
import { type Desk, withSession } from '../desk.ts';
import { card, named, nothing, short, table, time, titleOf } from '../format.ts';
import type { Io } from '../io.ts';
import { answerSaid, saidShape } from '../said.ts';
import { standingLines } from '../standing.ts';
import {
  changesTerms,
  type TermsOptions,
  termsCard,
  termsFrom,
  termsHelp,
  withTermsOptions,
} from '../terms-options.ts';
import {
  acceptCommand,
  declineCommand,
  inviteCommand,
  leaveCommand,
  removeCommand,
  withdrawCommand,
} from './room-members.ts';
import { restoreCommand, suspendCommand } from './room-standing.ts';
import { resumeCommand, stateCommand, undertakingsCommand, withholdCommand } from './undertakings.ts';

const roomShape =
  '{"room","owner","relation","as","terms","offered","accepted","members","observers","supervisor","since","invitation"}\n(spec/api.md, ROOMVIEW)';

export function roomCommand(io: Io): Command {
  return new Command('room')
    .description('rooms: open one, agree on terms, bring parties in')
    .addCommand(openCommand(io))
    .addCommand(listCommand(io))
    .addCommand(showCommand(io))
    .addCommand(membersCommand(io))
    .addCommand(termsCommand(io))
    .addCommand(inviteCommand(io))
    .addCommand(withdrawCommand(io))
    .addCommand(acceptCommand(io))
    .addCommand(declineCommand(io))
    .addCommand(leaveCommand(io))
    .addCommand(removeCommand(io))
    .addCommand(suspendCommand(io))
    .addCommand(restoreCommand(io))
    .addCommand(undertakingsCommand(io))
    .addCommand(stateCommand(io))
    .addCommand(withholdCommand(io))
    .addCommand(resumeCommand(io));
}

function openCommand(io: Io): Command {
  return withTermsOptions(new Command('open').description('open a room under terms; your party owns it'))
    .addHelpText(
      'after',
      example(
        'parley room open --title "Summit 2026" --purposes event-security,threat-prevention --retention 90 --conditions @terms.txt',
        'parley room open --terms terms.json',
      ) +
        termsHelp +
        shape(
          '{"opened":ROOM,"terms",…} and as every statement:\n{"party","id","kind","room","index","came"}',
        ),
    )
    .action(async (options: TermsOptions, command: Command) => {
      const context = contextOf(io, command);
      const drafted = await termsFrom(io, options, null);
      await withSession(context, 'office', async (desk) => {
        const terms = await withSupervisor(drafted, options, desk.party);
        const receipt = await desk.session.openRoom(terms);
        const { header } = receipt.statement;
        const opened = isA(header, 'room.open/1') ? roomId(refOf(header)) : '';
        await answerSaid(context, receipt, `The room "${terms.title}" is open: ${opened}`, { opened, terms });
      });
    });
}

function listCommand(io: Io): Command {
  return new Command('list')
    .description('the rooms of your party, and those that it is invited to')
    .addHelpText('after', example('parley room list') + shape(`{"rooms":[${roomShape}]}`))
    .action(async (_options: object, command: Command) => {
      const context = contextOf(io, command);
      await withSession(context, 'office', async (desk) => {
        const rooms = await desk.rooms();
        const names = await desk.names();
        const rows = rooms.map((room) => [
          titleOf(room),
          short(room.room),
          room.relation,
          room.owner === null ? '' : named(room.owner, names),
          time(room.since),
        ]);
        await context.answer(
          { rooms },
          table(
            ['room', 'id', 'you are', 'opened by', 'since'],
            rows,
            'No rooms yet: open one, or wait for an invitation.',
          ),
        );
      });
    });
}

function showCommand(io: Io): Command {
  return new Command('show')
    .description('a room with the terms that bind you, and those now offered')
    .argument('<room>', 'its title, its id, or 8 or more of the first digits')
    .addHelpText('after', example('parley room show "Summit 2026"') + shape(roomShape))
    .action(async (text: string, _options: object, command: Command) => {
      const context = contextOf(io, command);
      await withSession(context, 'office', async (desk) => {
        const room = await desk.room(text);
        const standing = context.json ? [] : await standingLines(desk, room);
        const told = standing.map((line) => `${line}\n`).join('');
        const terms = termsText(room, await desk.names());
        await context.answer(room, `${await roomCard(desk, room)}${told}${terms}`);
      });
    });
}

async function roomCard(desk: Desk, room: RoomView): Promise<string> {
  const names = await desk.names();
  return card(titleOf(room), [
    ['id', room.room],
    ['opened by', room.owner === null ? null : named(room.owner, names)],
    ['you are', room.as === null ? room.relation : `${room.relation} as ${room.as}`],
    ['since', room.since === null ? null : time(room.since)],
    ['members', room.members === null ? hiddenMembers(room) : standersText(room.members, names)],
    ['observers', standersText(room.observers ?? [], names)],
    ['supervisor', supervisorText(room, names)],
  ]);
}

function standersText(
  standers: NonNullable<RoomView['members']>,
  names: ReadonlyMap<string, string>,
): string {
  return standers
    .map(({ party, suspended }) => `${named(party, names)}${suspended ? ' (suspended)' : ''}`)
    .join(', ');
}

function supervisorText({ supervisor }: RoomView, names: ReadonlyMap<string, string>): string | null {
  if (supervisor === null) return null;
  return `${named(supervisor.party, names)}${supervisor.accepted ? '' : ', has not come yet'}`;
}

function hiddenMembers({ relation, terms }: RoomView): string {
  if (relation === 'member' || relation === 'owner' || terms?.roster === false)
    return 'the terms hide who is in';
  return 'shown to members';
}

function termsText({ offered, accepted }: RoomView, names: ReadonlyMap<string, string>): string {
  const open =
    offered && offered.hash !== accepted?.hash
      ? `\n${termsCard('Terms offered, not accepted by you', offered, names)}`
      : '';
  return `${accepted ? `\n${termsCard('Terms that bind you', accepted, names)}` : ''}${open}`;
}

function membersCommand(io: Io): Command {
  return new Command('members')
    .description('who is in a room, where its terms show it')
    .argument('<room>', 'its title, its id, or 8 or more of the first digits')
    .addHelpText(
      'after',
      example('parley room members "Summit 2026"') +
        shape(
          '{"room","members":[{"party","name","since","suspended","terms"}] or null,"observers":[…] or null,\n"supervisor":{"party","name","accepted"} or null}',
        ),
    )
    .action(async (text: string, _options: object, command: Command) => {
      const context = contextOf(io, command);
      await withSession(context, 'office', async (desk) => {
        const view = await desk.room(text);
        const { room, members, observers, supervisor } = view;
        const row =
          (role: string) =>
          ({ party, name, since, suspended }: NonNullable<RoomView['members']>[number]) => [
            name,
            short(party),
            suspended ? `${role}, suspended` : role,
            time(since),
          ];
        const rows = [...(members ?? []).map(row('member')), ...(observers ?? []).map(row('observer'))];
        if (supervisor?.accepted)
          rows.push([supervisor.name, short(supervisor.party), 'supervisor', nothing]);
        const empty = members === null ? `Not shown here: ${hiddenMembers(view)}.` : 'Nobody yet.';
        const hidden = members === null && rows.length > 0 ? `${empty}\n` : '';
        await context.answer(
          { room, members, observers, supervisor },
          `${table(['name', 'party', 'as', 'since'], rows, empty)}${hidden}`,
        );
      });
    });
}

function termsCommand(io: Io): Command {
  return withTermsOptions(
    new Command('terms').description(
      'show the terms of a room, or, with options, offer other ones; they bind who accepts them',
    ),
  )
    .argument('<room>', 'its title, its id, or 8 or more of the first digits')
    .addHelpText(
      'after',
      example('parley room terms "Summit 2026"', 'parley room terms "Summit 2026" --retention 30') +
        termsHelp +
        shape(`{"room","offered":{"hash","terms"},"accepted":{"hash","terms"}}; with options\n${saidShape}`),
    )
    .action(async (text: string, options: TermsOptions, command: Command) => {
      const context = contextOf(io, command);
      await withSession(context, 'office', async (desk) => {
        const room = await desk.room(text);
        const { offered, accepted } = room;
        if (!changesTerms(options)) {
          await context.answer(
            { room: room.room, offered, accepted },
            termsText(room, await desk.names()).trimStart(),
          );
          return;
        }
        const drafted = await termsFrom(io, options, offered?.terms ?? accepted?.terms ?? null);
        const terms = await withSupervisor(drafted, options, desk.party);
        const receipt = await desk.session.changeTerms(room.room, terms);
        await answerSaid(
          context,
          receipt,
          `Other terms are offered in "${terms.title}". They bind each member once it accepts them.`,
        );
      });
    });
}
