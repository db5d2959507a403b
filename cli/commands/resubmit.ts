/** After a loss at the centre: what this device holds is said again, in the order of the log. */
import type { Code } from '@parley/core/errors.ts';
import { Refusal, titleOf } from '@parley/core/errors.ts';
import { openCentre } from '@parley/sdk/centre.ts';
import { Command } from 'commander';
import { example, shape, whole } from '../arguments.ts';
import { type Context, contextOf } from '../context.ts';
import { centreOptions, signerOf } from '../desk.ts';
import { card, count, shortRef, table, time } from '../format.ts';
import type { Io } from '../io.ts';
import { keptIn, usualDays } from '../kept.ts';
import { withProgress } from '../progress.ts';
import { type LostStatement, lostHere } from '../succession.ts';

export function resubmitCommand(io: Io): Command {
  return new Command('resubmit')
    .description('after a loss at the centre: say again, with the same signatures, what it no longer has')
    .addHelpText(
      'after',
      `${example('parley resubmit')}
What rests on what others said waits until they have said it again: run it once more, later.
${shape('{"log","again":[{"party","id","kind","was","index"}],"there":[{"party","id","kind","was"}],\n "waiting":[{"party","id","kind","was","code","detail"}]}')}`,
    )
    .action(async (_options: object, command: Command) => {
      await resubmit(contextOf(io, command));
    });
}

type Fate =
  | { readonly kind: 'again'; readonly index: number }
  | { readonly kind: 'there' }
  | { readonly kind: 'waiting'; readonly code: Code | null; readonly detail: string };

async function resubmit(context: Context): Promise<void> {
  const { home, io } = context;
  const profile = home.profile();
  const options = centreOptions(home, context);
  const centre = await openCentre(profile.url, { ...options, origin: profile.origin });
  const speaker = { signer: await signerOf(profile), party: profile.party };
  const kept = keptIn(home, async () => {});
  const lost = lostHere(home, profile.origin);
  const fates = new Map<LostStatement, Fate>();
  const sayOne = async (each: LostStatement): Promise<Fate> => {
    const sent = await kept.find(each.origin, each.index);
    if (!sent) return { kind: 'waiting', code: null, detail: 'its content is no longer on this device' };
    try {
      const { record } = await centre.sayAgain(speaker, sent);
      return { kind: 'again', index: record.index };
    } catch (error) {
      if (!(error instanceof Refusal) || goesOn.has(error.class)) throw error;
      if (error.code === 'statement.id-known') return { kind: 'there' };
      return { kind: 'waiting', code: error.code, detail: error.detail ?? titleOf(error.code) };
    }
  };
  await withProgress(io, 'Saying again', async (report) => {
    // What one of them rests on may be another of them, which was said by another device before: until nothing moves.
    for (let moved = true; moved; ) {
      moved = false;
      for (const [i, each] of lost.entries()) {
        const before = fates.get(each)?.kind ?? 'waiting';
        if (before !== 'waiting') continue;
        const fate = await sayOne(each);
        fates.set(each, fate);
        if (fate.kind !== 'waiting') moved = true;
        report({ done: i + 1, total: lost.length });
      }
    }
  });
  await answer(context, centre.info.origin, fates);
}

/** The way to the centre is broken, or one of both sides is: nothing is learnt of the statement. */
const goesOn: ReadonlySet<string> = new Set(['busy', 'fault', 'unproven', 'usage']);

async function answer(context: Context, log: string, fates: ReadonlyMap<LostStatement, Fate>): Promise<void> {
  const of = <K extends Fate['kind']>(kind: K) =>
    [...fates].flatMap(([{ ref, kind: said, index: was }, fate]) =>
      fate.kind === kind ? [{ ...ref, kind: said, was, ...without(fate as Extract<Fate, { kind: K }>) }] : [],
    );
  const [again, there, waiting] = [of('again'), of('there'), of('waiting')];
  const rows = waiting.map((each) => [shortRef(each), each.kind, each.code ?? '', each.detail]);
  const rest =
    rows.length === 0
      ? ''
      : `\nNot there yet:\n${table(['statement', 'kind', 'code', 'why'], rows, '')}\nWhat rests on what others said waits for them: run "${context.typed('resubmit')}" again, later.\n`;
  const known = there.length === 0 ? '' : ` ${count(there.length, 'statement')} had come back before.`;
  const human =
    fates.size === 0
      ? `Nothing is missing in ${log} of what this device has said.\n`
      : `Said ${count(again.length, 'statement')} again, in ${log}.${known}\n${rest}`;
  await context.answer({ log, again, there, waiting }, human);
}

function without<T extends Fate>({ kind: _, ...fate }: T): Omit<T, 'kind'> {
  return fate;
}

export function keptCommand(io: Io): Command {
  return new Command('kept')
    .description(
      'what this device keeps of what it said, so that it can say it again after a loss at the centre',
    )
    .option(
      '--days <n>',
      `how long content stays here; 0: not at all (default: ${usualDays})`,
      whole(0, 3_650),
    )
    .addHelpText(
      'after',
      `${example('parley kept', 'parley kept --days 7')}
Receipts stay; content goes after these days, when your party takes it back, and when its handling ends.
${shape('{"folder","days","statements","bytes","oldest"}')}`,
    )
    .action(async ({ days }: { days?: number }, command: Command) => {
      const context = contextOf(io, command);
      context.home.profile();
      const kept = keptIn(context.home, async () => {});
      if (days !== undefined) await kept.setDays(days);
      const summary = { days: kept.days(), ...kept.summary() };
      const human = card(`Kept of what this device said`, [
        ['folder', summary.folder],
        ['statements', `${summary.statements}, ${summary.bytes.toLocaleString('en')} bytes`],
        ['oldest', summary.oldest && time(summary.oldest)],
        ['days', summary.days === 0 ? 'none: nothing is kept' : String(summary.days)],
      ]);
      await context.answer(summary, human);
    });
}
