/** This home: where its centre is reached now. What it remembers of the centre stays, and is insisted on. */
import { openCentre } from '@parley/sdk/centre.ts';
import { Command } from 'commander';
import { example, shape, usage } from '../arguments.ts';
import { contextOf } from '../context.ts';
import { centreOptions } from '../desk.ts';
import { card } from '../format.ts';
import type { Io } from '../io.ts';

export function homeCommand(io: Io): Command {
  return new Command('home')
    .description('where this home reaches its centre; --url, when the centre has another address now')
    .option('--url <url>', 'the new address: it must be the same centre, with the log that this device knows')
    .addHelpText(
      'after',
      example('parley home', 'parley home --url https://parley.centre.example/') +
        shape('{"home","centre","url","before"}'),
    )
    .action(async ({ url }: { url?: string }, command: Command) => {
      const context = contextOf(io, command);
      const { home } = context;
      const { centre, url: before, origin } = home.profile();
      if (url === undefined) {
        const rows = [
          ['home', home.dir] as const,
          ['centre', centre] as const,
          ['reached at', before] as const,
        ];
        return context.answer({ home: home.dir, centre, url: before, before: null }, card('This home', rows));
      }
      const found = await openCentre(url, { ...centreOptions(home, context), origin });
      if (found.info.centre !== centre)
        throw usage(
          `that is ${found.info.centre}, and this home belongs to ${centre}: join there with another --home`,
        );
      // Its keys and its party are those remembered; now also that its log goes on from what was seen.
      await found.checkpoint();
      home.setUrl(found.url);
      await context.answer(
        { home: home.dir, centre, url: found.url, before },
        `${centre} is reached at ${found.url} from now on; it was ${before}.\n`,
      );
    });
}
