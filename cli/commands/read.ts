/** Reading what was shared: every object is verified before it is printed, and every page is a recorded access. */
import { randomUUID } from 'node:crypto';
import { base64 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { kinds } from '@parley/core/kinds.ts';
import { partLeaf, readPart } from '@parley/core/parts.ts';
import { handlingOf, isA } from '@parley/core/statement.ts';
import type { Terms } from '@parley/core/terms.ts';
import type { ReadWhole } from '@parley/sdk/reader.ts';
import type { ReadPart, RoomView } from '@parley/sdk/session.ts';
import { Command } from 'commander';
import { example, shape, usage, whole } from '../arguments.ts';
import { contextOf } from '../context.ts';
import { type Desk, withSession } from '../desk.ts';
import { card, count, named, plain, ref, shortRef, sizeText, time, titleOf } from '../format.ts';
import { handlingText } from '../handling-options.ts';
import { type Io, saveFile, write } from '../io.ts';
import { withProgress } from '../progress.ts';
import {
  indentedJson,
  type PartRow,
  partJson,
  partLine,
  partRow,
  partShape,
  statementJson,
} from '../shown.ts';
import { standingLines } from '../standing.ts';
import { roomText } from '../telling.ts';
import { termsCard } from '../terms-options.ts';
import { quoted } from '../typed.ts';
import { wordsOf } from '../words.ts';
import { filesIn } from './file.ts';

interface ReadOptions {
  readonly room?: string;
  readonly type?: string;
  readonly newest?: boolean;
  readonly limit?: number;
  readonly objects?: boolean;
  readonly bundle?: boolean;
  readonly out?: string;
}

export function readCommand(io: Io): Command {
  return new Command('read')
    .description('read what was shared: a line each, or the STIX objects themselves')
    .option('--room <room>', 'its title, its id, or 8 or more of the first digits (default: all rooms)')
    .option('--type <type>', 'only this STIX type')
    .option('--newest', 'the newest first')
    .option('--limit <n>', 'no more than this', whole(1, 1_000_000_000))
    .option('--objects', 'print the objects as JSON lines, byte for byte as they were said')
    .option('--bundle', 'print one STIX bundle')
    .option('--out <file>', 'write the objects, or with --bundle the bundle, into this file')
    .addHelpText(
      'after',
      example(
        'parley read --room "Summit 2026" --newest --limit 20',
        'parley read --purpose event-security --bundle --out summit.json',
      ) + shape(`a line each: ${partShape}\nwith --out {"file","objects","statements"}`),
    )
    .action(async (options: ReadOptions, command: Command) => {
      const context = contextOf(io, command);
      if (options.objects && options.bundle) throw usage('--objects or --bundle, not both');
      await withSession(context, 'content', (desk) =>
        options.out === undefined ? print(desk, options) : keep(desk, options, options.out),
      );
    });
}

/** An invitation opens nothing yet; who has left still sees what it said itself. */
export async function joined(desk: Desk): Promise<readonly RoomView[]> {
  return (await desk.rooms()).filter(({ relation }) => relation !== 'invited');
}

async function roomsOf(
  desk: Desk,
  { room }: { readonly room?: string | undefined },
): Promise<readonly RoomView[]> {
  return room === undefined ? joined(desk) : [await desk.room(room)];
}

async function* partsOf(
  desk: Desk,
  { room, type, newest, limit = Number.POSITIVE_INFINITY }: ReadOptions,
): AsyncGenerator<ReadPart> {
  const rooms = await roomsOf(desk, { room });
  let left = limit;
  for (const { room: id } of rooms) {
    if (left <= 0) return;
    const query = {
      order: newest ? 'newest' : 'oldest',
      ...(type === undefined ? {} : { type }),
      pageSize: Math.min(left, 1000),
    } as const;
    for await (const part of desk.session.parts(id, query)) {
      yield part;
      if (--left <= 0) break;
    }
  }
}

async function print(desk: Desk, options: ReadOptions): Promise<void> {
  const { io, json } = desk.context;
  const parts = partsOf(desk, options);
  if (options.bundle || options.objects) {
    for await (const piece of options.bundle ? bundleOf(parts) : linesOf(parts))
      await write(io.stdout, piece);
    return;
  }
  if (json) for await (const part of parts) await write(io.stdout, `${JSON.stringify(partJson(part))}\n`);
  else await printLines(desk, options, parts);
}

/** Held until all are there: only then it is known which of them have a newer version among them. */
async function printLines(desk: Desk, options: ReadOptions, parts: AsyncIterable<ReadPart>): Promise<void> {
  const { io, typed } = desk.context;
  const titles = new Map(
    options.room === undefined ? (await joined(desk)).map((room) => [room.room, titleOf(room)]) : [],
  );
  const rows: PartRow[] = [];
  const newest = new Map<string, string>();
  for await (const part of parts) {
    const { party, room = '' } = part.statement.header;
    const title = titles.size > 1 ? titles.get(room) : undefined;
    const row = partRow(part, await desk.names(party), title);
    rows.push(row);
    if (row.version > (newest.get(row.key) ?? '')) newest.set(row.key, row.version);
  }
  for (const row of rows)
    await write(io.stdout, partLine(row, row.version < (newest.get(row.key) ?? ''), desk.context.columns));
  for (const room of await roomsOf(desk, options))
    for (const line of await standingLines(desk, room)) await write(io.stdout, `${line}\n`);
  if (rows.length === 0)
    await write(
      io.stdout,
      `Nothing that you may see for ${desk.session.current.purpose}. "${typed(lockedWords(options))}" shows what another purpose opens.\n`,
    );
}

function lockedWords({ room }: ReadOptions): string {
  return room === undefined ? 'locked' : `locked --room ${quoted(room)}`;
}

async function keep(desk: Desk, options: ReadOptions, file: string): Promise<void> {
  const statements = new Set<string>();
  let objects = 0;
  await withProgress(desk.context.io, 'Reading', async (report) => {
    const counted = (async function* () {
      for await (const part of partsOf(desk, options)) {
        statements.add(ref(part.statement.header));
        if (part.file) continue;
        report({ done: ++objects, total: null });
        yield part;
      }
    })();
    await saveFile(file, options.bundle ? bundleOf(counted) : linesOf(counted));
  });
  const human = `${count(objects, 'object')} of ${count(statements.size, 'statement')} in ${file}\n`;
  await desk.context.answer({ file, objects, statements: statements.size }, human);
}

async function* linesOf(parts: AsyncIterable<ReadPart>): AsyncIterable<Uint8Array> {
  for await (const { part, file } of parts) if (!file) yield Buffer.concat([part.bytes, Buffer.from('\n')]);
}

async function* bundleOf(parts: AsyncIterable<ReadPart>): AsyncIterable<string | Uint8Array> {
  yield `{"type":"bundle","id":"bundle--${randomUUID()}","objects":[`;
  let between = '\n';
  for await (const { part, file } of parts) {
    if (file) continue;
    yield Buffer.concat([Buffer.from(between), part.bytes]);
    between = ',\n';
  }
  yield '\n]}\n';
}

export function showCommand(io: Io): Command {
  return new Command('show')
    .description('one statement with the parts that you may see')
    .argument('<statement>', 'PARTY/ID, or the first digits of the id')
    .addHelpText(
      'after',
      example('parley show 3f2a91cc') +
        shape(
          'the statement as in "parley statements", and "objects":[{"n","added","object"}],\n"files":[{"n","size","type","name"}]',
        ),
    )
    .action(async (text: string, _options: object, command: Command) => {
      const context = contextOf(io, command);
      await withSession(context, 'content', async (desk) => {
        const read = await shownFor(desk, text);
        const human = context.json ? '' : await statementText(desk, read);
        const objects = objectsIn(read).map(({ n, added, object }) => ({ n, added, object }));
        await context.answer({ ...statementJson(read), objects, files: filesIn(read) }, human);
      });
    });
}

const objectsIn = ({ parts }: ReadWhole) => parts.filter(({ file }) => !file);

async function statementText(desk: Desk, read: ReadWhole): Promise<string> {
  const { header } = read.statement;
  const objects = objectsIn(read);
  const words = await wordsOf(desk, header, objects[0]?.object);
  const names = await desk.names(header.party);
  const handling = handlingOf(header);
  const head = card(`${header.kind} by ${named(header.party, names)}`, [
    ['statement', shortRef(header)],
    ['room', header.room === undefined ? null : await roomText(desk, header.room)],
    ['came', `${time(read.record.instant)}, record ${read.record.index}`],
    ['signed by', read.connector ? 'the centre, with the key of a connector of the party' : null],
    ['handling', handling ? handlingText(handling, names) : null],
    ...(words ?? []),
    ['parts', partsCell(read, words !== null)],
  ]);
  const shown = (words ? [] : objects).map(({ n, object }) => `\n#${n}\n${indentedJson(object)}\n`);
  const fetched = filesIn(read).map(
    (file) =>
      `\n#${file.n}  ${plain(file.name ?? 'a file')}, ${sizeText(file)}: ${desk.context.typed(`file get ${ref(header)} ${file.n} --out FILE`)}\n`,
  );
  return [head, ...(await termsIn(desk, read)), ...shown, ...fetched].join('');
}

/** @param told whether the parts of the kind stand among its words */
function partsCell({ statement, content, parts }: ReadWhole, told: boolean): string | null {
  const { count: all = 0 } = statement.header.parts ?? {};
  if (all > 0 && content === 'erased') return 'taken back';
  return told ? null : `${parts.length} of ${all}`;
}

/** Of a room that is opened, or gets others. */
async function termsIn(desk: Desk, { statement: { header }, parts }: ReadWhole): Promise<readonly string[]> {
  const [first] = parts;
  if (!first || !(isA(header, 'room.open/1') || isA(header, 'room.terms/1'))) return [];
  const terms = readPart<Terms>(kinds['room.terms/1'].parts.one, first.part.bytes);
  return [`\n${termsCard('The terms', { hash: base64(partLeaf(first.part)), terms }, await desk.names())}`];
}

/** What is locked is not there, and nothing tells it from what never was: so this is said of both. */
async function shownFor(desk: Desk, text: string): Promise<ReadWhole> {
  try {
    return await desk.session.statement(await desk.statement(text));
  } catch (error) {
    const absent = error instanceof Refusal && ['target.unknown', 'absent'].includes(error.code);
    if (!absent) throw error;
    const { code, at, detail, params } = error;
    const or = 'or another purpose or a justification opens it: "parley locked"';
    throw new Refusal(code, {
      params,
      detail: detail ? `${detail}; ${or}` : `there is none, ${or}`,
      ...(at === undefined ? {} : { at }),
    });
  }
}
