/** Envelopes and headers, signed; and DSSE's own example. */
import { base64, hex, utf8 } from '@parley/core/bytes.ts';
import { preAuthEncoding } from '@parley/core/dsse.ts';
import { type EnvelopeJson, statementType } from '@parley/core/statement.ts';
import { type Actor, bad, type Example, embassy, good, harbour, header, host, room, signed } from './cast.ts';

const by = harbour;
const leave = header('room.leave/1', by, {}, { room });
const usual = await signed(leave, by);
const first = usual.signatures[0];

/** Signs a payload as it is, whatever it holds. */
function envelopeOf(payload: Uint8Array, signer: Actor = by): EnvelopeJson {
  const sig = base64(signer.signNow(preAuthEncoding(statementType, payload)));
  return {
    payload: base64(payload),
    payloadType: statementType,
    signatures: [{ keyid: signer.device, sig }],
  };
}

const text = (payload: string): object => ({ envelope: envelopeOf(utf8(payload)) });
const changed = (change: object): object => text(JSON.stringify({ ...leave, ...change }));
const around = (change: object): object => ({ envelope: { ...usual, ...change } });
const urlSafe = (part: string): string => part.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
const canonical = JSON.stringify(leave);
const { room: _, ...roomless } = leave;
const sig = (bytes: Uint8Array): object => around({ signatures: [{ ...first, sig: base64(bytes) }] });
const signature = Buffer.from(first.sig, 'base64');
const root = base64(new Uint8Array(32));

const envelopes: Example[] = [
  good('usual', { envelope: usual }),
  good('URL-safe base64 without padding', {
    envelope: {
      payload: urlSafe(usual.payload),
      payloadType: statementType,
      signatures: [{ ...first, sig: urlSafe(first.sig) }],
    },
  }),
  good('what the envelope holds besides is not looked at', around({ comment: 'not signed' })),
  bad('an array', 'dsse.malformed', undefined, { envelope: [usual] }),
  bad('no payload', 'dsse.malformed', undefined, {
    envelope: { payloadType: statementType, signatures: [first] },
  }),
  bad('payload is not base64', 'dsse.malformed', '/payload', around({ payload: 'a*b' })),
  bad('payload is base64 with other last bits', 'dsse.malformed', '/payload', around({ payload: 'e31=' })),
  bad(
    'another type',
    'dsse.type',
    '/payloadType',
    around({ payloadType: 'application/vnd.parley.session+json' }),
  ),
  bad('no signature', 'dsse.signatures', '/signatures', around({ signatures: [] })),
  bad('two signatures', 'dsse.signatures', '/signatures', around({ signatures: [first, first] })),
  bad('a signature of 63 bytes', 'dsse.malformed', '/signatures/0/sig', sig(signature.subarray(0, 63))),
  bad(
    'keyid of another device',
    'dsse.keyid',
    '/signatures/0/keyid',
    around({ signatures: [{ ...first, keyid: embassy.device }] }),
  ),
  bad('no keyid', 'dsse.malformed', '/signatures/0', around({ signatures: [{ sig: first.sig }] })),
];

const signatures: Example[] = [
  bad(
    'a bit of the signature changed',
    'signature.invalid',
    undefined,
    sig(signature.map((byte, i) => (i === 0 ? byte ^ 1 : byte))),
  ),
  bad(
    'signature of another key',
    'signature.invalid',
    undefined,
    sig(host.signNow(preAuthEncoding(statementType, utf8(canonical)))),
  ),
  bad('signature of the bare payload', 'signature.invalid', undefined, sig(by.signNow(utf8(canonical)))),
  bad(
    'signature for another payload type',
    'signature.invalid',
    undefined,
    sig(by.signNow(preAuthEncoding('application/json', utf8(canonical)))),
  ),
  bad(
    'signature of another payload',
    'signature.invalid',
    undefined,
    around({ payload: base64(utf8(JSON.stringify({ ...leave, at: '2026-11-02T09:00:01.000Z' }))) }),
  ),
];

const headers: Example[] = [
  good('a centre below a path, with a port', changed({ centre: 'centre.example:8443/north' })),
  bad('not JSON', 'json.malformed', '/payload', text('{')),
  bad('white space', 'json.not-canonical', '/payload', text(`${canonical} `)),
  bad('a key twice', 'json.not-canonical', '/payload', text(canonical.replace('{', '{"kind":"share/1",'))),
  bad(
    'a needless escape',
    'json.not-canonical',
    '/payload',
    text(canonical.replace('"kind"', '"\\u006bind"')),
  ),
  bad('a lone surrogate', 'text.lone-surrogate', '/payload', changed({ body: { a: '\ud800' } })),
  bad('too deep', 'json.too-deep', '/payload', text(`${'['.repeat(65)}${']'.repeat(65)}`)),
  bad('a header that is a list', 'header.malformed', '/', text('[]')),
  bad('no such kind', 'kind.unknown', '/kind', changed({ kind: 'room.close/1' })),
  bad('no such version', 'kind.unknown', '/kind', changed({ kind: 'room.leave/2' })),
  bad('a kind that every object has', 'kind.unknown', '/kind', changed({ kind: 'constructor' })),
  bad('a field more', 'header.malformed', '/', changed({ note: 'hello' })),
  bad('the field __proto__', 'header.malformed', '/', text(canonical.replace('{', '{"__proto__":{"a":1},'))),
  bad('a room missing', 'header.room', '/room', text(JSON.stringify(roomless))),
  bad('id in capitals', 'header.malformed', '/id', changed({ id: 'B0A4C2D6-0000-4000-8000-000000000000' })),
  bad('id of version 1', 'header.malformed', '/id', changed({ id: 'b0a4c2d6-0000-1000-8000-000000000000' })),
  bad('party in capitals', 'header.malformed', '/party', changed({ party: by.device.toUpperCase() })),
  bad('time without milliseconds', 'header.malformed', '/at', changed({ at: '2026-11-02T09:00:00Z' })),
  bad('centre with a scheme', 'header.malformed', '/centre', changed({ centre: 'https://centre.example' })),
  bad('centre in capitals', 'header.malformed', '/centre', changed({ centre: 'Centre.example' })),
  bad('centre with a line feed', 'header.malformed', '/centre', changed({ centre: 'centre.example\n' })),
  bad('no part, yet a root', 'header.malformed', '/parts/count', changed({ parts: { count: 0, root } })),
  bad('257 parts', 'header.malformed', '/parts/count', changed({ parts: { count: 257, root } })),
  bad(
    'a root in another alphabet',
    'header.malformed',
    '/parts/root',
    changed({ parts: { count: 1, root: root.replace('A', '_') } }),
  ),
];

/** Each is checked under this key. */
export const statements: Example[] = [...envelopes, ...signatures, ...headers].map(
  ({ name, valid, ...rest }) => ({
    name,
    valid,
    key: by.key,
    ...rest,
  }),
);

const pae = (name: string, payloadType: string, payload: string): Example =>
  good(name, { payloadType, payload, pae: hex(preAuthEncoding(payloadType, utf8(payload))) });

export const encodings: Example[] = [
  pae('DSSE 1.0.2, protocol, test vector', 'http://example.com/HelloWorld', 'hello world'),
  pae('lengths count bytes', statementType, '{"a":"ä"}'),
  pae('nothing', '', ''),
];
