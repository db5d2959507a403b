/** What stands in the elements of CAP 1.2 that hold no others: how it is read, and how it is written. */
import {
  readCircle,
  readNumber,
  readPolygon,
  writeCircle,
  writeNumber,
  writePolygon,
} from './coordinates.ts';
import { collapsed, type Reference } from './message.ts';
import { fitsList, readList, writeList } from './texts.ts';
import { isCapTime } from './times.ts';

/** What a text was read as. Without a value, the schema forbids it, or where a rule is named, only the standard does. */
export interface Reading {
  readonly value?: unknown;
  readonly wanted?: string;
  readonly rule?: string;
}

export interface Leaf {
  readonly read: (text: string) => Reading;
  readonly write: (value: never) => string;
}

export const verbatim: Leaf = { read: (value) => ({ value }), write: (value: string) => value };
export const token: Leaf = { read: (text) => ({ value: collapsed(text) }), write: (value: string) => value };

export function oneOf(values: readonly string[]): Leaf {
  const wanted = `one of ${values.join(', ')}`;
  return {
    read: (value) => (values.includes(value) ? { value } : { wanted }),
    write: (value: string) => value,
  };
}

function matching(isRight: (text: string) => boolean, wanted: string): Leaf {
  return {
    read: (text) => (isRight(text.trim()) ? { value: text.trim() } : { wanted }),
    write: (value: string) => value,
  };
}

export const time = matching(
  isCapTime,
  'a time such as 2026-05-01T14:00:00+02:00: no Z, no fraction of a second',
);
export const language = matching(
  (text) => /^[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*$/.test(text),
  'a language tag such as fr-CA',
);

export const integer: Leaf = {
  read: (text) => (/^[+-]?\d+$/.test(text.trim()) ? safe(Number(text)) : { wanted: 'a whole number' }),
  write: (value: number) => String(value),
};

/** `xs:integer` has no bounds; a size beyond this is none. */
function safe(value: number): Reading {
  return Number.isSafeInteger(value)
    ? { value: value + 0 }
    : { rule: 'resource.size', wanted: 'the size in bytes' };
}

export const decimal: Leaf = {
  read: (text) => {
    const value = readNumber(text.trim());
    return value === undefined ? { wanted: 'a number' } : { value };
  },
  write: (value: number) => writeNumber(value),
};

export const polygon: Leaf = {
  read: (text) => unless(readPolygon(text), 'polygon', 'lat,lon lat,lon … with white space between'),
  write: writePolygon,
};

export const circle: Leaf = {
  read: (text) => unless(readCircle(text), 'circle', 'lat,lon and the radius in kilometres'),
  write: writeCircle,
};

function unless(value: unknown, rule: string, wanted: string): Reading {
  return value === undefined ? { rule, wanted } : { value };
}

export const list: Leaf = {
  read: (text) => {
    const value = readList(text);
    if (value.every(fitsList)) return { value };
    return {
      value: value.filter(fitsList),
      rule: 'list',
      wanted: 'names with spaces between, in quotes what holds spaces',
    };
  },
  write: writeList,
};

/** Those that are triples are read; one that is not is a finding and hides no other. */
export const references: Leaf = {
  read: (text) => {
    const all = text.split(/\s+/).filter(Boolean).map(triple);
    const value = all.filter((item) => item !== undefined);
    if (value.length === all.length) return { value };
    return { value, rule: 'references', wanted: 'sender,identifier,sent with spaces between' };
  },
  write: (value: readonly Reference[]) =>
    value.map(({ sender, identifier, sent }) => `${sender},${identifier},${sent}`).join(' '),
};

function triple(text: string): Reference | undefined {
  const [sender = '', identifier = '', sent = '', ...more] = text.split(',');
  if (!sender || !identifier || more.length > 0 || !isCapTime(sent)) return undefined;
  return { sender, identifier, sent };
}
