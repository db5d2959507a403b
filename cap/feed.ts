/**
 * Feeds of messages (OASIS, Example Practices: CAP Feeds 1.0): thin, an entry for each message, updates and cancels
 * included, each with a link to the bytes. The same messages give the same bytes, so a hash of them is an ETag.
 */
import type { Bytes } from '@parley/core/bytes.ts';
import { inTime } from './chain.ts';
import type { Alert } from './message.ts';
import { instantOf } from './times.ts';
import { finished, leaf, newDocument } from './xml-write.ts';

export const capMediaType = 'application/cap+xml';
export const atomNamespace = 'http://www.w3.org/2005/Atom';

export interface FeedHead {
  /** A URI that stays the same wherever the feed lies. */
  readonly id: string;
  readonly title: string;
  readonly author: string;
  /** Where the feed is. */
  readonly self: string;
  /** Of the feed while it is empty: milliseconds since 1970. */
  readonly since: number;
}

export interface FeedItem {
  readonly alert: Alert;
  /** Where its bytes are. */
  readonly link: string;
}

/** RFC 4287. */
export function atomFeed(head: FeedHead, items: readonly FeedItem[]): Bytes {
  const sorted = newestFirst(items);
  const document = newDocument();
  const feed = document.ele(atomNamespace, 'feed');
  leaf(feed, 'id', head.id);
  leaf(feed, 'title', head.title);
  leaf(feed, 'updated', rfc3339(updatedOf(head, sorted)));
  leaf(feed.ele('author'), 'name', head.author);
  leaf(feed, 'link', '', { rel: 'self', type: 'application/atom+xml', href: head.self });
  for (const { alert, link } of sorted) {
    const entry = feed.ele('entry');
    leaf(entry, 'id', alert.identifier);
    leaf(entry, 'title', titleOf(alert));
    leaf(entry, 'updated', rfc3339(instantOf(alert.sent)));
    leaf(entry, 'published', rfc3339(instantOf(alert.sent)));
    leaf(entry.ele('author'), 'name', alert.info[0]?.senderName ?? alert.sender);
    for (const term of termsOf(alert)) leaf(entry, 'category', '', { term });
    leaf(entry, 'link', '', { rel: 'alternate', type: capMediaType, href: link });
    leaf(entry, 'summary', summaryOf(alert));
  }
  return finished(document);
}

/** RSS 2.0. */
export function rssFeed(head: FeedHead, items: readonly FeedItem[]): Bytes {
  const sorted = newestFirst(items);
  const updated = rfc822(updatedOf(head, sorted));
  const document = newDocument();
  const channel = document.ele('rss', { version: '2.0', 'xmlns:atom': atomNamespace }).ele('channel');
  leaf(channel, 'title', head.title);
  leaf(channel, 'link', head.self);
  leaf(channel, 'description', head.title);
  leaf(channel, 'pubDate', updated);
  leaf(channel, 'lastBuildDate', updated);
  leaf(channel, 'atom:link', '', { rel: 'self', type: 'application/rss+xml', href: head.self });
  for (const { alert, link } of sorted) {
    const item = channel.ele('item');
    leaf(item, 'title', titleOf(alert));
    leaf(item, 'link', link);
    leaf(item, 'description', summaryOf(alert));
    for (const term of termsOf(alert)) leaf(item, 'category', term);
    leaf(item, 'guid', alert.identifier, { isPermaLink: 'false' });
    leaf(item, 'pubDate', rfc822(instantOf(alert.sent)));
    leaf(item, 'atom:link', '', { rel: 'alternate', type: capMediaType, href: link });
  }
  return finished(document);
}

function newestFirst(items: readonly FeedItem[]): FeedItem[] {
  return [...items].sort((a, b) => inTime(b.alert, a.alert));
}

function updatedOf({ since }: FeedHead, [newest]: readonly FeedItem[]): number {
  return newest ? instantOf(newest.alert.sent) : since;
}

/** What is not in earnest, or no longer, is unmistakable in a list too. */
function titleOf(alert: Alert): string {
  const [first] = alert.info;
  const words = first?.headline ?? first?.event ?? alert.note ?? alert.identifier;
  const marks = [
    alert.status === 'Actual' ? '' : alert.status,
    alert.msgType === 'Alert' ? '' : alert.msgType,
  ];
  return [...marks.filter(Boolean).map((mark) => `[${mark.toUpperCase()}]`), words].join(' ');
}

function summaryOf(alert: Alert): string {
  return alert.info[0]?.description ?? alert.note ?? titleOf(alert);
}

function termsOf({ status, msgType, info }: Alert): string[] {
  return [...new Set([status, msgType, ...info.flatMap(({ category, event }) => [...category, event])])];
}

const rfc3339 = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;
const rfc822 = (ms: number) => new Date(ms).toUTCString();
