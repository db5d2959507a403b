/**
 * What a party allows to be done with what it says. Set when it is said, before anything can be seen; widened
 * by a grant, narrowed by a recall, never edited.
 */
import { z } from 'zod';
import { type Classification, classifications } from './classification.ts';
import { Refusal } from './errors.ts';
import { instantText, partyId, purposeId } from './fields.ts';
import { publicInformation } from './purposes.ts';

/** TLP 2.0 (FIRST), from the widest to the narrowest. */
export const tlpLabels = ['clear', 'green', 'amber', 'amber+strict', 'red'] as const;
export type Tlp = (typeof tlpLabels)[number];

/** The Permissible Actions Protocol: what a reader may do with it, from the widest to the narrowest. */
export const papLabels = ['clear', 'green', 'amber', 'red'] as const;
export type Pap = (typeof papLabels)[number];

/** Whose data it is: Directive (EU) 2016/680, Art. 6. */
export const personCategories = ['suspect', 'witness', 'victim', 'contact', 'other'] as const;
/** Whether it rests on facts or on somebody's assessment: Directive (EU) 2016/680, Art. 7. */
export const dataNatures = ['fact', 'assessment'] as const;

const personal = z
  .array(z.strictObject({ category: z.enum(personCategories), nature: z.enum(dataNatures) }))
  .min(1)
  .max(personCategories.length * dataNatures.length)
  .refine(
    (list) => new Set(list.map(({ category, nature }) => `${category} ${nature}`)).size === list.length,
    'a category is named twice with the same nature',
  );

export const handlingSchema = z.strictObject({
  to: z.union([
    z.literal('room'),
    z.literal('observers'),
    z.literal('public'),
    z.strictObject({ parties: z.array(partyId).min(1).max(256) }),
  ]),
  purposes: z.array(purposeId).min(1).max(16),
  /** `never`; `ask`: the originator decides each time; `room`: members may pass it on within the room. */
  onward: z.enum(['never', 'ask', 'room']),
  /** When it is erased by itself, or null: as long as the room's terms allow. */
  until: instantText.nullable(),
  /** When the originator will look at it again. */
  review: instantText.nullable(),
  tlp: z.enum(tlpLabels),
  /** False, or on whom it holds data, and of what nature. */
  personal: z.union([z.literal(false), personal], {
    error: 'expected false, or a list such as [{"category":"witness","nature":"fact"}]',
  }),
  /** Left out: unclassified. */
  classification: z.enum(classifications).optional(),
  /** Left out: clear. */
  pap: z.enum(papLabels).optional(),
});
export type Handling = z.infer<typeof handlingSchema>;

export function classificationOf({ classification }: Handling): Classification {
  return classification ?? 'unclassified';
}

export function papOf({ pap }: Handling): Pap {
  return pap ?? 'clear';
}

/**
 * The rule and the label are one thing. A contradiction is refused, never resolved by guessing.
 * @throws handling.contradiction with the place in the handling
 */
export function checkHandling(handling: Handling): void {
  const { to, purposes, onward, until, review, tlp, personal } = handling;
  const refuse = (at: string, detail: string): never => {
    throw new Refusal('handling.contradiction', { at: `/body/handling/${at}`, detail });
  };
  if (to === 'public' && tlp !== 'clear') refuse('tlp', 'what is public is TLP:CLEAR');
  if (to === 'public' && personal)
    refuse('personal', 'the public gives no justification, so personal data cannot be public');
  if (to === 'public' && !purposes.includes(publicInformation))
    refuse('purposes', `what is public has the purpose ${publicInformation}`);
  if (to === 'public' && onward === 'never') refuse('onward', 'what is public can be passed on');
  const classification = classificationOf(handling);
  if (to === 'public' && classification !== 'unclassified')
    refuse('classification', 'what is public is unclassified');
  if (to === 'public' && papOf(handling) !== 'clear')
    refuse('pap', 'the public is bound by nothing, so what is public is PAP:CLEAR');
  if (tlp === 'clear' && classification !== 'unclassified')
    refuse('classification', 'TLP:CLEAR may go anywhere, what is classified may not');
  if (tlp === 'red' && typeof to === 'string') refuse('to', 'TLP:RED names its recipients');
  if ((tlp === 'red' || tlp === 'amber+strict') && onward === 'room')
    refuse('onward', 'TLP:RED and TLP:AMBER+STRICT are passed on only by asking, or never');
  if (new Set(purposes).size !== purposes.length) refuse('purposes', 'a purpose is named twice');
  if (typeof to === 'object' && new Set(to.parties).size !== to.parties.length)
    refuse('to', 'a party is named twice');
  if (until !== null && review !== null && review > until) refuse('review', 'the review comes after the end');
}
