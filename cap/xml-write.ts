/** Texts into XML, and the bytes of it. Only what came through here is escaped as it has to be. */
import { type Bytes, utf8 } from '@parley/core/bytes.ts';
import { create } from 'xmlbuilder2';
import type { XMLBuilder } from 'xmlbuilder2/lib/interfaces.js';

export type { XMLBuilder };

export function newDocument(): XMLBuilder {
  return create({ version: '1.0', encoding: 'UTF-8' });
}

export function leaf(
  parent: XMLBuilder,
  name: string,
  text: string,
  attributes: Readonly<Record<string, string>> = {},
): void {
  const escaped = Object.entries(attributes).map(([key, value]) => [key, ampersands(value)]);
  const element = parent.ele(name, Object.fromEntries(escaped));
  if (text !== '') element.txt(ampersands(text));
}

/** The library takes "&lt;" in a text for a reference, and leaves it alone: somebody who wrote it meant four characters. */
function ampersands(text: string): string {
  return text.replaceAll('&', '&amp;');
}

/**
 * A reader would make a line feed of a carriage return (XML 1.0, 2.11), and one that takes XML 1.1 for 1.0, as the
 * library for signatures does, of two more.
 */
export function lineEndsKept(text: string): string {
  return text.replace(/[\r\u0085\u2028]/g, (end) => `&#x${end.charCodeAt(0).toString(16).toUpperCase()};`);
}

export function finished(document: XMLBuilder): Bytes {
  return utf8(`${lineEndsKept(document.end({ prettyPrint: true }))}\n`);
}
