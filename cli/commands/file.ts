/** Files of statements: which there are, and one of them, kept only once it is proven. */
import { existsSync } from 'node:fs';
import { Refusal } from '@parley/core/errors.ts';
import type { StatementRef } from '@parley/core/fields.ts';
import { filesOf } from '@parley/core/statement.ts';
import { describedIn } from '@parley/sdk/file-objects.ts';
import type { ReadWhole } from '@parley/sdk/session.ts';
import { Command } from 'commander';
import { example, shape, whole } from '../arguments.ts';
import { contextOf } from '../context.ts';
import { type Desk, withSession } from '../desk.ts';
import { plain, ref, shortRef, sizeText, table } from '../format.ts';
import { type Io, saveFile } from '../io.ts';
import { withProgress } from '../progress.ts';

export function fileCommand(io: Io): Command {
  return new Command('file')
    .description('files that were shared')
    .addCommand(listCommand(io))
    .addCommand(getCommand(io));
}

function listCommand(io: Io): Command {
  return new Command('list')
    .description('the files of a statement, as far as you may have them; a read, and recorded')
    .argument('<statement>', 'PARTY/ID, or the first digits of the id')
    .addHelpText(
      'after',
      example('parley file list 3f2a91cc') + shape('{"party","id","files":[{"n","size","type","name"}]}'),
    )
    .action(async (text: string, _options: object, command: Command) => {
      const context = contextOf(io, command);
      await withSession(context, 'content', async (desk) => {
        const read = await desk.session.statement(await desk.statement(text));
        const { party, id } = read.statement.header;
        const files = filesIn(read);
        const rows = files.map((file) => [`#${file.n}`, plain(file.name ?? ''), sizeText(file)]);
        await context.answer({ party, id, files }, table(['part', 'name', 'what'], rows, 'No files.'));
      });
    });
}

export interface ShownFile {
  readonly n: number;
  readonly size: number;
  readonly type: string;
  /** What an object beside it calls it: the speaker's word. */
  readonly name: string | null;
}

export function filesIn({ statement, parts }: ReadWhole): ShownFile[] {
  const told = parts.map(({ object }) => describedIn(object));
  const open = new Set(parts.map(({ n }) => n));
  return filesOf(statement.header)
    .map((entry, i) => ({ ...entry, name: told.find((one) => one?.i === i)?.name ?? null }))
    .filter(({ n }) => open.has(n));
}

interface GetOptions {
  readonly out: string;
  readonly force?: boolean;
}

function getCommand(io: Io): Command {
  return new Command('get')
    .description('fetch a file; it is written once it is proven to be what was shared')
    .argument('<statement>', 'PARTY/ID, or the first digits of the id')
    .argument('<part>', 'its number, as "parley file list" and "parley show" tell it', whole(0, 255))
    .requiredOption('-o, --out <file>', 'where to write it')
    .option('--force', 'over a file that is there already')
    .addHelpText(
      'after',
      `${example('parley file get 3f2a91cc 1 --out plan.pdf')}
It is a read, and recorded. What it is called, its author says: write it where you want it.
${shape('{"file","party","id","n","size","type","salt"}')}`,
    )
    .action(async (text: string, n: number, { out, force }: GetOptions, command: Command) => {
      const context = contextOf(io, command);
      // Before it is read, which is recorded.
      if (!force && existsSync(out))
        throw new Refusal('command.usage', {
          at: out,
          detail: 'that file is there already: name another one, or write over it with --force',
        });
      await withSession(context, 'content', async (desk) => {
        const target = await desk.statement(text);
        const { entry, salt } = await fetchInto(desk, target, n, out).catch(async (error: unknown) => {
          const none = error instanceof Refusal && error.code === 'absent' && error.at === `/parts/${n}`;
          throw none
            ? new Refusal('absent', {
                at: `part #${n}`,
                detail: `this part is no file; its files: "parley file list ${shortRef(target)}"`,
              })
            : error;
        });
        const { party, id } = target;
        const about = { file: out, party, id, ...entry, salt: Buffer.from(salt).toString('base64') };
        await context.answer(
          about,
          `Part #${n} of ${ref(target)} in ${out}: ${sizeText(entry)}, as it was shared\n`,
        );
      });
    });
}

/** Beside its place first: what does not prove to be the file is not left anywhere. */
function fetchInto({ context, session }: Desk, target: StatementRef, n: number, out: string) {
  return withProgress(context.io, 'Fetching', async (report) => {
    const file = await session.file(target, n);
    let done = 0;
    const counted = (async function* () {
      for await (const piece of file.pieces) {
        done += piece.length;
        report({ done, total: file.entry.size });
        yield piece;
      }
    })();
    await saveFile(out, counted);
    return file;
  });
}
