/** The handling of a share, from options, over what the room's terms propose. */
import { classifications } from '@parley/core/classification.ts';
import { handlingForCodes } from '@parley/core/codes.ts';
import { Refusal } from '@parley/core/errors.ts';
import {
  checkHandling,
  dataNatures,
  type Handling,
  handlingSchema,
  papLabels,
  personCategories,
  tlpLabels,
} from '@parley/core/handling.ts';
import type { PartyId } from '@parley/core/keys.ts';
import { publicInformation } from '@parley/core/purposes.ts';
import type { Terms } from '@parley/core/terms.ts';
import { type Command, InvalidArgumentError } from 'commander';
import { choice, collectList, laterTime, time, usage } from './arguments.ts';
import { named, time as shown } from './format.ts';

export interface HandlingOptions {
  readonly to: string[];
  readonly tlp?: Handling['tlp'];
  readonly onward?: Handling['onward'];
  readonly until?: string;
  readonly review?: string;
  readonly personal?: Handling['personal'];
  readonly classification?: Handling['classification'];
  readonly pap?: Handling['pap'];
  readonly code?: string[];
}

export function withHandlingOptions(command: Command): Command {
  return command
    .option(
      '--to <who>',
      'room, observers (members and observers), public, or parties with commas (default: room)',
      collectList,
    )
    .addOption(choice('--tlp <label>', 'TLP 2.0 label (default: that of the terms)', tlpLabels))
    .addOption(
      choice('--onward <rule>', 'passing on: never, ask, or room (default: that of the terms)', [
        'never',
        'ask',
        'room',
      ]),
    )
    .option(
      '--until <when>',
      'when it is erased: 30d, 2026-05-31 (default: the latest that the terms allow, less a minute by which clocks may differ)',
      laterTime,
    )
    .option('--review <when>', 'when you look at it again', time)
    .option(
      '--personal <list>',
      'it holds data on persons: of whom and of what nature, such as witness:fact,suspect:assessment',
      personalData,
    )
    .addOption(
      choice(
        '--classification <level>',
        'how secret it is; refused here above what the centre is accredited for (default: that of the terms)',
        classifications,
      ),
    )
    .addOption(
      choice('--pap <label>', 'what readers may do with it: PAP (default: that of the terms)', papLabels),
    )
    .option(
      '--code <codes>',
      'Europol’s handling codes, such as H1,H2: they set purposes and passing on ("parley codes")',
      collectList,
    );
}

/** @throws what commander shows as a wrong option */
function personalData(text: string): Handling['personal'] {
  const list = text.split(',').map((each) => {
    const [category, nature, ...rest] = each.trim().split(':');
    return { category, nature: rest.length === 0 ? nature : undefined };
  });
  const result = handlingSchema.shape.personal.safeParse(list);
  if (result.success) return result.data;
  throw new InvalidArgumentError(
    `Expected pairs such as witness:fact, each once: one of ${personCategories.join(', ')}, and one of ${dataNatures.join(', ')}.`,
  );
}

/**
 * @param given purposes, or undefined for those of the terms
 * @param party resolves what people type for a party
 * @throws command.usage, party.unknown, handling.contradiction, handling.code
 */
export async function handlingFrom(
  options: HandlingOptions,
  given: readonly string[] | undefined,
  terms: Terms | null,
  party: (text: string) => Promise<PartyId>,
): Promise<Handling> {
  const to = await recipients(options.to, party);
  const isPublic = to === 'public';
  const { until = endWithin(terms), review = null, personal = false } = options;
  const tlp = options.tlp ?? (isPublic ? 'clear' : terms?.handling.tlp);
  const rest = { until, review, personal, ...marked(options, isPublic ? null : terms) };
  if (options.code && tlp)
    return handlingForCodes(
      options.code,
      { to, tlp, ...rest, purposes: given, onward: options.onward },
      terms,
    );
  // What the terms propose is for the room; a share to everybody has its own, which its label demands.
  const purposes = given ?? (isPublic ? [publicInformation] : terms?.handling.purposes);
  const onward = options.onward ?? (isPublic ? 'room' : terms?.handling.onward);
  if (!purposes || !onward || !tlp)
    throw usage('the terms of the room are not known here: give --purpose, --onward and --tlp');
  const handling = { to, purposes: [...purposes], onward, tlp, ...rest };
  const result = handlingSchema.safeParse(handling);
  if (!result.success)
    throw usage(`${result.error.issues[0]?.path.join('/')}: ${result.error.issues[0]?.message}`);
  if (tlp === 'red' && typeof to === 'string')
    throw new Refusal('handling.contradiction', {
      at: '--to',
      detail: 'TLP:RED names its recipients: give them with --to, by name, with commas',
    });
  checkHandling(handling);
  if (isPublic && terms && given === undefined && !terms.purposes.includes(publicInformation))
    throw new Refusal('handling.purpose', {
      detail: `what is public has the purpose ${publicInformation}, and the terms of the room allow only ${terms.purposes.join(', ')}`,
    });
  return handling;
}

/** Left out of the handling where nobody says it: the two ways to say nothing must not look different. */
function marked(options: HandlingOptions, terms: Terms | null): Pick<Handling, 'classification' | 'pap'> {
  const { classification = terms?.handling.classification, pap = terms?.handling.pap } = options;
  return { ...(classification ? { classification } : {}), ...(pap ? { pap } : {}) };
}

/** A room that keeps nothing for ever wants an end: the latest that it allows, less what the clocks may differ. */
function endWithin(terms: Terms | null): string | null {
  if (terms === null || terms.retention === null) return null;
  return new Date(Date.now() + terms.retention * 86_400_000 - 60_000).toISOString();
}

async function recipients(
  to: readonly string[] | undefined,
  party: (text: string) => Promise<PartyId>,
): Promise<Handling['to']> {
  const [only = 'room'] = to ?? [];
  if ((only === 'room' || only === 'observers' || only === 'public') && (to?.length ?? 1) === 1) return only;
  const parties = await Promise.all((to ?? []).map(party));
  return { parties };
}

/** `RESTRICTED, PAP:AMBER, personal data (witness: fact)`: what goes beyond the TLP label; empty for most. */
export function marksText({
  classification = 'unclassified',
  pap = 'clear',
  personal,
}: Pick<Handling, 'classification' | 'pap' | 'personal'>): string {
  return [
    classification === 'unclassified' ? '' : classification.toUpperCase(),
    pap === 'clear' ? '' : `PAP:${pap.toUpperCase()}`,
    personal
      ? `personal data (${personal.map(({ category, nature }) => `${category}: ${nature}`).join(', ')})`
      : '',
  ]
    .filter((mark) => mark !== '')
    .join(', ');
}

/** `to the room, for event-security; TLP:AMBER; RESTRICTED, PAP:AMBER; onward: ask`. */
export function handlingText(handling: Handling, names: ReadonlyMap<PartyId, string>): string {
  const { to, purposes, onward, until, review, tlp } = handling;
  const who =
    to === 'room'
      ? 'to the room'
      : to === 'observers'
        ? 'to the room and those who observe it'
        : to === 'public'
          ? 'to the public'
          : `to ${to.parties.map((party) => named(party, names)).join(', ')}`;
  const pieces = [
    `${who}, for ${purposes.join(', ')}`,
    `TLP:${tlp.toUpperCase()}`,
    marksText(handling),
    `onward: ${onward}`,
    until === null ? '' : `until ${shown(until)}`,
    review === null ? '' : `review ${shown(review)}`,
  ];
  return pieces.filter((piece) => piece !== '').join('; ');
}
