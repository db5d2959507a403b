/** What an attacker may send to a running centre: clear refusals, nothing half done, nothing told, nothing held. */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { base64, concat, utf8 } from '@parley/core/bytes.ts';
import type { Code } from '@parley/core/errors.ts';
import { formatPart, makePart, maxPartBytes, type Part } from '@parley/core/parts.ts';
import { handling, indicator, random } from '../server/testing/actor.ts';
import {
  beginHostile,
  bodyOf,
  envelopeOf,
  type Hostile,
  marker,
  sharing,
  signedText,
} from './testing/hostile.ts';

/** Of the first line, of all parts, and what spells them. */
const bodyLimit = Math.ceil(65_536 / 3) * 4 + 1024 + maxPartBytes + 256 * 64;

type Made = string | Uint8Array | Promise<string | Uint8Array>;

describe('a body that is not what it should be', () => {
  let h: Hostile;
  before(async () => {
    h = await beginHostile();
  });
  after(() => h.end());
  afterEach(() => h.unharmed());

  function refused(name: string, status: number, code: Code, make: () => Made): void {
    it(`${name}: ${code}`, async () => {
      const body = await make();
      const began = performance.now();
      const answer = await h.post(body);
      assert.deepEqual([answer.status, answer.code], [status, code]);
      assert.ok(performance.now() - began < 2_000, 'it takes no long time to refuse it');
    });
  }

  /** A share whose parts are these bytes, signed as it should be. */
  const parts = async (...bytes: readonly (string | Uint8Array)[]) => {
    const made: Part[] = bytes.map((one) => ({
      salt: random(16),
      bytes: typeof one === 'string' ? utf8(one) : new Uint8Array(one),
    }));
    return bodyOf((await sharing(h, made)).envelope, made);
  };
  const object = (more: string) =>
    `{"type":"identity","id":"identity--${crypto.randomUUID()}","name":"${marker}"${more}}`;
  /** The header as text, changed, and signed all the same. */
  const header = async (change: (text: string) => string) => {
    const made = [makePart(indicator(marker), random)];
    const text = new TextDecoder().decode((await sharing(h, made)).envelope.payload);
    return bodyOf(await signedText(change(text), h.anna.signer), made);
  };
  /** The envelope as JSON, changed. */
  const envelope = async (change: (json: ReturnType<typeof envelopeOf>) => object) => {
    const made = [makePart(indicator(marker), random)];
    const json = change(envelopeOf((await sharing(h, made)).envelope));
    return concat(utf8(`${JSON.stringify(json)}\n`), ...made.map(formatPart));
  };

  refused('nothing', 400, 'body.malformed', () => '');
  refused('half of it', 400, 'json.malformed', () => `{"payload":"${marker}`);
  for (const text of ['null', '1', '[]', '{}', '""']) refused(text, 400, 'dsse.malformed', () => text);
  refused('bytes that are no text', 400, 'text.not-utf8', () => Uint8Array.of(0x7b, 0xff, 0x7d));
  refused('a byte order mark', 400, 'json.malformed', () => '\u{feff}{}');
  refused('a key twice', 400, 'json.duplicate-key', () => `{"payload":"${marker}","payload":""}`);
  refused(
    'a key twice, in two spellings',
    400,
    'json.duplicate-key',
    () => '{"payload":"","p\\u0061yload":""}',
  );
  refused('a key of many bytes twice', 400, 'json.duplicate-key', () => {
    const key = 'k'.repeat(40_000);
    return `{"${key}":1,"${key}":2}`;
  });
  refused('deep nesting', 400, 'json.too-deep', () => '['.repeat(40_000) + ']'.repeat(40_000));
  refused('deep nesting that never ends', 400, 'json.malformed', () => '[{"a":'.repeat(12_000));
  refused('half a character', 400, 'text.lone-surrogate', () => '{"payload":"\\ud800"}');
  refused('an endless number', 400, 'dsse.malformed', () => `{"payload":${'9'.repeat(80_000)}}`);

  refused('two signatures', 400, 'dsse.signatures', () =>
    envelope((json) => ({ ...json, signatures: [...json.signatures, ...json.signatures] })),
  );
  refused('no signature', 400, 'dsse.signatures', () => envelope((json) => ({ ...json, signatures: [] })));
  refused('the type of a session', 400, 'dsse.type', () =>
    envelope((json) => ({ ...json, payloadType: 'application/vnd.parley.session+json' })),
  );
  refused('a short signature', 400, 'dsse.malformed', () =>
    envelope((json) => ({ ...json, signatures: [{ ...json.signatures[0], sig: 'AAAA' }] })),
  );
  refused('no base64', 400, 'dsse.malformed', () => envelope((json) => ({ ...json, payload: '*' })));
  refused('base64 that is nearly all padding', 400, 'dsse.malformed', () =>
    envelope((json) => ({ ...json, payload: `${'='.repeat(87_000)}x` })),
  );
  refused('the signature of something else', 401, 'device.unknown', () =>
    envelope((json) => ({ ...json, signatures: [{ ...json.signatures[0], sig: base64(random(64)) }] })),
  );
  refused('the key of another device', 400, 'dsse.keyid', () =>
    envelope((json) => ({ ...json, signatures: [{ ...json.signatures[0], keyid: h.bert.signer.device }] })),
  );

  refused('a header with white space', 400, 'json.not-canonical', () =>
    header((text) => text.replace(':', ': ')),
  );
  refused('a header with a key twice', 400, 'json.not-canonical', () =>
    header((text) => text.replace('{', '{"kind":"share/1",')),
  );
  refused('a header with half a character', 400, 'text.lone-surrogate', () =>
    header((text) => text.replace('"kind"', '"\\udc00":1,"kind"')),
  );
  refused('a deep header', 400, 'json.too-deep', () =>
    header((text) => text.replace('"body":{', `"body":{"x":${'['.repeat(70)}${']'.repeat(70)},`)),
  );
  refused('a header of 64 KiB and a byte', 413, 'header.too-large', () =>
    header((text) => text.replace('"body":{', `"body":{"x":"${'x'.repeat(65_537 - text.length - 7)}",`)),
  );
  for (const name of ['extra', '__proto__', 'constructor', 'x'.repeat(60_000)])
    refused(`a header with the field ${name.slice(0, 20)}`, 400, 'header.malformed', () =>
      header((text) => text.replace('{', `{"${name}":{},`)),
    );
  for (const kind of ['share/2', 'toString', '__proto__', ''])
    refused(`the kind ${kind}`, 400, 'kind.unknown', () =>
      header((text) => text.replace('"share/1"', `"${kind}"`)),
    );
  refused('a header with numbers beyond all numbers', 400, 'json.not-canonical', () =>
    header((text) => text.replace('"count":1', '"count":1e999')),
  );

  refused('a part twice as named', 400, 'json.duplicate-key', () => parts(object(',"a":1,"a":2')));
  refused('a deep part', 400, 'json.too-deep', () =>
    parts(object(`,"x":${'['.repeat(65)}${']'.repeat(65)}`)),
  );
  refused('a part of half a mebibyte of brackets', 400, 'json.too-deep', () =>
    parts(object(`,"x":${'['.repeat(250_000)}${']'.repeat(250_000)}`)),
  );
  refused('a part with half a character', 400, 'text.lone-surrogate', () => parts(object(',"x":"\\ud83d"')));
  refused('a part that is no text', 400, 'text.not-utf8', () => parts(Uint8Array.of(0x22, 0xc0, 0x80, 0x22)));
  refused('a part that is no JSON', 400, 'json.malformed', () => parts(`{"name":"${marker}"`));
  refused('a part that is no STIX', 400, 'stix.malformed', () => parts(`{"name":"${marker}"}`));
  refused('a part that closes its line early', 400, 'json.malformed', () =>
    parts(`1},"x":{"name":"${marker}"`),
  );
  refused('a line feed in a part', 400, 'part.malformed', () => parts(object(',\n"x":1')));
  refused('parts of a mebibyte and a byte', 413, 'parts.too-large', () => {
    const one = object(`,"x":"${'x'.repeat(maxPartBytes / 2)}"`);
    return parts(
      one,
      object(`,"x":"${'y'.repeat(maxPartBytes + 1 - one.length - object(',"x":""').length)}"`),
    );
  });
  refused('257 parts', 413, 'parts.too-many', async () => {
    const made = [makePart(indicator(marker), random)];
    const { envelope: signed } = await sharing(h, made);
    return bodyOf(
      signed,
      Array.from({ length: 257 }, () => made[0] as Part),
    );
  });

  const lines = async (change: (lines: string[]) => readonly string[]) => {
    const made = [makePart(indicator(marker), random), makePart(indicator(marker), random)];
    const text = new TextDecoder().decode(bodyOf((await sharing(h, made)).envelope, made));
    return change(text.split('\n')).join('\n');
  };
  refused('a part too few', 400, 'parts.count', () => lines(([first = '', one = '']) => [first, one]));
  refused('a part too many', 400, 'parts.count', () =>
    lines(([first = '', one = '', two = '']) => [first, one, two, one]),
  );
  refused('parts in another order', 400, 'parts.root', () =>
    lines(([first = '', one = '', two = '']) => [first, two, one]),
  );
  refused('an empty line', 400, 'part.malformed', () =>
    lines(([first = '', ...rest]) => [first, '', ...rest]),
  );
  refused('lines that end as on Windows', 400, 'part.malformed', () =>
    lines((all) => all.map((line) => `${line}\r`)),
  );
  for (const length of [15, 17, 0])
    refused(`a salt of ${length} bytes`, 400, 'part.malformed', () =>
      lines(([first = '', one = '', two = '']) => [
        first,
        one.replace(/"salt":"[^"]*"/, `"salt":"${base64(random(length))}"`),
        two,
      ]),
    );
  refused('a salt in another spelling', 400, 'part.malformed', () =>
    lines((all) => all.map((line, n) => (n === 0 ? line : line.replace('{"salt"', '{ "salt"')))),
  );
  refused('a first line that never ends', 413, 'body.too-large', () => `{"payload":"${'A'.repeat(90_000)}`);
  refused('one line of all', 413, 'body.too-large', () => 'x'.repeat(bodyLimit));
  for (const [name, over, code] of [
    ['as much as may come', 0, 'part.malformed'],
    ['a byte more', 1, 'body.too-large'],
  ] as const)
    refused(name, over ? 413 : 400, code, () =>
      lines(([first = '']) => [first, 'x'.repeat(bodyLimit - first.length - 1 + over)]),
    );

  it('what is packed stays packed', async () => {
    const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024));
    for (const coding of ['gzip', 'deflate', 'br', 'gzip, identity']) {
      const answer = await h.post(bomb, { 'content-encoding': coding });
      assert.deepEqual([answer.status, answer.code, answer.at], [400, 'body.malformed', 'content-encoding']);
    }
  });

  it('of another type is refused', async () => {
    const body = await parts(object(''));
    for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=x', 'x', '']) {
      const answer = await h.post(body, { 'content-type': type });
      assert.ok(answer.status === 400 || answer.status === 401, `${type}: ${answer.status}`);
    }
  });

  it('in the base64 of addresses is taken, as DSSE asks', async () => {
    const made = [makePart(indicator('url-safe'), random)];
    const { payload, signatures, ...rest } = envelopeOf((await sharing(h, made)).envelope);
    const safe = (text: string) => text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
    const json = {
      ...rest,
      payload: safe(payload),
      signatures: signatures.map(({ keyid, sig }) => ({ keyid, sig: safe(sig) })),
    };
    const answer = await h.post(concat(utf8(`${JSON.stringify(json)}\n`), ...made.map(formatPart)));
    assert.equal(answer.status, 201);
    h.expect(1);
  });

  it('of every kind, two thousand times, leaves the memory as it was', async () => {
    const bodies = [
      '',
      '['.repeat(40_000),
      await parts(object(',"a":1,"a":2')),
      await parts(object(`,"x":"${'x'.repeat(60_000)}"`), Uint8Array.of(0xff)),
      await lines((all) => [...all, ...all]),
      await envelope((json) => ({
        ...json,
        signatures: [{ ...json.signatures[0], sig: base64(random(64)) }],
      })),
      await header((text) =>
        text.replace(`"purposes":["${handling.purposes[0]}"]`, '"purposes":["cyber-defence"]'),
      ),
    ];
    const hostile = async (n: number) => {
      const answer = await h.post(bodies[n % bodies.length] as Uint8Array);
      assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status}`);
    };
    const many = async (count: number) => {
      for (let i = 0; i < count; i += 20)
        await Promise.all(Array.from({ length: 20 }, (_, n) => hostile(i + n)));
      return h.heap();
    };
    const warm = await many(400);
    const grown = (await many(2_000)) - warm;
    assert.ok(grown < 16 * 1024 * 1024, `the heap has grown by ${Math.round(grown / 1024)} KiB`);
  });
});
