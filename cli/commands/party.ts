/** Parties: bringing one in, and telling one from another. */
import { spoken } from '@parley/core/keys.ts';
import { type Level, levels } from '@parley/core/terms.ts';
import { Command } from 'commander';
import { choice, example, laterTime, shape } from '../arguments.ts';
import { contextOf } from '../context.ts';
import { withSession } from '../desk.ts';
import { card, fingerprintLines, short, time as shown, table } from '../format.ts';
import type { Io } from '../io.ts';
import { answerSaid, saidShape } from '../said.ts';
import { typedWith } from '../typed.ts';
import { objectCommand, readmitCommand, recoveryCommand } from './party-recovery.ts';

export function partyCommand(io: Io): Command {
  return new Command('party')
    .description('parties: invite one, list them, compare fingerprints, and come back if keys are lost')
    .addCommand(inviteCommand(io))
    .addCommand(withdrawCommand(io))
    .addCommand(listCommand(io))
    .addCommand(showCommand(io))
    .addCommand(recoveryCommand(io))
    .addCommand(readmitCommand(io))
    .addCommand(objectCommand(io));
}

function inviteCommand(io: Io): Command {
  return new Command('invite')
    .description('make the code with which a new party joins the centre')
    .option('--until <when>', 'how long it can be used: 48h, 14d, 2026-05-31', laterTime)
    .option(
      '--formerly <party>',
      'vouch that who joins is this party, which lost every device and its recovery key',
    )
    .addOption(choice('--level <level>', 'it takes part at this level only (default: at any)', levels))
    .addHelpText(
      'after',
      example('parley party invite --until 7d', 'parley party invite --formerly "City of Marrow"') +
        shape('{"code","until",…} and as every statement:\n{"party","id","kind","room","index","came"}'),
    )
    .action(async (options: { until?: string; level?: Level; formerly?: string }, command: Command) => {
      const context = contextOf(io, command);
      await withSession(context, 'office', async ({ session, centre, party }) => {
        const until = options.until ?? new Date(Date.now() + 14 * 86_400_000).toISOString();
        const former = options.formerly === undefined ? {} : { formerly: await party(options.formerly) };
        const { code, receipt } = await session.inviteParty({
          until,
          level: options.level ?? null,
          ...former,
        });
        const more = former.formerly ? ` --formerly ${former.formerly}` : '';
        const human = `Give this code to the party by another way than this centre. It works once, until ${shown(until)}:\n\n  ${code}\n\nIt joins with:\n\n  ${typedWith(io.env)(`join ${centre.url} ${code} --name … --device …${more}`)}\n`;
        await answerSaid(context, receipt, human, { code, until, ...former });
      });
    });
}

function withdrawCommand(io: Io): Command {
  return new Command('withdraw')
    .description('make the code of an invitation void')
    .argument('<code>', 'the code that was given out')
    .addHelpText('after', example('parley party withdraw 7K2QX-9MD4T-…') + shape(saidShape))
    .action(async (code: string, _options: object, command: Command) => {
      const context = contextOf(io, command);
      await withSession(context, 'office', async ({ session }) => {
        await answerSaid(context, await session.withdrawInvitation(code), 'The invitation is withdrawn.');
      });
    });
}

function listCommand(io: Io): Command {
  return new Command('list')
    .description('the parties that you may know of')
    .addHelpText(
      'after',
      example('parley party list') + shape('{"parties":[{"party","name","relation","level"}]}'),
    )
    .action(async (_options: object, command: Command) => {
      const context = contextOf(io, command);
      await withSession(context, 'office', async ({ session }) => {
        const parties = await session.parties();
        const rows = parties.map(({ party, name, relation, level }) => [
          name,
          short(party),
          relation,
          level ?? 'any',
        ]);
        await context.answer(
          { parties },
          table(['name', 'party', 'relation', 'level'], rows, 'No parties that you may know of.'),
        );
      });
    });
}

function showCommand(io: Io): Command {
  return new Command('show')
    .description('a party with its fingerprint, for comparing by telephone or in person')
    .argument('<party>', 'its name, its fingerprint, or 8 or more of the first digits')
    .addHelpText(
      'after',
      example('parley party show "City of Marrow"') +
        shape('{"party","name","relation","level","fingerprint"}'),
    )
    .action(async (text: string, _options: object, command: Command) => {
      const context = contextOf(io, command);
      await withSession(context, 'office', async (desk) => {
        const party = await desk.party(text);
        const known = (await desk.session.parties()).find((each) => each.party === party);
        const title = card(known?.name ?? 'Not a party that you may know of', [
          ['relation', known?.relation],
          ['level', known && (known.level ?? 'any')],
        ]);
        const value = {
          party,
          name: known?.name ?? null,
          relation: known?.relation ?? null,
          level: known?.level ?? null,
          fingerprint: spoken(party),
        };
        await context.answer(value, `${title}\n${fingerprintLines(party, '  ')}\n`);
      });
    });
}
