/** Sharing STIX objects into a room. */
import { statSync } from 'node:fs';
import { Refusal } from '@parley/core/errors.ts';
import type { Handling } from '@parley/core/handling.ts';
import type { Receipt } from '@parley/core/receipt.ts';
import type { ShareProgress } from '@parley/sdk/share.ts';
import { objectsIn } from '@parley/sdk/share-input.ts';
import { Command } from 'commander';
import { collect, example, shape, usage } from '../arguments.ts';
import { contextOf, purposesOf } from '../context.ts';
import { type Desk, withSession } from '../desk.ts';
import { count, shortRef, time, titleOf } from '../format.ts';
import {
  type HandlingOptions,
  handlingFrom,
  handlingText,
  withHandlingOptions,
} from '../handling-options.ts';
import { type Io, open } from '../io.ts';
import { withProgress } from '../progress.ts';
import { type Said, saidOf, saidShape } from '../said.ts';
import { unpacked } from '../unpacked.ts';
import { type FileOptions, shareWithFiles } from './share-files.ts';

interface ShareOptions extends HandlingOptions, FileOptions {
  readonly room: string;
  readonly case?: string[];
}

export function shareCommand(io: Io): Command {
  return withHandlingOptions(
    new Command('share').description(
      'share STIX 2.1 objects into a room: one, a bundle, an array, or JSON lines; also gzipped; and files',
    ),
  )
    .argument('[file]', 'the objects, or - for the standard input; may be left out where there is a --file')
    .requiredOption('--room <room>', 'its title, its id, or 8 or more of the first digits')
    .option('--case <ref>', 'say to which case it belongs, to all who see it; again for each', collect)
    .option('--file <path>', 'a text, PDF, picture, sound or archive; again for each', collect)
    .option('--caption <text>', 'what the file shows; again for each, in the order of the files', collect)
    .option('--keep-metadata', 'share files with what they tell of author, place, time and device')
    .addHelpText(
      'after',
      `${example('parley share report.json --room "Summit 2026"', 'parley share --room "Summit 2026" --file plan.pdf --caption "Gates and posts, as of May"', 'parley share list.json --room "Summit 2026" --to "City of Marrow" --tlp red --onward never --until 14d', 'parley share source.json --room "Summit 2026" --code H1,H2 --classification restricted --pap amber --personal suspect:assessment')}
What is left out is taken from the terms of the room; --purpose takes several, with commas.
Many objects become several statements; each stands or falls as a whole. Objects and files given together are one.
Files are cleaned of metadata here, before they leave; what cannot be cleaned is refused, unless it is to be kept.
${shape(`{"objects","known","handling","statements":[${saidShape}]}`)}`,
    )
    .action(async (file: string | undefined, options: ShareOptions, command: Command) => {
      const { context, purposes } = purposesOf(contextOf(io, command));
      await withSession(context, 'office', async (desk) => {
        const room = await desk.room(options.room);
        const handling = await handlingFrom(options, purposes, room.terms, desk.party);
        const about = handlingText(handling, await desk.names());
        const place = { room: room.room, title: titleOf(room), handling, about };
        if (options.file) return shareWithFiles(desk, file, options, place);
        if (file === undefined) throw usage('give the objects, or a --file');
        if (options.caption) throw usage('--caption belongs to a --file');
        const { receipts, objects, known } = await shareFile(desk, file, room.room, handling, options.case);
        const statements = receipts.map(saidOf);
        const human = humanShare({ objects, known }, titleOf(room), about, statements);
        await context.answer({ objects, known, handling, statements }, human);
      });
    });
}

interface Shared {
  readonly receipts: readonly Receipt[];
  readonly objects: number;
  /** Left out, because the party had said them in the room before. */
  readonly known: number;
}

function shareFile(
  { context: { io }, session }: Desk,
  file: string,
  room: string,
  handling: Handling,
  cases: readonly string[] = [],
): Promise<Shared> {
  const size = sizeOf(file);
  let read = 0;
  let [objects, known] = [0, 0];
  const taken: Receipt[] = [];
  return withProgress(io, 'Sharing', async (report) => {
    const counted = counting(open(io, file), (bytes) => {
      read += bytes;
    });
    // Bytes of the file tell how far it is; how many objects it holds, nobody knows before its end.
    const onProgress = (progress: ShareProgress) => {
      ({ objects, known } = progress);
      if (progress.receipt) taken.push(progress.receipt);
      report({
        done: size === null ? objects : read,
        total: size,
        step: `Sharing ${count(objects, 'object')}`,
      });
    };
    try {
      const receipts = await session.share(room, objectsIn(unpacked(counted, file)), handling, {
        onProgress,
        cases,
      });
      if (receipts.length + known === 0)
        throw new Refusal('parts.count', { at: file, detail: 'it holds no objects' });
      return { receipts, objects, known };
    } catch (error) {
      throw taken.length > 0 && error instanceof Refusal ? halfDone(error, taken, objects) : error;
    }
  });
}

/** What was taken before stays said: whoever reads the error must know. */
function halfDone(
  { code, at, detail, params }: Refusal,
  taken: readonly Receipt[],
  objects: number,
): Refusal {
  const last = taken.at(-1);
  const before = `${count(objects, 'object')} before it were shared in ${count(taken.length, 'statement')}${last ? `, the last ${shortRef(saidOf(last))}` : ''}`;
  return new Refusal(code, {
    params: { ...params, shared: objects },
    detail: detail ? `${detail}; ${before}` : before,
    ...(at === undefined ? {} : { at }),
  });
}

function humanShare(
  { objects, known }: Pick<Shared, 'objects' | 'known'>,
  room: string,
  handling: string,
  statements: readonly Said[],
): string {
  if (objects === 0)
    return `Nothing was shared: your party had shared ${known === 1 ? 'the object' : `all ${count(known, 'object')}`} there before; that handling stands.\nTo change it, recall and share again; to widen it to a party, grant.\n`;
  const before =
    known > 0
      ? `Left out ${count(known, 'object')} that your party had shared there before; that handling stands.\n`
      : '';
  const first = statements[0];
  const last = statements.at(-1);
  const place =
    statements.length === 1 && first
      ? `Statement ${shortRef(first)}, record ${first.index}, ${time(first.came)}.`
      : `${count(statements.length, 'statement')}, records ${first?.index} to ${last?.index}.`;
  return `Shared ${count(objects, 'object')} into "${room}": ${handling}.\n${place}\n${before}`;
}

function sizeOf(file: string): number | null {
  return file === '-' ? null : (statSync(file, { throwIfNoEntry: false })?.size ?? null);
}

async function* counting(
  chunks: AsyncIterable<Uint8Array>,
  count: (bytes: number) => void,
): AsyncIterable<Uint8Array> {
  for await (const chunk of chunks) {
    count(chunk.length);
    yield chunk;
  }
}
