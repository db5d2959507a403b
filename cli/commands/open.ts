/** Opening what is locked: another purpose, or a justification. One step, recorded, and kept for the next commands. */
import { Command } from 'commander';
import { example, shape, usage } from '../arguments.ts';
import { type Context, contextOf } from '../context.ts';
import { withSession } from '../desk.ts';
import type { Purpose } from '../home.ts';
import type { Io } from '../io.ts';

interface OpenOptions {
  readonly justification?: string;
  readonly close?: boolean;
}

export function openCommand(io: Io): Command {
  return new Command('open')
    .description('choose for what you read from now on, with --purpose, and justify reading personal data')
    .option(
      '--justification <text>',
      'why personal data is needed, in at least 3 letters or digits; your own party and its supervisor see it',
    )
    .option('--close', 'take the justification back, and keep the purpose')
    .addHelpText(
      'after',
      `${example('parley open --purpose event-security', 'parley open --justification "Case 26-114: check before the gates open"')}\nThe step is recorded. It holds in this home until the next one; a justification holds for its purpose alone.\n${shape('{"purpose","justified","expires"}')}`,
    )
    .action(async (options: OpenOptions, command: Command) => {
      const context = contextOf(io, command);
      await openFor(context, options);
    });
}

async function openFor(context: Context, { justification, close }: OpenOptions): Promise<void> {
  const { home } = context;
  const kept = home.purpose();
  const purpose = context.purpose ?? kept?.purpose;
  if (purpose === undefined) throw usage('give the --purpose');
  if (justification === undefined && context.purpose === undefined && !close)
    throw usage('give a --purpose, a --justification, or --close');
  if (justification !== undefined && (justification.match(/[\p{L}\p{N}]/gu) ?? []).length < 3)
    throw usage('a --justification has at least 3 letters or digits');
  if (justification !== undefined && close) throw usage('--justification or --close, not both');
  // From what was open before, so that the centre records the step and not only where it led.
  await withSession({ ...context, purpose: kept?.purpose ?? purpose }, 'content', async ({ session }) => {
    const step = stepTo({ purpose, justification: justification ?? null }, session.current.purpose);
    const now = step === null ? session.current : await session.step(step);
    const keeps = close ? null : (justification ?? (kept?.purpose === purpose ? kept.justification : null));
    home.setPurpose({ purpose: now.purpose, justification: keeps });
    const justified = keeps !== null;
    const human = `You read for ${now.purpose}${justified ? ', with your justification' : ''}, until you choose another purpose with "${context.typed('open')}".\n`;
    await context.answer({ purpose: now.purpose, justified, expires: now.expires }, human);
  });
}

/** @returns null when nothing is to be opened: the session stands for that purpose already */
function stepTo(
  { purpose, justification }: Purpose,
  current: string,
): { purpose?: string; justification?: string } | null {
  const step = {
    ...(purpose === current ? {} : { purpose }),
    ...(justification === null ? {} : { justification }),
  };
  return Object.keys(step).length > 0 ? step : null;
}
