/**
 * The one closed list of what can be wrong. Whoever checks throws a `Refusal`; whoever answers
 * (HTTP, CLI, page) translates its code. A code never changes its meaning once released.
 */
import type { PartyId } from './keys.ts';

/** What a caller can do about it. HTTP statuses and exit statuses are derived from this alone. */
export type RefusalClass =
  | 'malformed' // the bytes are not what the format asks for: 400
  | 'unauthenticated' // nobody we know, or no longer: 401
  | 'refused' // well-formed, but may not be said or seen by this one: 403
  | 'absent' // not there, or not there for you; the two look alike: 404
  | 'conflict' // the identity is taken, or the state has moved on: 409
  | 'too-large' // over a limit that `params.limit` names: 413
  | 'busy' // try again, after `params.after` seconds: 429 or 503
  | 'unproven' // a verifier did not find what it was promised: the other side may lie
  | 'usage' // the command or the configuration is wrong: exit status 2
  | 'fault'; // our own: 500

const codes = {
  'json.malformed': ['malformed', 'Not valid JSON'],
  'json.duplicate-key': ['malformed', 'An object has the same key twice'],
  'json.too-deep': ['malformed', 'Nested too deeply'],
  'json.not-canonical': ['malformed', 'Not the bytes that JSON.stringify(JSON.parse(bytes)) gives'],
  'text.not-utf8': ['malformed', 'Not well-formed UTF-8'],
  'text.lone-surrogate': ['malformed', 'Contains a lone surrogate'],
  'body.malformed': ['malformed', 'The request body is not what this route takes'],
  'query.malformed': ['malformed', 'A parameter of the request is not what this route takes'],
  'body.too-large': ['too-large', 'The request body is over the limit'],
  'cursor.malformed': ['malformed', 'The cursor was not made by this centre for this list'],
  'cursor.stale': ['conflict', 'What you may see has changed: read again from the start'],

  'dsse.malformed': ['malformed', 'Not a DSSE envelope'],
  'dsse.type': ['malformed', 'The envelope carries another payload type'],
  'dsse.signatures': ['malformed', 'A statement has exactly one signature'],
  'dsse.keyid': ['malformed', 'The keyid is not the device that the header names'],
  'signature.invalid': ['malformed', 'The signature does not verify under the key of the device'],
  'key.malformed': ['malformed', 'Not an Ed25519 public key'],

  'header.malformed': ['malformed', 'The header does not follow the schema of its kind'],
  'header.too-large': ['too-large', 'The header is over 64 KiB'],
  'header.centre': ['refused', 'The statement names another centre'],
  'header.room': ['malformed', 'This kind must, or must not, name a room'],
  'kind.unknown': ['malformed', 'No such kind of statement, or not in this version'],
  'parts.count': ['malformed', 'The number of parts is not what the header says'],
  'parts.root': ['malformed', 'The parts do not hash to the root in the header'],
  'parts.too-many': ['too-large', 'A statement holds at most 256 parts'],
  'parts.too-large': ['too-large', 'The parts of a statement hold at most 1 MiB'],
  'part.malformed': ['malformed', 'A part is not what its kind asks for'],
  'stix.malformed': ['malformed', 'Not a STIX 2.1 object'],
  'stix.version-known': ['conflict', 'The same version of the object was said before'],
  'xml.malformed': ['malformed', 'Not well-formed XML in UTF-8'],
  'xml.doctype': ['malformed', 'XML with a document type is not read'],
  'xml.too-large': ['too-large', 'The XML is larger than what is read'],
  'cap.version': ['malformed', 'Not a CAP 1.2 alert'],
  'cap.malformed': ['malformed', 'The alert has not the structure of CAP 1.2'],
  'cap.rule': ['refused', 'The alert breaks a rule of CAP 1.2'],
  'cap.signing': ['fault', 'The alert cannot be signed, and does not go out as CAP'],
  'cap.profile': ['usage', 'Not a profile of rules for CAP'],
  'feed.malformed': ['malformed', 'Not an Atom or RSS feed'],
  'area.malformed': ['malformed', 'Not an area'],
  'area.doubtful': ['refused', 'The area is hardly the one that is meant'],
  'level.malformed': ['malformed', 'Not a threat level'],
  'level.scheme': ['refused', 'No such scheme, or no such level in the version of it that held then'],
  'level.end': ['refused', 'The level ends before it begins, or has no end where it must have one'],
  'level.changed': ['conflict', 'It is said to be unchanged, and another level was said last'],
  'handling.contradiction': ['refused', 'The handling contradicts itself or a marking'],
  'handling.purpose': ['refused', 'A purpose is not one of the list, or not one of the room'],
  'handling.recipient': ['refused', 'A named recipient is not a member of the room'],
  'handling.classification': ['refused', 'It is classified higher than the centre is accredited for'],
  'handling.code': ['refused', 'A handling code has no faithful mapping onto this handling'],
  'handling.onward': ['refused', 'The originator has not allowed this to be passed on'],
  'upload.malformed': ['malformed', 'Not an upload of a file'],
  'file.size': ['malformed', 'The file has not as many bytes as was said'],
  'file.hash': ['malformed', 'The file does not hash to what was said'],
  'file.type': ['refused', 'The file is not of the type that it is said to be, or of none that is taken'],
  'file.bomb': ['refused', 'The archive cannot be looked into, or unpacks to more than is taken'],
  'file.infected': ['refused', 'The scanner of the centre found something harmful in the file'],
  'file.unscanned': ['busy', 'The scanner of the centre did not look at the file'],
  'file.metadata': ['refused', 'What the file tells beside its content cannot be taken out of it'],
  'file.too-large': ['too-large', 'The file is larger than the centre takes'],
  'file.quota': ['too-large', 'The party has brought as many files as may wait to be shared'],
  'file.known': ['conflict', 'The file stands in a statement already: draw a fresh salt for it'],
  'file.absent': ['refused', 'The party has not brought this file, or not within the hour before'],

  'connector.key': ['refused', 'Not a key that the centre made for a connector of the party within the hour'],
  'connector.limits': ['refused', 'A connector names its rooms, its rights and its end, and cannot govern'],
  'connector.kind': [
    'refused',
    'With the key of a connector shares are said, under its handling, and nothing else',
  ],
  'connector.room': ['refused', 'The connector is not for this room'],
  'connector.route': ['refused', 'The token of a connector does not open this'],
  'connector.only': [
    'refused',
    'This takes the token of a connector that may write; whoever can sign says it as a statement',
  ],
  'connector.too-many': ['refused', 'The party has as many connectors as it can have'],

  'statement.id-known': ['conflict', 'The id was used before for another statement'],
  'clock.skew': ['refused', 'The time in the header is too far from the time of the centre'],
  'clock.centre': ['busy', 'The clock of the centre is behind its own log, or far ahead; someone must look'],
  'device.unknown': ['unauthenticated', 'No such device'],
  'device.known': ['conflict', 'The key is already enrolled'],
  'device.revoked': ['unauthenticated', 'The device was revoked'],
  'device.ended': ['unauthenticated', 'The end of the device has come'],
  'device.right': ['refused', 'The device lacks the right for this'],
  'device.last': ['refused', 'The last device that can govern cannot be revoked'],
  'device.limited': ['refused', 'The device is limited to some rooms, or has no right to personal data'],
  'recovery.circular': [
    'refused',
    'A party cannot vouch for one that is to vouch for it, nor while it waits itself',
  ],
  'recovery.not-guardian': ['refused', 'The party has not named you as one of its guardians'],
  'recovery.unvouched': ['refused', 'The guardians of the party have not both vouched for this key'],
  'recovery.early': ['refused', 'The delay that the party chose is not over'],
  'recovery.objected': ['refused', 'A device of the party objected to this key'],
  'recovery.spent': ['refused', 'The recovery key was used, or replaced by another'],
  'party.unknown': ['refused', 'No such party, or none that you may know of'],
  'party.known': ['conflict', 'The party has joined already'],
  'invitation.unknown': ['refused', 'No such invitation, or it was used, withdrawn or has ended'],
  'room.unknown': ['refused', 'No such room, or none that you may know of'],
  'room.not-member': ['refused', 'Only members of the room may say this'],
  'room.not-owner': ['refused', 'Only the party that opened the room may say this'],
  'room.member': ['conflict', 'The party is a member already'],
  'room.owner': ['refused', 'The party that opened the room cannot leave it or be removed'],
  'room.streams': ['refused', 'The room has as many classes of handling as it can hold'],
  'room.too-many': ['refused', 'The party has as many rooms or open invitations as it can have'],
  'room.observer': ['refused', 'Who observes or supervises the room speaks only about its terms'],
  'room.suspended': ['refused', 'The party is suspended in this room'],
  'room.supervisor': [
    'refused',
    'The supervisor is whom the terms of the room name, and takes no part in it',
  ],
  'party.level': ['refused', 'The party takes part at another level than the room is for'],
  'terms.no-ground': ['refused', 'The terms name no ground on which personal data may go to the party'],
  'undertaking.unknown': ['refused', 'No such undertaking in the terms that the speaker accepted'],
  'undertaking.not-in-return': [
    'refused',
    'The undertaking is not owed in return for the one that was broken',
  ],
  'terms.other': ['conflict', 'These are not the terms now offered'],
  'target.unknown': ['refused', 'No such statement or part, or none that you may know of'],
  'target.kind': ['refused', 'This cannot be said about a statement of that kind'],
  'target.not-author': ['refused', 'Only the party that said it may do this'],
  'target.recalled': ['conflict', 'It was taken back already'],
  'hold.not-originator': ['refused', 'Only the party that said it may hold it against erasure'],
  'hold.ended': ['conflict', 'The hold has ended already'],
  'hold.too-many': ['refused', 'The statement has as many holds as it can have'],
  'answer.unasked': ['refused', 'Nothing asked this of you'],
  'room.not-supervisor': ['refused', 'Only the party that supervises the room may do this'],
  'supervision.no-case': ['refused', 'No open complaint asks for this content to be opened'],
  'answer.given': ['conflict', 'This was answered already'],
  'state.already': ['conflict', 'It is so already'],
  'grant.wider': ['refused', 'A grant may not go beyond the purposes of what it widens'],
  'centre.only': ['refused', 'Only the centre itself says this'],
  'centre.opened': ['conflict', 'The centre has been opened already'],
  'rule.broken': ['refused', 'The centre may not say this now'],

  'session.needed': ['unauthenticated', 'Sign in first'],
  'session.unknown': ['unauthenticated', 'No such token: the session has ended, or never was'],
  'session.malformed': ['malformed', 'Not a session request'],
  'session.challenge': ['unauthenticated', 'The challenge is not ours, was used, or is too old'],
  'justification.needed': ['refused', 'Reading data on persons needs a justification'],
  'purpose.unknown': ['refused', 'No such purpose'],
  absent: ['absent', 'Not found'],
  'method.absent': ['absent', 'No such route'],
  'origin.other': ['refused', 'Pages of other sites have nothing to ask here'],
  'rate.limited': ['busy', 'Too many requests'],
  'queue.full': ['busy', 'The centre is taking in as much as it can'],
  stopping: ['busy', 'The centre is stopping'],

  'note.malformed': ['malformed', 'Not a signed note'],
  'vkey.malformed': ['malformed', 'Not a C2SP vkey of a type that we can use'],
  'note.unsigned': ['unproven', 'No signature by a key that we trust'],
  'note.signature': ['unproven', 'A signature by a known key does not verify'],
  'checkpoint.malformed': ['malformed', 'Not a checkpoint'],
  'checkpoint.origin': ['unproven', 'The checkpoint is of another log'],
  'proof.malformed': ['malformed', 'Not a C2SP tlog-proof'],
  'proof.inclusion': ['unproven', 'The inclusion proof does not lead to the root'],
  'proof.consistency': ['unproven', 'The log is not a continuation of what was seen before'],
  'tile.malformed': ['unproven', 'A tile is not what the tree says'],
  'policy.malformed': ['malformed', 'Not a tlog-policy'],
  'policy.unmet': ['unproven', 'Too few witnesses have cosigned'],
  'receipt.malformed': ['malformed', 'Not a receipt'],
  'receipt.commitment': ['unproven', 'The record is not the one that the log holds'],
  'receipt.party': ['unproven', 'The receipt is of another party'],
  'chain.broken': ['unproven', 'The chain of keys does not lead to the first key of the party'],
  'read.unproven': ['unproven', 'What the centre gave does not verify'],
  'succession.unseen': ['unproven', 'The centre goes on with another log than this device knows'],
  'succession.denied': ['unproven', 'More is missing than the centre says'],
  'witness.conflict': ['unproven', 'A witness has seen another history of this log'],

  'config.unknown': ['usage', 'No such key in the configuration'],
  'config.value': ['usage', 'A value in the configuration is not what the key takes'],
  'command.usage': ['usage', 'The command was not called as it should be'],
  'file.unreadable': ['usage', 'The file cannot be read'],
  'key.absent': ['usage', 'No device key here: join or init first'],
  'centre.unreachable': ['fault', 'The centre does not answer'],
  'home.present': ['usage', 'This home has a device already'],
  'store.present': ['usage', 'There is a store already'],
  'store.absent': ['usage', 'There is no store'],
  'store.held': ['usage', 'A centre is running in this folder'],
  'store.newer': ['usage', 'The store was made by a newer version'],
  'store.away': ['busy', 'The database cannot be reached; nothing was taken'],
  'replica.behind': ['busy', 'Too few replicas of the centre answer: nothing was taken'],
  'replica.awaited': ['busy', 'It stands in the log, and too few replicas hold it yet: its receipt follows'],
  'store.moved': ['fault', 'Another writer has moved the head of the log'],
  'store.behind': ['fault', 'The store is older than what is known of its log'],
  'succession.needless': ['usage', 'Nothing is known to be missing'],
  'store.corrupt': ['fault', 'The store contradicts itself'],
  'encryption.key': ['usage', 'The key that is kept apart cannot be had'],
  'encryption.wrong-key': ['usage', 'This key does not open the store'],
  'encryption.needed': ['usage', 'The store is encrypted: the configuration must name its key'],
  'encryption.absent': ['usage', 'The store is not encrypted, and the configuration says that it is'],
  fault: ['fault', 'Something went wrong inside the centre'],
} as const satisfies Record<string, readonly [RefusalClass, string]>;

export type Code = keyof typeof codes;
export type Params = Readonly<Record<string, string | number | boolean | null>>;

/** Every code, for documentation and tests. */
export const allCodes = Object.keys(codes) as Code[];

export function isCode(text: string): text is Code {
  return Object.hasOwn(codes, text);
}

export function classOf(code: Code): RefusalClass {
  return codes[code][0];
}

export function titleOf(code: Code): string {
  return codes[code][1];
}

/** Characters. A detail may name what the sender chose, such as a key, which may be a mebibyte long. */
const maxDetail = 1_000;

export interface RefusalAbout {
  readonly at?: string;
  readonly detail?: string;
  readonly params?: Params;
  readonly concerns?: readonly PartyId[];
  readonly cause?: unknown;
}

/**
 * What is wrong (`code`), where (`at`: a JSON pointer, a line, a path), and what would be right (`detail`).
 * `params` holds the figures of it, never content or secrets: it goes to whoever asked.
 */
export class Refusal extends Error {
  readonly code: Code;
  readonly at: string | undefined;
  readonly detail: string | undefined;
  readonly params: Params;
  /**
   * Parties whom the attempt was aimed at. The centre tells them (`server/journals/attempts.ts`); whoever is refused
   * never learns of it, so it stands in no answer.
   */
  readonly concerns: readonly PartyId[];

  constructor(code: Code, about: RefusalAbout = {}) {
    const where = about.at ? ` at ${about.at}` : '';
    const detail = about.detail?.slice(0, maxDetail);
    super(`${titleOf(code)}${where}${detail ? `: ${detail}` : ''}`, { cause: about.cause });
    this.name = 'Refusal';
    this.code = code;
    this.at = about.at;
    this.detail = detail;
    this.params = about.params ?? {};
    this.concerns = about.concerns ?? [];
  }

  get class(): RefusalClass {
    return classOf(this.code);
  }
}
