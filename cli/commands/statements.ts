/** Headers of what this viewer may see, and the stream of what comes. */
import { kinds } from '@parley/core/kinds.ts';
import type { ReadEvent } from '@parley/sdk/session.ts';
import { Command } from 'commander';
import { example, shape, usage, whole } from '../arguments.ts';
import { contextOf } from '../context.ts';
import { type Desk, withSession } from '../desk.ts';
import { type HandlingFilter, passes, withHandlingFilter } from '../handling-filter.ts';
import { type Io, write } from '../io.ts';
import { statementJson, statementLine, statementShape } from '../shown.ts';

export function statementsCommand(io: Io): Command {
  return withHandlingFilter(new Command('statements'))
    .description('everything said that you may see, oldest first, without content')
    .option('--room <room>', 'its title, its id, or 8 or more of the first digits (default: everywhere)')
    .option('--kind <kind>', 'only this kind, such as share or room.invite')
    .addHelpText(
      'after',
      example('parley statements --kind recall', 'parley statements --personal victim') +
        shape(`a line each: ${statementShape}`),
    )
    .action(async (options: HandlingFilter & { room?: string; kind?: string }, command: Command) => {
      const context = contextOf(io, command);
      checkKind(options.kind);
      await withSession(context, 'content', async (desk) => {
        const room = options.room === undefined ? undefined : (await desk.room(options.room)).room;
        let found = 0;
        for await (const read of desk.session.statements(room === undefined ? {} : { room })) {
          const { header } = read.statement;
          if (!isOfKind(header.kind, options.kind) || !passes(header, options)) continue;
          found++;
          await write(
            io.stdout,
            context.json
              ? `${JSON.stringify(statementJson(read))}\n`
              : statementLine(read, await desk.names(header.party)),
          );
        }
        if (found === 0 && !context.json) await write(io.stdout, 'Nothing that you may see.\n');
      });
    });
}

/** @throws command.usage */
function checkKind(wanted: string | undefined): void {
  const names = Object.keys(kinds);
  if (!names.some((kind) => isOfKind(kind, wanted)))
    throw usage(`no kind "${wanted}"; there are ${names.map((kind) => kind.split('/')[0]).join(', ')}`);
}

/** With its version or without: `share/1`, `share`. */
function isOfKind(kind: string, wanted: string | undefined): boolean {
  return wanted === undefined || kind === wanted || kind.startsWith(`${wanted}/`);
}

interface EventsOptions {
  readonly room?: string;
  readonly follow?: boolean;
  readonly after?: string;
  readonly wait: number;
}

export function eventsCommand(io: Io): Command {
  return new Command('events')
    .description('what has come since the last time; with --follow also what comes, until you stop it')
    .option('--room <room>', 'its title, its id, or 8 or more of the first digits (default: everywhere)')
    .option('--follow', 'stay, and print what comes')
    .option(
      '--wait <seconds>',
      'without --follow: it ends when nothing came for this long',
      whole(1, 3600),
      3,
    )
    .option('--after <event>', 'begin after this event, instead of where the last time ended')
    .addHelpText(
      'after',
      `${example('parley events --follow --room "Summit 2026"')}\nThe first time begins now, for each purpose and each --room by itself. Nothing is lost or doubled from one time to the next.\n${shape(`a line each: {"event":EVENT,"reread":false,"statement":${statementShape}}\nor {"event":EVENT,"reread":true,"statement":null}: what you may see has widened; read again`)}`,
    )
    .action(async (options: EventsOptions, command: Command) => {
      const context = contextOf(io, command);
      await withSession(context, 'content', (desk) => follow(desk, options));
    });
}

async function follow(
  desk: Desk,
  { room: text, follow: stay = false, after, wait }: EventsOptions,
): Promise<void> {
  const { context, session } = desk;
  const { io, home } = context;
  const room = text === undefined ? undefined : (await desk.room(text)).room;
  const place = `events ${session.current.purpose} ${room ?? ''}`;
  const kept = home.seen(place);
  const last = after ?? (typeof kept === 'string' ? kept : undefined);
  const until = stay ? io.stopping() : undefined;
  const ending = endAfter(wait * 1000, until);
  const query = {
    signal: ending.signal,
    began: (id: string) => home.setSeen(place, id),
    ...(room === undefined ? {} : { room }),
    ...(last === undefined ? {} : { lastEventId: last }),
  };
  let found = 0;
  try {
    for await (const event of session.events(query)) {
      ending.heard();
      found++;
      await write(
        io.stdout,
        context.json ? `${JSON.stringify(eventJson(event))}\n` : await eventLine(event, desk),
      );
      // After it was printed: whoever is interrupted sees it again rather than never.
      await home.setSeen(place, event.id);
    }
  } finally {
    ending.stop();
  }
  if (found === 0 && !stay && !context.json) await write(io.stdout, 'Nothing has come.\n');
}

/** @param until when given, only that ends it; without it, quiet does */
function endAfter(
  ms: number,
  until: AbortSignal | undefined,
): { signal: AbortSignal; heard: () => void; stop: () => void } {
  if (until) return { signal: until, heard: () => {}, stop: () => {} };
  const ending = new AbortController();
  const timer = setTimeout(() => ending.abort(), ms);
  return { signal: ending.signal, heard: () => timer.refresh(), stop: () => clearTimeout(timer) };
}

function eventJson(event: ReadEvent) {
  const reread = event.event === 'reread';
  return { event: event.id, reread, statement: reread ? null : statementJson(event.statement) };
}

async function eventLine(event: ReadEvent, desk: Desk): Promise<string> {
  return event.event === 'reread'
    ? 'What you may see has widened: read again from the start.\n'
    : statementLine(event.statement, await desk.names(event.statement.statement.header.party));
}
