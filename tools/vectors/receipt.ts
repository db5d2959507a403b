/** Receipts from a small log: centre, invitation, founding, enrolment, a share of three parts. */
import { base64, concat, utf8 } from '@parley/core/bytes.ts';
import { cosignatureMessage, formatCheckpoint, formatTimestamped } from '@parley/core/checkpoint.ts';
import { type Hash, inclusionPath, rootOf } from '@parley/core/merkle.ts';
import {
  cosignatureType,
  ed25519Type,
  formatNote,
  formatVkey,
  type NoteSignature,
  signedBy,
  vkeyOf,
} from '@parley/core/note.ts';
import { type Part, partLeaf } from '@parley/core/parts.ts';
import { formatProof } from '@parley/core/proof.ts';
import type { ReceiptJson } from '@parley/core/receipt.ts';
import { commitment, type RecordFields, recordJson, recordLeaf } from '@parley/core/record.ts';
import { sha256 } from '@parley/core/sha256.ts';
import { type EnvelopeJson, parseStatement, type Statement } from '@parley/core/statement.ts';
import {
  type Actor,
  actor,
  bad,
  centre,
  type Example,
  embassy,
  good,
  harbour,
  header,
  host,
  machine,
  partsOf,
  room,
  signed,
} from './cast.ts';
import { desk, enrol, found, invitation } from './chain.ts';
import { roomHandling } from './handling.ts';
import { fresh, byKey as recovered } from './recovery.ts';

const origin = `${centre}/log/1`;
const logActor = actor('log');
const strangerActor = actor('stranger');
const witnessActor = actor('witness');
const logKey = vkeyOf(origin, ed25519Type, logActor.publicKey);
const witnessKey = vkeyOf('witness.example', cosignatureType, witnessActor.publicKey);
const trust = { origin, logs: [formatVkey(logKey)], witnesses: [formatVkey(witnessKey)] };
const start = Date.parse('2026-11-02T09:00:01.000Z') * 1000;
const party = harbour.device;

const machineParts = partsOf('open', ['{"name":"Centre","device":"Machine"}']);
const shareParts = partsOf(
  'receipt',
  [1, 2, 3].map((n) => `{"type":"url","id":"url--c1477287-23ac-5971-a010-5c287877fa6${n}"}`),
);
const founding = await found(harbour);
const enrolment = await enrol(harbour, desk, party, { ends: '2026-11-02T10:00:00.000Z' });
const shareHeader = header('share/1', desk, { handling: roomHandling }, { room, parts: shareParts, party });
const openBody = { key: machine.key, logs: trust.logs };

interface Entry {
  readonly envelope: EnvelopeJson;
  readonly statement: Statement;
  readonly record: RecordFields;
}

function entry(envelope: EnvelopeJson, index: number, change: Partial<RecordFields> = {}): Entry {
  const record = {
    index,
    instant: start + index * 1000,
    span: index === 4 ? 3 : 1,
    nonce: sha256(utf8(`nonce ${index}`)),
    ...change,
  };
  return { envelope, statement: parseStatement({ ...envelope }), record };
}

const envelopes = [
  await signed(header('centre.open/1', machine, openBody, { parts: machineParts }), machine),
  await signed(
    header('party.invite/1', host, { key: invitation.key, until: '2026-12-01T00:00:00.000Z' }),
    host,
  ),
  founding,
  enrolment,
  await signed(shareHeader, desk),
];
const entries = envelopes.map((envelope, index) => entry(envelope, index));

const sharedAfter = signed(
  header('share/1', fresh, { handling: roomHandling }, { room, parts: shareParts, party }),
  fresh,
);

interface Noted {
  readonly by?: Actor;
  readonly name?: string;
  readonly cosigned?: boolean;
}

function note(
  leaves: readonly Hash[],
  { by = logActor, name = origin, cosigned = false }: Noted,
): Uint8Array<ArrayBuffer> {
  const text = formatCheckpoint({ origin: name, size: leaves.length, root: rootOf(leaves) });
  const signatures: NoteSignature[] = [
    signedBy(vkeyOf(name, ed25519Type, by.publicKey), by.signNow(utf8(text))),
  ];
  const time = 1_793_610_000;
  const cosignature = formatTimestamped(time, witnessActor.signNow(cosignatureMessage(text, time)));
  if (cosigned) signatures.push(signedBy(witnessKey, cosignature));
  return formatNote(text, signatures);
}

interface Receipted extends Noted {
  readonly log?: readonly Entry[];
  readonly parts?: readonly Part[];
  readonly shown?: readonly number[];
  readonly chain?: readonly EnvelopeJson[];
}

/** The receipt for one entry of a log. */
function receipt(
  index: number,
  { log = entries, parts = shareParts, shown = [], chain = [founding, enrolment], ...about }: Receipted = {},
): ReceiptJson {
  const leaves = log.map(({ record, statement }) => recordLeaf(commitment(record, statement.envelope)));
  const { envelope, record } = log[index] as Entry;
  const along = shown.map((n) => [n, parts[n] as Part] as const);
  return {
    format: 'parley-receipt/1',
    statement: envelope,
    record: recordJson(record),
    leaves: base64(concat(...parts.map(partLeaf))),
    ...(along.length === 0
      ? {}
      : { parts: along.map(([n, { salt, bytes }]) => ({ n, salt: base64(salt), bytes: base64(bytes) })) }),
    proof: formatProof({ index, path: inclusionPath(leaves, index), checkpoint: note(leaves, about) }),
    chain: [...chain],
  };
}

const whole = receipt(4, { shown: [0, 1, 2] });
const one = whole.parts?.[1] as { n: number; salt: string; bytes: string };
const late = [
  ...entries.slice(0, 4),
  entry(envelopes[4] as EnvelopeJson, 4, { instant: Date.parse('2026-11-02T10:00:00.000Z') * 1000 }),
];
const elsewhereLog = 'elsewhere.example/log/1';
const elsewhereTrust = {
  ...trust,
  origin: elsewhereLog,
  logs: [formatVkey(vkeyOf(elsewhereLog, ed25519Type, logActor.publicKey))],
};
const other = (change: object, more: object = {}): object => ({
  receipt: { ...whole, ...change },
  trust,
  party,
  ...more,
});
const record = (change: object): object => other({ record: { ...whole.record, ...change } });
const given = (made: ReceiptJson, shown: readonly number[], cosigned = 0): object => ({
  receipt: made,
  trust,
  party,
  shown,
  cosigned,
});
const foundingParts = partsOf('found', ['{"name":"Harbour Authority","device":"Watch desk"}']);

const proven: Example[] = [
  good('whole', given(whole, [0, 1, 2])),
  good('a single part', given(receipt(4, { shown: [1] }), [1])),
  good('no parts', given(receipt(4), [])),
  good('cosigned', given(receipt(4, { cosigned: true }), [], 1)),
  good('a founding is its own chain', given(receipt(2, { parts: foundingParts, chain: [] }), [])),
  good(
    'an enrolment, by the first key',
    given(receipt(3, { parts: partsOf('enrol', ['{"name":"Desk"}']), chain: [founding] }), []),
  ),
  good(
    'a chain with more devices than needed',
    given(receipt(3, { parts: partsOf('enrol', ['{"name":"Desk"}']) }), []),
  ),
  good(
    'of a device that came back',
    given(receipt(4, { log: [...entries.slice(0, 4), entry(await sharedAfter, 4)], chain: recovered }), []),
  ),
  good('the only record', {
    ...given(receipt(0, { log: entries.slice(0, 1), parts: machineParts, chain: [] }), []),
    party: machine.device,
  }),
];

const shapes: Example[] = [
  bad('another format', 'receipt.malformed', '/format', other({ format: 'parley-receipt/2' })),
  bad('a field more', 'receipt.malformed', '/', other({ note: 'trust me' })),
  bad('a short nonce', 'receipt.malformed', '/record', record({ nonce: base64(new Uint8Array(31)) })),
  bad('no span', 'receipt.malformed', '/record', record({ span: 0 })),
  bad('an index below zero', 'receipt.malformed', '/record', record({ index: -1 })),
  bad('half a leaf', 'receipt.malformed', '/leaves', other({ leaves: base64(new Uint8Array(48)) })),
  bad('a part twice', 'receipt.malformed', '/parts', other({ parts: [one, one] })),
  bad('a proof of another format', 'proof.malformed', 'line 1', other({ proof: 'proof' })),
];

const disproven: Example[] = [
  bad('another party', 'receipt.party', undefined, other({}, { party: embassy.device })),
  bad('a spoken fingerprint', 'receipt.party', undefined, other({}, { party: 'harbour' })),
  bad('no chain', 'chain.broken', '/chain/0', other({ chain: [] })),
  bad('a chain that ends before the speaker', 'chain.broken', undefined, other({ chain: [founding] })),
  bad('of a device that came back by nobody’s word', 'chain.broken', '/chain/1', {
    receipt: receipt(4, {
      log: [...entries.slice(0, 4), entry(await sharedAfter, 4)],
      chain: [founding, ...recovered.slice(1)],
    }),
    trust,
    party,
  }),
  bad('said after the end of the device', 'chain.broken', undefined, {
    receipt: receipt(4, { log: late }),
    trust,
    party,
  }),
  bad(
    'a leaf too few',
    'parts.count',
    undefined,
    other({ leaves: base64(concat(...shareParts.slice(1).map(partLeaf))) }),
  ),
  bad(
    'leaves in another order',
    'parts.root',
    undefined,
    other({ leaves: base64(concat(...shareParts.toReversed().map(partLeaf))) }),
  ),
  bad('a part under another number', 'parts.root', '/parts/2', other({ parts: [{ ...one, n: 2 }] })),
  bad('a part that is not there', 'parts.root', '/parts/3', other({ parts: [{ ...one, n: 3 }] })),
  bad(
    'a part with other bytes',
    'parts.root',
    '/parts/1',
    other({ parts: [{ ...one, bytes: base64(utf8('{}')) }] }),
  ),
  bad('another nonce', 'proof.inclusion', undefined, record({ nonce: base64(new Uint8Array(32)) })),
  bad('another instant', 'proof.inclusion', undefined, record({ instant: whole.record.instant + 1 })),
  bad('another span', 'proof.inclusion', undefined, record({ span: 4 })),
  bad('another index', 'receipt.commitment', undefined, record({ index: 3 })),
  bad('the proof of another record', 'receipt.commitment', undefined, other({ proof: receipt(3).proof })),
  bad(
    'a path that is too short',
    'proof.inclusion',
    undefined,
    other({ proof: whole.proof.replace(/(index 4\n).*\n/, '$1') }),
  ),
  bad(
    'signed by another log key',
    'note.unsigned',
    undefined,
    other({ proof: receipt(4, { by: strangerActor }).proof }),
  ),
  bad('signature changed', 'note.signature', origin, other({ proof: forged(whole.proof) })),
  bad(
    'another log',
    'checkpoint.origin',
    'origin',
    other({ proof: receipt(4, { name: 'centre.example/log/2' }).proof }),
  ),
  bad('the log of another centre', 'checkpoint.origin', undefined, {
    receipt: receipt(4, { name: elsewhereLog }),
    trust: elsewhereTrust,
    party,
  }),
];

/** Keeps the key id, changes the signature under it. */
function forged(proof: string): string {
  return proof.replace(/(— \S+ )(\S+)\n$/, (_, before: string, blob: string) => {
    const bytes = Buffer.from(blob, 'base64');
    bytes[10] = (bytes[10] as number) ^ 1;
    return `${before}${bytes.toString('base64')}\n`;
  });
}

export const receipts: Example[] = [...proven, ...shapes, ...disproven];

export const commitments: Example[] = entries.map(({ envelope, record: fields, statement }) =>
  good(statement.header.kind, {
    envelope,
    record: recordJson(fields),
    commitment: base64(commitment(fields, statement.envelope)),
    leaf: base64(recordLeaf(commitment(fields, statement.envelope))),
  }),
);
