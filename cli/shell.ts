/** The `parley` program around its commands. Loads none of them: a centre that starts waits for no client. */
import { Command } from 'commander';
import { example } from './arguments.ts';

/** @param commands of `cliCommands`, and those of the server beside them */
export function parleyProgram(commands: readonly Command[], version: string): Command {
  const program = new Command('parley')
    .description('Share what must be known with parties that need not trust each other.')
    .version(version)
    .option('--json', 'print JSON, also for an error')
    .option('--home <dir>', 'where the device keeps its key (default: PARLEY_HOME, else ~/.parley)')
    .option('--purpose <id>', 'read for this purpose; for share, ask and grant: allow these, with commas')
    .option(
      '--person <name>',
      'who sits here, by a pseudonym that your party alone can resolve (default: PARLEY_PERSON)',
    )
    .addHelpText(
      'after',
      `${example(
        'parley join https://centre.example 7K2QX-… --name "Ministry of the Interior" --device "Duty desk"',
        'parley share report.json --room "Summit 2026" --tlp amber',
        'parley read --room "Summit 2026" --purpose event-security --newest',
      )}
Exit status: 0 done, 1 refused or not proven, 2 called wrongly, 3 a fault.`,
    );
  for (const command of commands) program.addCommand(command);
  return program;
}
