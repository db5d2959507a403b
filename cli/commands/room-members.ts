/** Coming into a room, and going out of it. */
import { Refusal } from '@parley/core/errors.ts';
import { type RoomRole, roomRoles } from '@parley/core/kinds.ts';
import type { Receipt } from '@parley/core/receipt.ts';
import type { RoomView } from '@parley/sdk/session.ts';
import { Command } from 'commander';
import { choice, example, shape } from '../arguments.ts';
import { contextOf } from '../context.ts';
import { type Desk, withSession } from '../desk.ts';
import { named, titleOf } from '../format.ts';
import type { Io } from '../io.ts';
import { answerSaid, saidShape } from '../said.ts';

export const roomArgument = ['<room>', 'its title, its id, or 8 or more of the first digits'] as const;
export const partyArgument = [
  '<party>',
  'its name, its fingerprint, or 8 or more of the first digits',
] as const;

export interface Reasoned {
  readonly reason?: string;
}

interface ForTerms extends Reasoned {
  readonly terms?: string;
}

/** A command about a room: says one thing, and tells it in a sentence. */
export function about(
  io: Io,
  command: Command,
  examples: string,
  say: (desk: Desk, room: RoomView, rest: readonly string[]) => Promise<{ receipt: Receipt; human: string }>,
): Command {
  return command.addHelpText('after', example(examples) + shape(saidShape)).action(async () => {
    const context = contextOf(io, command);
    const [room = '', ...rest] = command.args;
    await withSession(context, 'office', async (desk) => {
      const { receipt, human } = await say(desk, await desk.room(room), rest);
      await answerSaid(context, receipt, human);
    });
  });
}

export function inviteCommand(io: Io): Command {
  const command = new Command('invite')
    .description('invite a party into a room that your party opened')
    .argument(...roomArgument)
    .argument(...partyArgument)
    .addOption(
      choice(
        '--as <role>',
        'as a member (default), as an observer, who reads what is for observers, or as the supervisor that the terms name',
        roomRoles,
      ),
    );
  return about(
    io,
    command,
    'parley room invite "Summit 2026" "City of Marrow" --as observer',
    async (desk, room, [text = '']) => {
      const party = await desk.party(text);
      const { as: role } = command.opts<{ as?: RoomRole }>();
      const receipt = await desk.session.invite(room.room, party, role);
      const what = role === undefined || role === 'member' ? '' : ` as ${role}`;
      return {
        receipt,
        human: `${named(party, await desk.names())} is invited into "${titleOf(room)}"${what}.`,
      };
    },
  );
}

export function withdrawCommand(io: Io): Command {
  const command = new Command('withdraw')
    .description('take back an invitation that was not yet accepted')
    .argument(...roomArgument)
    .argument(...partyArgument);
  return about(
    io,
    command,
    'parley room withdraw "Summit 2026" "City of Marrow"',
    async (desk, room, [text = '']) => {
      const party = await desk.party(text);
      const receipt = await desk.session.withdraw(room.room, party);
      return {
        receipt,
        human: `${named(party, await desk.names())} is no longer invited into "${titleOf(room)}".`,
      };
    },
  );
}

export function acceptCommand(io: Io): Command {
  const command = new Command('accept')
    .description('accept the terms now offered: of an invitation, or changed ones')
    .argument(...roomArgument)
    .option('--terms <hash>', 'only if these are the terms, as "parley room show" showed them');
  return about(io, command, 'parley room accept "Summit 2026"', async (desk, room) => {
    const receipt = await desk.session.accept(room.room, offeredIn(room, command.opts<ForTerms>()));
    return { receipt, human: `Your party has accepted the terms of "${titleOf(room)}".` };
  });
}

export function declineCommand(io: Io): Command {
  const command = new Command('decline')
    .description('decline an invitation, or changed terms')
    .argument(...roomArgument)
    .option('--reason <text>', 'for the party that invited')
    .option('--terms <hash>', 'only if these are the terms, as "parley room show" showed them');
  return about(
    io,
    command,
    'parley room decline "Summit 2026" --reason "90 days are too long for us"',
    async (desk, room) => {
      const options = command.opts<ForTerms>();
      const receipt = await desk.session.decline(room.room, offeredIn(room, options), options.reason);
      const human =
        room.accepted === null
          ? `Your party has declined "${titleOf(room)}".`
          : `Your party has declined the changed terms of "${titleOf(room)}". You stay a member under the terms you accepted.`;
      return { receipt, human };
    },
  );
}

/** @throws terms.other when they have changed since they were read */
function offeredIn({ offered }: RoomView, { terms }: ForTerms): string {
  if (!offered)
    throw new Refusal('invitation.unknown', { detail: 'no terms are offered to your party there' });
  if (terms !== undefined && terms !== offered.hash)
    throw new Refusal('terms.other', {
      detail: 'they have changed: read them again with "parley room show"',
    });
  return offered.hash;
}

export function leaveCommand(io: Io): Command {
  const command = new Command('leave')
    .description('leave a room; what your party said stays its own')
    .argument(...roomArgument);
  return about(io, command, 'parley room leave "Summit 2026"', async (desk, room) => {
    const receipt = await desk.session.leave(room.room);
    return {
      receipt,
      human: `Your party has left "${titleOf(room)}", and sees nothing more of it but what it said.`,
    };
  });
}

export function removeCommand(io: Io): Command {
  const command = new Command('remove')
    .description('remove a party from a room that your party opened')
    .argument(...roomArgument)
    .argument(...partyArgument)
    .option('--reason <text>', 'for the party that is removed');
  return about(
    io,
    command,
    'parley room remove "Summit 2026" "City of Marrow"',
    async (desk, room, [text = '']) => {
      const party = await desk.party(text);
      const receipt = await desk.session.remove(room.room, party, command.opts<Reasoned>().reason);
      return { receipt, human: `${named(party, await desk.names())} is removed from "${titleOf(room)}".` };
    },
  );
}
