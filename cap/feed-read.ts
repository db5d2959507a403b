/**
 * A feed of messages from elsewhere, Atom or RSS, with the messages in it or links to them. Nothing is fetched here:
 * whoever polls decides which addresses it opens.
 */
import { type Bytes, utf8 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { atomNamespace, capMediaType } from './feed.ts';
import { capNamespace } from './grammar.ts';
import { collapsed } from './message.ts';
import { type Document, type Element, parseXml, standalone } from './xml.ts';

export const maxFeedBytes = 8 * 1024 * 1024;
/** The newest stand first; a feed that lists more is not read to its end. */
export const maxEntries = 1_000;

export interface FeedEntry {
  readonly id: string;
  readonly title: string;
  /** Milliseconds since 1970. */
  readonly updated: number | undefined;
  /** Where the message lies, if the feed says so in http or https. */
  readonly link: string | undefined;
  /** The message itself, if it stands in the feed: as it stands there, with the namespaces from around it. */
  readonly cap: Bytes | undefined;
}

export interface Feed {
  readonly title: string;
  readonly entries: readonly FeedEntry[];
  /** Whether there were more. */
  readonly cut: boolean;
}

/** @param base where the feed lies: links in it may be relative @throws feed.malformed and what `parseXml` throws */
export function readFeed(bytes: Uint8Array, base: string, limit = maxFeedBytes): Feed {
  const document = parseXml(bytes, limit);
  const { root } = document;
  if (root.namespace === atomNamespace && root.name === 'feed') return feedOf(document, root, 'entry', base);
  const channel = root.name === 'rss' ? child(root, 'channel') : undefined;
  if (channel) return feedOf(document, channel, 'item', base);
  throw new Refusal('feed.malformed', { at: `line ${root.line}` });
}

function feedOf(document: Document, parent: Element, name: 'entry' | 'item', base: string): Feed {
  const all = parent.children.filter(
    (element) => element.name === name && element.namespace === parent.namespace,
  );
  return {
    title: textOf(parent, 'title'),
    entries: all.slice(0, maxEntries).map((element) => entryOf(document, element, base)),
    cut: all.length > maxEntries,
  };
}

function entryOf(document: Document, element: Element, base: string): FeedEntry {
  const link = linkOf(element, base);
  const embedded = alertIn(element);
  const when = ['updated', 'pubDate', 'published'].map((name) => Date.parse(textOf(element, name)));
  return {
    id: textOf(element, 'id') || textOf(element, 'guid') || (link ?? ''),
    title: textOf(element, 'title'),
    updated: when.find((ms) => !Number.isNaN(ms)),
    link,
    cap: embedded && utf8(standalone(document, embedded)),
  };
}

/** CAP's own type first, then what stands for the entry, then an enclosure (RSS 2.0). */
function linkOf(element: Element, base: string): string | undefined {
  const links = element.children
    .filter(({ name }) => name === 'link' || name === 'enclosure')
    .map(({ attributes, text }) => ({
      type: attributes.get('type'),
      rel: attributes.get('rel') ?? 'alternate',
      href: attributes.get('href') ?? attributes.get('url') ?? text,
    }));
  const best =
    links.find(({ type }) => type?.split(';')[0]?.trim() === capMediaType) ??
    links.find(({ rel, type }) => rel === 'alternate' && type !== 'text/html') ??
    links.find(({ rel }) => rel === 'alternate');
  if (!best || !URL.canParse(best.href.trim(), base)) return undefined;
  const url = new URL(best.href.trim(), base);
  return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : undefined;
}

function alertIn(element: Element): Element | undefined {
  for (const inner of element.children) {
    const found = inner.namespace === capNamespace && inner.name === 'alert' ? inner : alertIn(inner);
    if (found) return found;
  }
  return undefined;
}

function child(parent: Element, name: string): Element | undefined {
  return parent.children.find((element) => element.name === name && element.namespace === parent.namespace);
}

function textOf(parent: Element, name: string): string {
  return collapsed(child(parent, name)?.text ?? '');
}
