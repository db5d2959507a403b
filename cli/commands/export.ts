/** Taking along: everything that a party may see, with its proofs; and its accesses, for who watches over them. */
import { Command } from 'commander';
import { collect, example, shape, usage } from '../arguments.ts';
import { contextOf } from '../context.ts';
import { type Desk, purposeFor, withSession } from '../desk.ts';
import { checkAccessesFile, exportAccesses } from '../export/accesses.ts';
import { checkExport } from '../export/check.ts';
import { exportParty } from '../export/party.ts';
import { count } from '../format.ts';
import type { Io } from '../io.ts';
import { quoted } from '../typed.ts';

interface ExportOptions {
  readonly party?: string;
  readonly accesses?: string;
  readonly check?: string;
  readonly justification?: string;
  readonly logKey?: string[];
}

export function exportCommand(io: Io): Command {
  return new Command('export')
    .description('take along what your party may see, with its proofs; or its accesses, as one file')
    .option('--party <folder>', 'everything, in open formats, into a new folder')
    .option(
      '--accesses <file>',
      'all that your party has read, with the justifications: .csv, or .jsonl with the proofs',
    )
    .option('--check <folder>', 'check an export again, without any centre')
    .option('--justification <text>', 'with --party: why personal data is read; without it, that is left out')
    .option(
      '--log-key <vkey>',
      'with --check: a public key of the log; again for each (default: those in the export)',
      collect,
    )
    .addHelpText(
      'after',
      example(
        'parley export --party ./leaving --justification "Moving our records, decision of 2 May"',
        'parley export --check ./leaving',
        'parley export --accesses accesses-2026.csv',
      ) +
        shape(
          '--party: {"folder","statements","objects","rooms"}\n--accesses: {"file","accesses"}\n--check: {"folder","statements","parts","from","to"}',
        ),
    )
    .action(async (options: ExportOptions, command: Command) => {
      const context = contextOf(io, command);
      const { party, accesses, check, justification, logKey } = options;
      const wanted = [party, accesses, check].filter((each) => each !== undefined);
      if (wanted.length !== 1) throw usage('choose one of --party, --accesses, --check');
      if (accesses !== undefined) checkAccessesFile(accesses);
      if (justification !== undefined && party === undefined)
        throw usage('--justification goes with --party');
      if (logKey && check === undefined) throw usage('--log-key goes with --check');
      if (check !== undefined) {
        const report = await checkExport(io, check, logKey ?? null);
        const keys = logKey ? '' : 'The keys of the log are those that the export names: compare them.\n';
        const human = `${count(report.statements, 'statement')} with ${count(report.parts, 'part')} are what was said, and stand in the log. So are the bundles in rooms/.\n${keys}`;
        return context.answer({ folder: check, ...report }, human);
      }
      // One that was kept was given for one purpose: it does not open what is exported for the others.
      const purpose = { ...purposeFor(context, 'office'), justification: null };
      const work = async (desk: Desk) => {
        if (accesses !== undefined) {
          const found = await exportAccesses(desk, accesses);
          return context.answer(
            { file: accesses, accesses: found },
            `${count(found, 'access', 'accesses')} in ${accesses}\n`,
          );
        }
        const folder = party as string;
        const about = await exportParty(desk, folder, justification);
        await context.answer(
          { folder, ...about },
          `${count(about.statements, 'statement')} with ${count(about.objects, 'object')} of ${count(about.rooms, 'room')} in ${folder}\n"${context.typed(`export --check ${quoted(folder)}`)}" checks them without any centre.\n`,
        );
      };
      await withSession(context, 'office', work, purpose);
    });
}
