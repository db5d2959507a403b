/** What states agree on beyond purposes: level, grounds for transfer, undertakings, a supervisor. As options, and on a page. */
import { Refusal } from '@parley/core/errors.ts';
import type { PartyId } from '@parley/core/keys.ts';
import { readPart } from '@parley/core/parts.ts';
import { type Level, levels, type Terms, termsSchema } from '@parley/core/terms.ts';
import { type Ground, protectionSchema, transferGrounds } from '@parley/core/transfer.ts';
import { undertakingsSchema } from '@parley/core/undertakings.ts';
import type { Command } from 'commander';
import { choice, usage } from './arguments.ts';
import { named } from './format.ts';
import { type Io, readAll } from './io.ts';

export interface AgreedOptions {
  readonly level?: Level | 'none';
  readonly protection?: string;
  readonly undertakings?: string;
  readonly supervisor?: string;
}

export function withAgreedOptions(command: Command): Command {
  return command
    .addOption(
      choice('--level <level>', 'only for parties that take part at this level', [...levels, 'none']),
    )
    .option('--protection <file>', 'of personal data: controller, processor, grounds as JSON; or none')
    .option('--undertakings <file>', 'what each side undertakes, as JSON; or none')
    .option('--supervisor <party>', 'who supervises the room: a name or a fingerprint; or none');
}

export const agreedHelp = `
A FILE for --protection, with the parties by their fingerprints (parley party list --json), and grounds of the list
${Object.keys(transferGrounds).join(', ')}:
  {"controller":"each","processor":null,
   "transfers":[{"party":"9f86d081…","ground":{"id":"agreement","text":"Treaty of 3 May, Art. 7"}}],
   "others":{"id":"union","text":"Members of the Union"}}
A FILE for --undertakings:
  [{"id":"report-within-a-day","by":"each","text":"Each reports incidents within a day.","inReturnFor":[]},
   {"id":"share-routes","by":"9f86d081…","text":"The City shares routes.","inReturnFor":["report-within-a-day"]}]
`;

type Agreed = Pick<Terms, 'level' | 'protection' | 'undertakings' | 'supervisor'>;

/** What nobody says stays out of the terms. @throws part.malformed */
export async function agreedFrom(io: Io, options: AgreedOptions, base: Agreed | null): Promise<Agreed> {
  const level = options.level === undefined ? base?.level : options.level === 'none' ? null : options.level;
  const protection = await fromFile(io, options.protection, base?.protection, (bytes, at) =>
    readPart(protectionSchema, bytes, at),
  );
  const undertakings = await fromFile(io, options.undertakings, base?.undertakings, (bytes, at) =>
    readPart(undertakingsSchema, bytes, at),
  );
  const supervisor = options.supervisor === 'none' ? null : base?.supervisor;
  return {
    ...(level ? { level } : {}),
    ...(protection ? { protection } : {}),
    ...(undertakings ? { undertakings } : {}),
    ...(supervisor ? { supervisor } : {}),
  };
}

async function fromFile<T>(
  io: Io,
  file: string | undefined,
  before: T | undefined,
  read: (bytes: Uint8Array, at: string) => T,
): Promise<T | undefined> {
  if (file === undefined) return before;
  if (file === 'none') return undefined;
  const bytes = await readAll(io, file, 262_144);
  try {
    return read(bytes, file);
  } catch (error) {
    if (!(error instanceof Refusal && error.code === 'part.malformed')) throw error;
    throw usage(
      `${error.at ?? file} is missing or not what stands there (${error.detail ?? ''}); --help shows the form of the file`,
    );
  }
}

/** By its name, which only a session can look up. @throws part.malformed, command.usage */
export async function withSupervisor(
  terms: Terms,
  { supervisor }: AgreedOptions,
  party: (text: string) => Promise<PartyId>,
): Promise<Terms> {
  if (supervisor === undefined || supervisor === 'none') return terms;
  const whole = { ...terms, supervisor: await party(supervisor) };
  return readPart(termsSchema, Buffer.from(JSON.stringify(whole)), 'terms');
}

/** Rows of the card of terms. */
export function agreedRows(
  { level, protection, undertakings, supervisor }: Terms,
  names: ReadonlyMap<PartyId, string>,
): (readonly [string, string | null])[] {
  const who = (party: string) => (party === 'each' ? 'each member' : named(party, names));
  const rows: (readonly [string, string | null])[] = [['level', level ?? null]];
  if (protection) {
    rows.push(['controller', who(protection.controller)]);
    rows.push(['processor', protection.processor === null ? 'none' : who(protection.processor)]);
    for (const { party, ground } of protection.transfers) rows.push([`to ${who(party)}`, groundText(ground)]);
    rows.push([
      'to any other',
      protection.others === null ? 'no ground: cannot join' : groundText(protection.others),
    ]);
  }
  for (const { id, by, text, inReturnFor } of undertakings ?? []) {
    const back = inReturnFor.length === 0 ? '' : `, in return for ${inReturnFor.join(', ')}`;
    rows.push([id, `${who(by)}${back}: ${text}`]);
  }
  rows.push(['supervisor', supervisor ? who(supervisor) : null]);
  return rows;
}

function groundText({ id, text }: Ground): string {
  return `${id} (${transferGrounds[id]}): ${text}`;
}
