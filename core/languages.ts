/** Texts in one or more languages, as what people are to read is kept. */
import { z } from 'zod';
import { freeText } from './fields.ts';

/** RFC 5646, as far as it is used: language, script, region, each in its usual spelling. */
export const languageTag = z
  .string()
  .regex(
    /^[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|\d{3}))?$/,
    'expected a language such as fr, pt-BR or zh-Hant',
  );

const maxLanguages = 16;

/** By language, at least one. */
export const textsIn = (max: number) =>
  z.record(languageTag, freeText(max)).refine((texts) => {
    const count = Object.keys(texts).length;
    return count >= 1 && count <= maxLanguages;
  }, `expected a text in 1 to ${maxLanguages} languages`);
export type Texts = Readonly<Record<string, string>>;

/**
 * What a reader of these languages is shown: the first of them that there is, else English, else the first one there.
 * @param wanted in the order of preference; a region falls back to its language
 */
export function textFor(texts: Texts, wanted: readonly string[]): { language: string; text: string } | null {
  const tags = [...wanted.flatMap((tag) => [tag, tag.split('-')[0] as string]), 'en', ...Object.keys(texts)];
  const language = tags.find((tag) => Object.hasOwn(texts, tag));
  return language === undefined ? null : { language, text: texts[language] as string };
}
