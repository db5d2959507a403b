/** Terms of a room, from options, over those that are there. */
import { classifications } from '@parley/core/classification.ts';
import { type Handling, papLabels, tlpLabels } from '@parley/core/handling.ts';
import { readPart } from '@parley/core/parts.ts';
import { type Terms, termsSchema } from '@parley/core/terms.ts';
import type { Command } from 'commander';
import {
  type AgreedOptions,
  agreedFrom,
  agreedHelp,
  agreedRows,
  withAgreedOptions,
} from './agreed-options.ts';
import { choice, collectList, usage, whole } from './arguments.ts';
import { card } from './format.ts';
import { marksText } from './handling-options.ts';
import { type Io, readAll } from './io.ts';

export interface TermsOptions extends AgreedOptions {
  readonly terms?: string;
  readonly title?: string;
  readonly purposes?: string[];
  readonly defaultPurposes?: string[];
  readonly onward?: Handling['onward'];
  readonly tlp?: Handling['tlp'];
  readonly classification?: Handling['classification'];
  readonly pap?: Handling['pap'];
  readonly retention?: number | 'none';
  readonly past?: boolean;
  readonly roster?: boolean;
  readonly conditions?: string;
}

/** Shared by opening a room and changing its terms. */
export function withTermsOptions(command: Command): Command {
  const days = whole(1, 36_525);
  return withAgreedOptions(command)
    .option(
      '--terms <file>',
      'all of them as JSON (spec/terms.md), or - for the standard input; options come on top',
    )
    .option('--title <title>', 'what the room is called')
    .option('--purposes <ids>', 'for what members may use what is said here, with commas', collectList)
    .option(
      '--default-purposes <ids>',
      'those that a share has when it does not say (default: all of them)',
      collectList,
    )
    .addOption(choice('--onward <rule>', 'default for passing on', ['never', 'ask', 'room']))
    .addOption(choice('--tlp <label>', 'default TLP 2.0 label', tlpLabels))
    .addOption(choice('--classification <level>', 'default classification', classifications))
    .addOption(choice('--pap <label>', 'default PAP label', papLabels))
    .option('--retention <days>', 'after how many days all is erased, or none', (value) =>
      value === 'none' ? value : days(value),
    )
    .option('--past', 'new members see what was said before they joined')
    .option('--no-past', 'they do not')
    .option('--roster', 'members see who else is in')
    .option('--no-roster', 'they do not')
    .option('--conditions <text>', 'in words; @FILE reads them from a file');
}

/** Under the help of both commands. */
export const termsHelp = `
All the fields, and what they mean: spec/terms.md. With purposes of the room's own, which begin with x-, as a FILE:
  {"title":"Summit 2026","purposes":["event-security","x-route-safety"],
   "own":[{"id":"x-route-safety","title":"Keeping the convoy's route safe","basis":"Agreement of 3 May, section 2"}],
   "handling":{"purposes":["event-security"],"onward":"ask","tlp":"amber"},
   "retention":90,"past":false,"roster":true,"conditions":""}
${agreedHelp}`;

/** Members that have no default here must be given; what is left out is on the side of caution. */
const cautious = {
  onward: 'ask',
  tlp: 'amber',
  retention: null,
  past: false,
  roster: true,
  conditions: '',
} as const;

/** @throws command.usage, part.malformed with what is wrong in the terms */
export async function termsFrom(io: Io, options: TermsOptions, before: Terms | null): Promise<Terms> {
  const base =
    options.terms === undefined
      ? before
      : readPart(termsSchema, await readAll(io, options.terms, 65_536), options.terms);
  const title = options.title ?? base?.title;
  const purposes = options.purposes ?? base?.purposes;
  if (title === undefined || purposes === undefined)
    throw usage('terms need at least --title and --purposes, or --terms FILE');
  const terms: Terms = {
    title,
    purposes,
    own: (base?.own ?? []).filter(({ id }) => purposes.includes(id)),
    handling: {
      purposes:
        options.defaultPurposes ?? base?.handling.purposes.filter((id) => purposes.includes(id)) ?? purposes,
      onward: options.onward ?? base?.handling.onward ?? cautious.onward,
      tlp: options.tlp ?? base?.handling.tlp ?? cautious.tlp,
      ...marksFrom(options, base),
    },
    retention:
      options.retention === 'none' ? null : (options.retention ?? base?.retention ?? cautious.retention),
    past: options.past ?? base?.past ?? cautious.past,
    roster: options.roster ?? base?.roster ?? cautious.roster,
    conditions: await conditionsFrom(io, options.conditions, base?.conditions ?? cautious.conditions),
    ...(await agreedFrom(io, options, base)),
  };
  return readPart(termsSchema, Buffer.from(JSON.stringify(terms)), 'terms');
}

function marksFrom(options: TermsOptions, base: Terms | null): Pick<Handling, 'classification' | 'pap'> {
  const { classification = base?.handling.classification, pap = base?.handling.pap } = options;
  return { ...(classification ? { classification } : {}), ...(pap ? { pap } : {}) };
}

async function conditionsFrom(io: Io, text: string | undefined, before: string): Promise<string> {
  if (text?.startsWith('@')) return Buffer.from(await readAll(io, text.slice(1), 65_536)).toString();
  return text ?? before;
}

/** Whether any of the options asks for other terms. */
export function changesTerms(options: TermsOptions): boolean {
  return Object.values(options).some((value) => value !== undefined);
}

export function termsCard(
  title: string,
  { hash, terms }: { hash: string; terms: Terms },
  names: ReadonlyMap<string, string> = new Map(),
): string {
  const { handling, own } = terms;
  const summary = card(title, [
    ['title', terms.title],
    ['purposes', terms.purposes.join(', ')],
    ...own.map(({ id, title: words, basis }) => ['', `${id}: ${words} (${basis})`] as const),
    [
      'by default',
      [
        `for ${handling.purposes.join(', ')}; TLP:${handling.tlp.toUpperCase()}`,
        marksText({ ...handling, personal: false }),
        `onward: ${handling.onward}`,
      ]
        .filter((piece) => piece !== '')
        .join('; '),
    ],
    ['erased after', terms.retention === null ? 'no limit' : `${terms.retention} days`],
    ['new members', terms.past ? 'see what was said before' : 'see only what is said from then on'],
    ['members', terms.roster ? 'see who else is in' : 'do not see who else is in'],
    ...agreedRows(terms, names),
    ['hash', hash],
  ]);
  return terms.conditions === '' ? summary : `${summary}\n${indented(terms.conditions)}\n`;
}

function indented(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal.
  const calm = text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, ' ');
  return calm
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
}
