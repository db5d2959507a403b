/** Sharing files: one statement with what tells of them, and with objects where some are given. */
import { constants, openAsBlob } from 'node:fs';
import { access } from 'node:fs/promises';
import { basename } from 'node:path';
import { Refusal } from '@parley/core/errors.ts';
import type { Handling } from '@parley/core/handling.ts';
import { knownParts } from '@parley/core/parts.ts';
import { filesOf } from '@parley/core/statement.ts';
import type { FileToShare } from '@parley/sdk/files.ts';
import { objectsIn } from '@parley/sdk/share-input.ts';
import { usage } from '../arguments.ts';
import type { Desk } from '../desk.ts';
import { count, plain, shortRef, sizeText, time } from '../format.ts';
import { open, unreadable } from '../io.ts';
import { withProgress } from '../progress.ts';
import { saidOf } from '../said.ts';
import { unpacked } from '../unpacked.ts';

export interface FileOptions {
  readonly file?: string[];
  readonly caption?: string[];
  readonly keepMetadata?: boolean;
  readonly case?: string[];
}

interface Place {
  readonly room: string;
  readonly title: string;
  readonly handling: Handling;
  /** The handling, in words. */
  readonly about: string;
}

/** @param objects a file of STIX objects that go into the same statement */
export async function shareWithFiles(
  { context, session }: Desk,
  objects: string | undefined,
  { file: paths = [], caption: captions = [], keepMetadata = false, case: cases = [] }: FileOptions,
  { room, title, handling, about }: Place,
): Promise<void> {
  const { io } = context;
  if (captions.length > paths.length) throw usage('there are more captions than files');
  const files = await Promise.all(paths.map((path, i) => fileAt(path, captions[i])));
  const alone = objects === undefined && captions.length === 0 && cases.length === 0;
  const receipt = await withProgress(io, 'Sharing', (report) =>
    session.shareFiles(room, files, handling, {
      keepMetadata,
      cases,
      ...(objects === undefined ? {} : { objects: objectsIn(unpacked(open(io, objects), objects)) }),
      onProgress: (done, total) => report({ done, total, step: 'Bringing files' }),
    }),
  ).catch((error: unknown) => {
    // What tells of each file was said before with the same bytes, and nothing else was to be said.
    const all = alone && error instanceof Refusal && knownParts(error).size === files.length;
    if (all) return null;
    throw error;
  });
  if (receipt === null) {
    const what = files.length === 1 ? 'the file' : `all ${count(files.length, 'file')}`;
    const human = `Nothing was shared: your party had shared ${what} in "${title}" before, and it is there already; that handling stands.\nTo change it, recall and share again; to widen it to a party, grant.\n`;
    return context.answer({ handling, statements: [], files: [], known: files.length }, human);
  }
  const statement = saidOf(receipt);
  const shared = filesOf(receipt.statement.header);
  const named = shared.map((entry, i) => ({ ...entry, name: files[i]?.name ?? '' }));
  const beside = (receipt.statement.header.parts?.count ?? 0) - shared.length;
  const human = `Shared ${count(shared.length, 'file')} and ${count(beside, 'object')} beside into "${title}": ${about}.
Statement ${shortRef(statement)}, record ${statement.index}, ${time(statement.came)}.
${named.map((entry) => `  #${entry.n}  ${plain(entry.name)}, ${sizeText(entry)}`).join('\n')}
${keepMetadata ? 'With their metadata, as you asked.' : 'Cleaned of metadata before they left.'}\n`;
  await context.answer({ handling, statements: [statement], files: named }, human);
}

async function fileAt(path: string, caption: string | undefined): Promise<FileToShare> {
  await access(path, constants.R_OK).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  const blob = await openAsBlob(path);
  return { blob, name: basename(path), ...(caption === undefined ? {} : { caption }) };
}
