/** Runs the centre until it is told to stop. */
import { Command } from 'commander';
import type { Logger } from '../api/logging.ts';
import { traceOf } from '../api/problems.ts';
import type { WarmWriter } from '../start-writer.ts';
import { configFrom, type Terminal, withConfig } from './terminal.ts';

/** EX_TEMPFAIL: the supervisor starts it again. Start-up is the only recovery there is. */
const doubtStatus = 75;

export function startCommand(terminal: Terminal): Command {
  return withConfig(new Command('start').description('run the centre, until SIGTERM or SIGINT'))
    .option('--clock-confirmed', 'someone has just looked at the clock: after a pause of more than a day')
    .addHelpText(
      'after',
      `${terminal.example('parley start --config /var/lib/parley/parley.json')}
Logs go to the standard output, one JSON object a line; the one with "msg":"listening" says where it listens.
Exit status 75: the centre does not know what its store holds; start it again.
`,
    )
    .action(async ({ clockConfirmed = false }: { clockConfirmed?: boolean }, command: Command) => {
      const { warmWriter } = await import('../start-writer.ts');
      const warm = warmWriter();
      const { createLog } = await import('../api/logging.ts');
      const { serveCentre } = await import('../serve.ts');
      const config = await configFrom(terminal, command).catch(ending(warm));
      const log = createLog(config.logLevel);
      const onDoubt = doubtful(terminal, log);
      for (const event of ['uncaughtException', 'unhandledRejection']) process.on(event, onDoubt);
      const stop = terminal.stopping();
      const about = { log, env: terminal.env, clockConfirmed, onDoubt, warm };
      const served = await serveCentre(config, about).catch(ending(warm));
      await aborted(stop);
      await served.stop();
    });
}

/** A thread that nobody uses would keep the process from ending. */
function ending(warm: WarmWriter): (cause: unknown) => Promise<never> {
  return async (cause) => {
    await warm.end();
    throw cause;
  };
}

/** Law 5: doubt stops the process. */
function doubtful(terminal: Terminal, log: Logger): (cause: unknown) => void {
  return (cause) => {
    log.fatal({ fault: traceOf(cause) }, 'in doubt of its own store: ends, to be started again');
    terminal.exit(doubtStatus);
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
