/** Puts the program together: the commands that work from outside, and the operator's own. */
import { existsSync, readFileSync } from 'node:fs';
import { processIo, quietlyOnClosedPipe } from '@parley/cli/io.ts';
import { cliCommands, parleyProgram } from '@parley/cli/program.ts';
import { run } from '@parley/cli/run.ts';
import type { Command } from 'commander';

quietlyOnClosedPipe(processIo);
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const program = parleyProgram([...cliCommands(), ...(await operatorCommands())], version);
process.exitCode = await run(program, process.argv.slice(2), processIo);

/** A client's installation may come without the server. */
async function operatorCommands(): Promise<readonly Command[]> {
  const operator = new URL('../server/operator.ts', import.meta.url);
  if (!existsSync(operator)) return [];
  const module = (await import(operator.href)) as { operatorCommands(): Command[] };
  return module.operatorCommands();
}
