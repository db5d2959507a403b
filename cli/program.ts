/** The commands of the `parley` program that work from outside a centre. */
import type { Command } from 'commander';
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
import { homeCommand } from './commands/home.ts';
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
import { keptCommand, resubmitCommand } from './commands/resubmit.ts';
import { roomCommand } from './commands/room.ts';
import { shareCommand } from './commands/share.ts';
import { eventsCommand, statementsCommand } from './commands/statements.ts';
import { subjectCommand } from './commands/subject.ts';
import { superviseCommand } from './commands/supervise.ts';
import { logCommand, purposesCommand, verifyCommand } from './commands/verify.ts';
import { whoamiCommand } from './commands/whoami.ts';
import { witnessCommand } from './commands/witness.ts';
import { type Io, processIo } from './io.ts';

export { parleyProgram } from './shell.ts';

const groups: readonly (readonly [string, readonly ((io: Io) => Command)[]])[] = [
  [
    'Who you are:',
    [
      joinCommand,
      recoverCommand,
      whoamiCommand,
      homeCommand,
      deviceCommand,
      connectorCommand,
      partyCommand,
      roomCommand,
    ],
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
      keptCommand,
      resubmitCommand,
      logCommand,
      witnessCommand,
    ],
  ],
];

export function cliCommands(io: Io = processIo): Command[] {
  return groups.flatMap(([heading, commands]) => commands.map((make) => make(io).helpGroup(heading)));
}
