/** `parley demo`: the only command that is client and centre at once. */
import { resolve } from 'node:path';
import type { Terminal } from '@parley/server/operator/terminal.ts';
import { Command, InvalidArgumentError } from 'commander';

interface DemoOptions {
  readonly folder: string;
  readonly port?: number | null;
}

export function demoCommand(terminal: Terminal): Command {
  return new Command('demo')
    .description('a centre with an exercise in it, to look around; everything in it is invented')
    .option('--folder <dir>', 'where it keeps what it has', '.parley-demo')
    .option(
      '--port <n>',
      'where it listens on this machine (default: 8410, or any other that is free)',
      portFrom,
    )
    .helpGroup('Run a centre:')
    .addHelpText(
      'after',
      terminal.example('parley demo') +
        terminal.shape(
          '{"url","folder","records","first":BOOL,"parties":[{"role","name","home"}],"lines":[TEXT]}',
        ),
    )
    .action(async ({ folder, port = null }: DemoOptions, command: Command) => {
      const { startDemo } = await import('./demo.ts');
      const { guide, homeOf, line } = await import('./guide.ts');
      const { sections } = await import('./trials.ts');
      const { names, roles } = await import('./exercise/cast.ts');
      const stop = terminal.stopping();
      const demo = await terminal.progress('Playing the exercise', (report) =>
        startDemo({
          ...{ folder: resolve(folder), port },
          progress: (done, total) => report({ done, total }),
          onDoubt: () => terminal.exit(75),
        }),
      );
      const { url, records, first, exercise } = demo;
      const parties = roles.map((role) => ({ role, name: names[role], home: homeOf(folder, role) }));
      const lines = sections(folder, exercise).flatMap(({ trials }) =>
        trials.map((trial) => line(folder, trial)),
      );
      const told = { url, folder, records, first };
      await terminal.answer(command, { ...told, parties, lines }, guide(told, exercise));
      await new Promise<void>((done) => {
        if (stop.aborted) done();
        else stop.addEventListener('abort', () => done(), { once: true });
      });
      await demo.stop();
    });
}

function portFrom(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new InvalidArgumentError('expected a number from 0 to 65535');
  return port;
}
