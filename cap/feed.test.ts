import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fromUtf8, utf8 } from '@parley/core/bytes.ts';
import { atomFeed, type FeedHead, type FeedItem, rssFeed } from './feed.ts';
import { maxEntries, readFeed } from './feed-read.ts';
import { alert as alertShape, referenceTo } from './message.ts';
import { readCap } from './read.ts';
import { inEnglish, sample } from './testing/sample.ts';
import { writeCap } from './write.ts';

const head: FeedHead = {
  id: 'urn:parley:cap:1.0:centre.example:feed',
  title: 'Warnings & more',
  author: 'Fictional Police',
  self: 'https://centre.example/cap/feed?a=1&b=2',
  since: Date.parse('2026-01-01T00:00:00Z'),
};
const alert = alertShape.parse(sample());
const cancel = alertShape.parse(
  sample({
    identifier: 'urn:uuid:cancel',
    sent: '2026-05-01T15:00:00+02:00',
    msgType: 'Cancel',
    status: 'Exercise',
    note: 'Exercise Lighthouse',
    references: [referenceTo(alert)],
    info: [],
  }),
);
const items: FeedItem[] = [alert, cancel].map((each) => ({
  alert: each,
  link: `https://centre.example/cap/${each.identifier}`,
}));

for (const [name, write] of [
  ['Atom', atomFeed],
  ['RSS', rssFeed],
] as const)
  describe(`a feed in ${name}`, () => {
    it('has an entry for each message, updates and cancels too, the newest first', () => {
      const { title, entries, cut } = readFeed(write(head, items), head.self);
      assert.deepEqual([title, cut], ['Warnings & more', false]);
      assert.deepEqual(entries, [
        {
          id: 'urn:uuid:cancel',
          title: '[EXERCISE] [CANCEL] Exercise Lighthouse',
          updated: Date.parse('2026-05-01T13:00:00Z'),
          link: items[1]?.link,
          cap: undefined,
        },
        {
          id: alert.identifier,
          title: inEnglish.headline,
          updated: Date.parse('2026-05-01T12:00:00Z'),
          link: items[0]?.link,
          cap: undefined,
        },
      ]);
    });

    it('has the same bytes for the same messages, in whatever order', () => {
      assert.deepEqual(write(head, items), write(head, [...items].reverse()));
      assert.notDeepEqual(write(head, items), write(head, items.slice(0, 1)));
    });

    it('says of what kind its messages are', () => {
      const text = fromUtf8(write(head, items));
      for (const term of ['Actual', 'Exercise', 'Cancel', 'Security', 'Threat to a public event'])
        assert.ok(text.includes(term), term);
      assert.match(text, /application\/cap\+xml/);
    });

    it('may be empty', () => {
      assert.deepEqual(readFeed(write(head, []), head.self).entries, []);
    });
  });

describe('a feed from elsewhere', () => {
  const atom = (inner: string) => utf8(`<f:feed xmlns:f="http://www.w3.org/2005/Atom">${inner}</f:feed>`);
  const link = (inner: string) =>
    readFeed(atom(`<f:entry>${inner}</f:entry>`), 'https://feed.example/a/b').entries[0]?.link;

  it('may hold the messages themselves, prefixed by names from around them', () => {
    const message = fromUtf8(writeCap(sample())).replace(/^<\?xml.*\n/, '');
    const prefixed = message.replace(/<(\/?)(?=[a-z])/gi, '<$1cap:').replace(/ xmlns="[^"]*"/, '');
    for (const [open, content] of [
      ['', message],
      [' xmlns:cap="urn:oasis:names:tc:emergency:cap:1.2"', prefixed],
    ] as const) {
      const text = `<feed xmlns="http://www.w3.org/2005/Atom"${open}><entry><content type="text/xml">${content}</content></entry></feed>`;
      const { cap } = readFeed(utf8(text), 'https://feed.example/').entries[0] ?? {};
      assert.deepEqual(cap && readCap(cap), alert);
    }
  });

  it('links to messages: those marked as CAP first, relative or not, and to nothing but the web', () => {
    assert.equal(
      link('<f:link href="x"/><f:link type="application/cap+xml" href="../c.xml"/>'),
      'https://feed.example/c.xml',
    );
    assert.equal(
      link('<f:link rel="self" href="s"/><f:link type="text/html" href="h"/><f:link href="x"/>'),
      'https://feed.example/a/x',
    );
    for (const href of ['file:///etc/passwd', 'javascript:alert(1)', 'ftp://a.example/', 'http://'])
      assert.equal(link(`<f:link href="${href}"/>`), undefined, href);
    const rss =
      '<rss version="2.0"><channel><item><guid>1</guid><link> https://a.example/1 </link><pubDate>Fri, 01 May 2026 12:00:00 GMT</pubDate></item></channel></rss>';
    assert.deepEqual(readFeed(utf8(rss), 'https://feed.example/').entries, [
      {
        id: '1',
        title: '',
        updated: Date.parse('2026-05-01T12:00:00Z'),
        link: 'https://a.example/1',
        cap: undefined,
      },
    ]);
  });

  it('is bounded, and nothing but a feed', () => {
    const { entries, cut } = readFeed(atom('<f:entry/>'.repeat(maxEntries + 1)), 'https://feed.example/');
    assert.deepEqual([entries.length, cut], [maxEntries, true]);
    assert.throws(() => readFeed(utf8('<html/>'), 'https://feed.example/'), { code: 'feed.malformed' });
    assert.throws(() => readFeed(utf8('<rss/>'), 'https://feed.example/'), { code: 'feed.malformed' });
    assert.throws(() => readFeed(utf8('<!DOCTYPE rss><rss><channel/></rss>'), 'https://feed.example/'), {
      code: 'xml.doctype',
    });
    assert.throws(() => readFeed(atom(' '.repeat(100)), 'https://feed.example/', 100), {
      code: 'xml.too-large',
    });
  });
});
