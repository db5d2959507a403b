/**
 * Europol's handling codes as handling. A code says how wide a handling may be; what has no faithful mapping is refused,
 * never guessed. Wording: Council of the European Union, Manual on Law Enforcement Information Exchange.
 */
import { Refusal } from './errors.ts';
import { checkHandling, type Handling } from './handling.ts';
import type { Language } from './purposes.ts';
import type { Terms } from './terms.ts';

/** From the narrowest to the freest. */
export const onwardRules = ['never', 'ask', 'room'] as const;
type Onward = Handling['onward'];

const criminalIntelligence = 'criminal-intelligence';
const againstCrime: readonly string[] = ['criminal-investigation', criminalIntelligence];

/** The widest that a handling may be. */
export interface Bounds {
  readonly purposes: readonly string[];
  readonly onward: readonly Onward[];
}

export interface HandlingCode extends Bounds {
  readonly id: string;
  readonly title: Readonly<Record<Language, string>>;
}

/** H3, restrictions in words, is not among them: what words ask for, a rule cannot keep. */
export const handlingCodes: readonly HandlingCode[] = [
  {
    id: 'H0',
    title: {
      en: 'Only for preventing and combating crime',
      de: 'Nur zur Verhütung und Bekämpfung von Straftaten',
      fr: 'Uniquement pour la prévention et la lutte contre la criminalité',
    },
    purposes: againstCrime,
    onward: onwardRules,
  },
  {
    id: 'H1',
    title: {
      en: 'Not in judicial proceedings without the provider’s permission',
      de: 'Nicht in Gerichtsverfahren ohne Zustimmung der übermittelnden Stelle',
      fr: 'Pas de divulgation dans une procédure judiciaire sans l’autorisation du fournisseur',
    },
    purposes: [criminalIntelligence],
    onward: onwardRules,
  },
  {
    id: 'H2',
    title: {
      en: 'Not passed on without the provider’s permission',
      de: 'Keine Weitergabe ohne Zustimmung der übermittelnden Stelle',
      fr: 'Pas de diffusion sans l’autorisation du fournisseur',
    },
    purposes: againstCrime,
    onward: ['never', 'ask'],
  },
];

/** What all of the codes allow. @throws handling.code */
export function boundsOf(codes: readonly string[]): Bounds {
  if (codes.length === 0) throw unmapped('no code is named');
  if (new Set(codes).size !== codes.length) throw unmapped('a code is named twice');
  const found = codes.map(codeNamed);
  const within = <T>(of: (code: HandlingCode) => readonly T[]): readonly T[] =>
    found.map(of).reduce((all, some) => all.filter((each) => some.includes(each)));
  return { purposes: within(({ purposes }) => purposes), onward: within(({ onward }) => onward) };
}

function codeNamed(id: string): HandlingCode {
  const code = handlingCodes.find((each) => each.id === id);
  if (code) return code;
  if (id === 'H3')
    throw unmapped(
      'H3 restricts in words, which no rule keeps: say it by recipients, purposes, end and passing on, and put the words into a note',
    );
  throw unmapped(`there are ${handlingCodes.map((each) => each.id).join(', ')}`);
}

function unmapped(detail: string, at?: string): Refusal {
  return new Refusal('handling.code', { detail, ...(at === undefined ? {} : { at }) });
}

/** A handling whose purposes and rule for passing on may be left to the codes. */
export type Wanted = Omit<Handling, 'purposes' | 'onward'> & {
  readonly purposes?: readonly string[] | undefined;
  readonly onward?: Onward | undefined;
};

/**
 * The handling that the codes ask for. What is wanted may be narrower than they, never wider.
 * @param terms of the room: their purposes, and their default for passing on where it is narrower
 * @throws handling.code, handling.contradiction
 */
export function handlingForCodes(codes: readonly string[], wanted: Wanted, terms: Terms | null): Handling {
  const bounds = boundsOf(codes);
  const list = codes.join(' and ');
  if (wanted.to === 'public') throw unmapped(`${list}: what is bound to a purpose is not public`, '/to');
  if (wanted.tlp === 'clear')
    throw unmapped(`${list}: TLP:CLEAR may be used and passed on by anybody`, '/tlp');
  const purposes = wanted.purposes ?? bounds.purposes.filter((id) => terms?.purposes.includes(id) ?? true);
  if (purposes.length === 0)
    throw unmapped(
      `${list}: only for ${bounds.purposes.join(' or ')}, which the terms of the room do not know`,
      '/purposes',
    );
  const beyond = purposes.find((id) => !bounds.purposes.includes(id));
  if (beyond !== undefined)
    throw unmapped(`${list}: only for ${bounds.purposes.join(' or ')}, not for ${beyond}`, '/purposes');
  const onward = wanted.onward ?? freest(bounds, terms?.handling.onward ?? 'ask');
  if (!bounds.onward.includes(onward))
    throw unmapped(`${list}: passed on only by asking, or never`, '/onward');
  const handling: Handling = { ...wanted, purposes: [...purposes], onward };
  checkHandling(handling);
  return handling;
}

/** What is proposed, or the freest that the codes allow where it goes beyond them. */
function freest({ onward }: Bounds, proposed: Onward): Onward {
  return onward.includes(proposed) ? proposed : (onward.at(-1) ?? 'never');
}
