/** Knowing: who read what one's own party said, and what it has read itself. */
import type { Access } from '@parley/sdk/shapes.ts';
import { Command } from 'commander';
import { example, shape, whole } from '../arguments.ts';
import { contextOf } from '../context.ts';
import { withSession } from '../desk.ts';
import { count, named, nothing, ranges, shortRef, table, time } from '../format.ts';
import { type Io, write } from '../io.ts';

export function readersCommand(io: Io): Command {
  return new Command('readers')
    .description('which parties read what your party said, when, and for what')
    .argument('<statement>', 'PARTY/ID, or the first digits of the id')
    .addHelpText(
      'after',
      example('parley readers 3f2a91cc') +
        shape('{"statement":{"party","id"},"readers":[{"party","purpose","at","parts":[N]}]}'),
    )
    .action(async (text: string, _options: object, command: Command) => {
      const context = contextOf(io, command);
      await withSession(context, 'office', async (desk) => {
        const statement = await desk.statement(text);
        const readers = await desk.session.readers(statement);
        const names = await desk.namesOf(readers.map(({ party }) => party));
        // The newest first, as in one's own accesses.
        const rows = readers
          .toReversed()
          .map(({ party, purpose, at, parts }) => [time(at), named(party, names), purpose, ranges(parts)]);
        await context.answer(
          { statement, readers },
          table(['at', 'party', 'purpose', 'parts'], rows, 'Nobody has read it.'),
        );
      });
    });
}

export function accessesCommand(io: Io): Command {
  return new Command('accesses')
    .description('what your own party has read: device, person, purpose and justification')
    .option('--limit <n>', 'no more than this', whole(1, 1_000_000_000))
    .option('--all', 'also answers that held nothing, which --json always shows')
    .addHelpText(
      'after',
      example('parley accesses --limit 50') +
        shape(
          'a line each: {"at","device","person","purpose","justification","route","statements":[{"party","id","parts":[N]}]}',
        ),
    )
    .action(async (options: { limit?: number; all?: boolean }, command: Command) => {
      const context = contextOf(io, command);
      const shows = ({ statements }: Access) => options.all || context.json || statements.length > 0;
      await withSession(context, 'office', async ({ session }) => {
        const devices = new Map((await session.devices()).map(({ device, name }) => [device, name]));
        let left = options.limit ?? Number.POSITIVE_INFINITY;
        let found = 0;
        for await (const access of session.accesses()) {
          if (!shows(access)) continue;
          if (left-- <= 0) break;
          found++;
          const { at, device, person, purpose, justification, statements } = access;
          const parts = statements.reduce((sum, each) => sum + each.parts.length, 0);
          const what =
            statements.length === 1 && statements[0]
              ? shortRef(statements[0])
              : count(statements.length, 'statement');
          const where = device === null ? nothing : named(device, devices);
          const who = person === null ? where : `${person} at ${where}`;
          const row = `${time(at)}  ${who}  ${purpose}${justification === null ? '' : ` ("${justification}")`}  ${count(parts, 'part')} of ${what}\n`;
          await write(io.stdout, context.json ? `${JSON.stringify(access)}\n` : row);
        }
        if (found === 0 && !context.json) await write(io.stdout, 'Nothing was read.\n');
      });
    });
}

export function digestsCommand(io: Io): Command {
  return new Command('digests')
    .description("your leaves in the centre's hourly commitment to all accesses, each proven")
    .addHelpText(
      'after',
      example('parley digests') +
        shape('a line each: {"statement":{"party","id"},"from","to","salt","leaf","index","path":[BASE64]}'),
    )
    .action(async (_options: object, command: Command) => {
      const context = contextOf(io, command);
      await withSession(context, 'office', async ({ session }) => {
        let found = 0;
        for await (const digest of session.digests()) {
          found++;
          const row = `${time(digest.from)} to ${time(digest.to)}  ${shortRef(digest.statement)}, leaf ${digest.index}\n`;
          await write(io.stdout, context.json ? `${JSON.stringify(digest)}\n` : row);
        }
        if (found === 0 && !context.json) await write(io.stdout, 'No hour has been committed to yet.\n');
      });
    });
}
