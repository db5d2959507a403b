/** The commands of the `parley` program that work from outside a centre, and the program that holds them. */
import { Command } from 'commander';
import { example } from './arguments.ts';
import { attemptsCommand } from './commands/attempts.ts';
import { audienceCommand } from './commands/audience.ts';
import { caseCommand } from './commands/case.ts';
import { codesCommand } from './commands/codes.ts';
import { complainCommand, complaintCommand, complaintsCommand } from './commands/complaint.ts';
import { connectorCommand } from './commands/connector.ts';
import { deviceCommand } from './commands/device.ts';
import { exportCommand } from './commands/export.ts';
import { fileCommand } from './commands/file.ts';
import { holdCommand } from './commands/hold.ts';
import { joinCommand } from './commands/join.ts';
import { accessesCommand, digestsCommand, readersCommand } from './commands/know.ts';
import { lockedCommand } from './commands/locked.ts';
import { openCommand } from './commands/open.ts';
import { partyCommand } from './commands/party.ts';
import { askCommand, denyCommand, grantCommand, tasksCommand } from './commands/pass-on.ts';
import { readCommand, showCommand } from './commands/read.ts';
import { ackCommand, recallCommand, recallsCommand } from './commands/recall.ts';
import { receiptCommand } from './commands/receipt.ts';
import { recoverCommand } from './commands/recover.ts';
import { roomCommand } from './commands/room.ts';
import { shareCommand } from './commands/share.ts';
import { eventsCommand, statementsCommand } from './commands/statements.ts';
import { subjectCommand } from './commands/subject.ts';
import { superviseCommand } from './commands/supervise.ts';
import { logCommand, purposesCommand, verifyCommand } from './commands/verify.ts';
import { whoamiCommand } from './commands/whoami.ts';
import { witnessCommand } from './commands/witness.ts';
import { type Io, processIo } from './io.ts';

const groups: readonly (readonly [string, readonly ((io: Io) => Command)[]])[] = [
  [
    'Who you are:',
    [joinCommand, recoverCommand, whoamiCommand, deviceCommand, connectorCommand, partyCommand, roomCommand],
  ],
  [
    'Share and read:',
    [
      shareCommand,
      readCommand,
      showCommand,
      fileCommand,
      lockedCommand,
      openCommand,
      caseCommand,
      statementsCommand,
      eventsCommand,
      purposesCommand,
      codesCommand,
    ],
  ],
  [
    'Pass on and take back:',
    [
      askCommand,
      grantCommand,
      denyCommand,
      tasksCommand,
      recallCommand,
      ackCommand,
      recallsCommand,
      holdCommand,
      subjectCommand,
    ],
  ],
  ['Complain and supervise:', [complainCommand, complaintsCommand, complaintCommand, superviseCommand]],
  [
    'Know and prove:',
    [
      readersCommand,
      audienceCommand,
      accessesCommand,
      attemptsCommand,
      digestsCommand,
      exportCommand,
      receiptCommand,
      verifyCommand,
      logCommand,
      witnessCommand,
    ],
  ],
];

export function cliCommands(io: Io = processIo): Command[] {
  return groups.flatMap(([heading, commands]) => commands.map((make) => make(io).helpGroup(heading)));
}

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
