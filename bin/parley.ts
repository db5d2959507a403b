/** Puts the program together: the commands that work from outside, and the operator's own. */
import { existsSync, readFileSync } from 'node:fs';
import { processIo, quietlyOnClosedPipe } from '@parley/cli/io.ts';
import { run } from '@parley/cli/run.ts';
import { parleyProgram } from '@parley/cli/shell.ts';
import type { Command } from 'commander';

quietlyOnClosedPipe(processIo);
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const centre = await centreCommands();
// A centre that is started again has somebody waiting for it: what it does not need is not loaded.
const alone = centre.some((command) => command.name() === process.argv[2]);
const program = parleyProgram([...(alone ? [] : await clientCommands()), ...centre], version);
process.exitCode = await run(program, process.argv.slice(2), processIo);

async function clientCommands(): Promise<readonly Command[]> {
  const { cliCommands } = await import('@parley/cli/program.ts');
  return cliCommands();
}

/** Those that run a centre, and the demonstration. A client's installation may come without the server. */
async function centreCommands(): Promise<readonly Command[]> {
  if (!existsSync(new URL('../server/operator.ts', import.meta.url))) return [];
  const { operatorCommands } = await import('@parley/server/operator.ts');
  const { demoCommand } = await import('../demo/command.ts');
  const { operatorTerminal } = await import('./terminal.ts');
  const terminal = operatorTerminal(processIo);
  return [...operatorCommands(terminal), demoCommand(terminal)];
}
