/** Files: their lines, their leaves, shares that name them, and what a device signs to bring one. */
import { base64, utf8 } from '@parley/core/bytes.ts';
import { LeafHash, uploadType } from '@parley/core/files.ts';
import { filePart, type Part } from '@parley/core/parts.ts';
import { signPayload } from '@parley/core/statement.ts';
import {
  bad,
  centre,
  type Example,
  good,
  harbour,
  header,
  id,
  lineOf,
  partsOf,
  room,
  saltOf,
  spokenAt,
} from './cast.ts';

const text = '# Gates\n\nGate 4 opens at noon.\n';
const salt = saltOf('file');
const leaf = new LeafHash(salt).update(utf8(text)).digest();
const file: Part = filePart(salt, leaf);

export const fileLines: Example[] = [
  good('a file', { line: lineOf(file), salt: base64(salt), leaf: base64(leaf) }),
  ...(
    [
      ['a leaf of 31 bytes', `{"salt":"${base64(salt)}","file":"${base64(leaf.slice(1))}"}`],
      ['a salt of 15 bytes', `{"salt":"${base64(salt.slice(1))}","file":"${base64(leaf)}"}`],
      ['white space', `{"salt":"${base64(salt)}", "file":"${base64(leaf)}"}`],
      ['with a part', `{"salt":"${base64(salt)}","file":"${base64(leaf)}","part":{}}`],
      ['without a salt', `{"file":"${base64(leaf)}"}`],
    ] as const
  ).map(([name, line]) => bad(name, 'part.malformed', '/parts/0', { line })),
];

/** SHA-256(0x00 ‖ salt ‖ bytes), as of any part, and over any bytes. */
export const fileLeaves: Example[] = [
  utf8(text),
  Uint8Array.of(0),
  Uint8Array.from({ length: 300 }, (_, i) => i % 256),
].map((bytes, i) =>
  good(`${bytes.length} bytes`, {
    salt: base64(saltOf(`file/${i}`)),
    bytes: base64(bytes),
    leaf: base64(new LeafHash(saltOf(`file/${i}`)).update(bytes).digest()),
  }),
);

const handling = {
  to: 'room',
  purposes: ['event-security'],
  onward: 'ask',
  until: null,
  review: null,
  tlp: 'amber',
  personal: false,
};
const object = (name: string) =>
  partsOf(`file/${name}`, [JSON.stringify({ type: 'note', id: `note--${id(`file/${name}`)}` })]);
const entry = { n: 1, size: utf8(text).length, type: 'text/markdown' };

function share(name: string, files: unknown, parts: readonly Part[] = [...object(name), file]): object {
  const body = { handling, ...(files === undefined ? {} : { files }) };
  return { header: header('share/1', harbour, body, { room, parts, name }), parts: parts.map(lineOf) };
}

const wrongHeader = (name: string, at: string, files: unknown, parts?: readonly Part[]) =>
  bad(name, 'header.malformed', at, share(name, files, parts));

export const fileShares: Example[] = [
  good('an object and a file', share('usual', [entry])),
  good('a file alone', share('alone', [{ ...entry, n: 0 }], [file])),
  good('two files', share('two', [entry, { ...entry, n: 2 }], [...object('two'), file, file])),
  wrongHeader('no files, said so', '/body/files', []),
  wrongHeader('a file before an object', '/body/files', [{ ...entry, n: 0 }], [file, ...object('before')]),
  wrongHeader(
    'a gap',
    '/body/files',
    [
      { ...entry, n: 0 },
      { ...entry, n: 2 },
    ],
    [file, ...object('gap'), file],
  ),
  wrongHeader('a file too many', '/body/files', [entry, { ...entry, n: 2 }]),
  wrongHeader('an empty file', '/body/files/0/size', [{ ...entry, size: 0 }]),
  wrongHeader('a size that is no number', '/body/files/0/size', [{ ...entry, size: '31' }]),
  wrongHeader('a type with parameters', '/body/files/0/type', [
    { ...entry, type: 'text/plain;charset=utf-8' },
  ]),
  wrongHeader('a type in capitals', '/body/files/0/type', [{ ...entry, type: 'Text/Plain' }]),
  wrongHeader('a name', '/body/files/0', [{ ...entry, name: 'gates.md' }]),
  bad('a file that the header does not name', 'part.malformed', '/parts/1', share('unnamed', undefined)),
  bad(
    'an object where the header names a file',
    'part.malformed',
    '/parts/1',
    share('object', [entry], [...object('object'), ...object('other')]),
  ),
];

const upload = {
  centre,
  party: harbour.device,
  device: harbour.device,
  at: spokenAt,
  salt: base64(salt),
  leaf: base64(leaf),
  size: entry.size,
  type: entry.type,
};
const signed = async (change: object = {}, type = uploadType) => ({
  envelope: await signPayload(type, { ...upload, ...change }, harbour),
});
const malformed = async (name: string, at: string, change: object) =>
  bad(name, 'upload.malformed', at, await signed(change));

export const uploads: Example[] = [
  good('usual', { ...(await signed()), bytes: base64(utf8(text)) }),
  await malformed('a field too many', '/payload', { name: 'gates.md' }),
  await malformed('no salt', '/payload/salt', { salt: undefined }),
  await malformed('a leaf of 31 bytes', '/payload/leaf', { leaf: base64(leaf.slice(1)) }),
  await malformed('a size below nothing', '/payload/size', { size: -1 }),
  await malformed('a type that is none', '/payload/type', { type: 'text' }),
  bad('another centre', 'header.centre', '/payload/centre', await signed({ centre: 'elsewhere.example' })),
  bad('another device', 'dsse.keyid', '/signatures/0/keyid', await signed({ device: '0'.repeat(64) })),
  bad(
    'signed as a statement',
    'dsse.type',
    '/payloadType',
    await signed({}, 'application/vnd.parley.statement+json'),
  ),
];
