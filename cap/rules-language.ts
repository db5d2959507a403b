/** One info block for each language, each in its own words (CAP 1.2, 3.2.2). */
import { error, type Finding, warning } from './findings.ts';
import type { Info } from './message.ts';

type Spoken = Info & { readonly language: string };

export function checkLanguages(infos: readonly Spoken[]): Finding[] {
  return infos.flatMap((info, i) => {
    const path = `/alert/info[${i + 1}]`;
    const before = infos.slice(0, i);
    return [
      ...checkTag(info.language, `${path}/language`),
      ...(before.some(({ language }) => sameTag(language, info.language))
        ? [warning('language.twice', path, 'The language is there twice', 'one info block for each language')]
        : []),
      ...(before.some((other) => sameWords(other, info))
        ? [error('language.same-text', path, 'The text stands under another language too', 'a translation')]
        : []),
    ];
  });
}

function checkTag(language: string, path: string): Finding[] {
  try {
    Intl.getCanonicalLocales(language);
    return [];
  } catch {
    return [error('language', path, 'Not a language tag', 'a tag of RFC 5646, such as fr-CA')];
  }
}

const sameTag = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
const primary = (tag: string) => tag.split('-')[0]?.toLowerCase();

/** A headline may be a name, which is the same everywhere. */
function sameWords(a: Spoken, b: Spoken): boolean {
  if (primary(a.language) === primary(b.language)) return false;
  const long = (['description', 'instruction'] as const).some(
    (name) => a[name] !== undefined && a[name] === b[name],
  );
  const silent = [a, b].every(
    ({ description, instruction }) => description === undefined && instruction === undefined,
  );
  return long || (silent && a.headline !== undefined && a.headline === b.headline);
}
