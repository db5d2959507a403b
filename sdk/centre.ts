/** A centre, from outside: who it is, what its log has come to, and the ways in. */
import { type Bytes, base64 } from '@parley/core/bytes.ts';
import type { OpenedCheckpoint, Trust } from '@parley/core/checkpoint.ts';
import type { Classification } from '@parley/core/classification.ts';
import { Refusal } from '@parley/core/errors.ts';
import { invitationSeed, joinConsent, type PartyId, pkcs8 } from '@parley/core/keys.ts';
import type { KindName } from '@parley/core/kinds.ts';
import { parseVkey } from '@parley/core/note.ts';
import { makePart } from '@parley/core/parts.ts';
import type { Policy } from '@parley/core/policy.ts';
import type { Receipt } from '@parley/core/receipt.ts';
import type { Signer } from '@parley/core/statement.ts';
import { accreditationOf } from './accreditation.ts';
import { sayAgain } from './again.ts';
import { api, type Connection } from './connection.ts';
import type { Keeper, SentLines } from './keeping.ts';
import { type LogView, viewLog } from './log.ts';
import type { Memory, Remembered } from './memory.ts';
import { Parties } from './parties.ts';
import { openReader, type Reader } from './reader.ts';
import { type Recovering, recoverParty } from './recovery.ts';
import { openSession, type Session, type SessionRequest } from './session.ts';
import { type CentreInfo, centreShape } from './shapes.ts';
import { random, signerFromPkcs8 } from './signer.ts';
import { type Speaker, submit, type Words } from './submit.ts';
import {
  checkSuccession,
  newestKnown,
  type OnSuccession,
  type PastLog,
  pastLog,
  refuseSuccession,
} from './succession.ts';
import { type Fetch, readJson, type Transport, transport } from './transport.ts';

export { type Memory, memoryInRam, type Remembered } from './memory.ts';

export interface CentreOptions {
  readonly memory: Memory;
  readonly fetch?: Fetch;
  /**
   * The log that must be there, such as `centre.example/log/1`. Memory is by origin: whoever has been here before says
   * it, so that the centre cannot be forgotten by giving itself another name.
   */
  readonly origin?: string;
  /** Witnesses to believe and how many of them must have cosigned. Without it, cosignatures are not looked at. */
  readonly policy?: Policy;
  /**
   * Told when the centre goes on with another log than this device knows: after a loss, or under new keys. It throws
   * where the device must not go on. Left out: it never does.
   */
  readonly onSuccession?: OnSuccession;
  /** Keeps the content of what is said here, so that it can be said again after a loss. */
  readonly keeper?: Keeper;
}

export interface Joining {
  /** The invitation, as it was read aloud or typed. */
  readonly code: string;
  /** What the party, and its first device, are called. */
  readonly name: string;
  readonly device: string;
  /** When the first key ends, or null. */
  readonly ends?: string | null;
  readonly signer: Signer;
  /** Of the recovery key that was printed, in base64 (`newRecoveryKey`); null or left out: none. */
  readonly recovery?: string | null;
  /** The party that this one was, where the invitation says so. */
  readonly formerly?: PartyId;
}

export interface Centre {
  readonly url: string;
  readonly info: CentreInfo;
  readonly trust: Trust;
  readonly log: LogView;
  /** Up to where it may hold what is classified, now, proven by its own statement. */
  accreditation(): Promise<Classification>;
  /** The newest, verified, proven to continue the one remembered, and now remembered itself. */
  checkpoint(): Promise<OpenedCheckpoint>;
  session(request: SessionRequest): Promise<Session>;
  /** Founds a party: its first key is its name from now on. */
  join(joining: Joining): Promise<Receipt>;
  /** Brings a party back whose devices are lost: by its recovery key, or after its guardians vouched. */
  recover(recovering: Recovering): Promise<Receipt>;
  say<K extends KindName>(speaker: Speaker, words: Words<K>): Promise<Receipt>;
  public(): Reader;
  /** The same bytes again, after a loss. @throws as `say` */
  sayAgain(speaker: Speaker, sent: SentLines): Promise<Receipt>;
  /** A log that ended before this one began, for receipts of its time; null: the centre never had it. */
  past(origin: string): Promise<PastLog | null>;
}

/**
 * The first visit believes the log's keys as they are given; compare `info.party` and the keys out of band. Each later
 * visit insists on them.
 * @throws read.unproven when the centre is not the one that is remembered
 */
export async function openCentre(url: string, options: CentreOptions): Promise<Centre> {
  const line = transport(url, options.fetch);
  const info = await readJson(await line.open(`${api}/centre`), centreShape);
  const connection = await connect(line, info, options);
  const { log } = connection;
  const centre: Centre = {
    url: line.base,
    info,
    trust: log.trust,
    log,
    accreditation: () => accreditationOf(connection),
    checkpoint: () => log.refresh(),
    session: (request) => openSession(centre, connection, request),
    join: (joining) => join(connection, joining),
    recover: (recovering) => recoverParty(connection, recovering),
    say: (speaker, words) => submit(connection, speaker, words),
    public: () => openReader(connection),
    sayAgain: (speaker, sent) => sayAgain(connection, speaker, sent),
    past: (origin) => pastLog(connection, info, origin),
  };
  return centre;
}

async function connect(line: Transport, info: CentreInfo, options: CentreOptions): Promise<Connection> {
  const { memory, policy = null, onSuccession = refuseSuccession, keeper = null } = options;
  const { centre, origin, logs, party } = info;
  const known = await newestKnown(memory, info, options.origin);
  const remembered = known.origin === origin ? known.remembered : await memory.load(origin);
  if (known.remembered) needSameParty(known.remembered, info);
  if (remembered) needSameKeys(remembered, info);
  // Nothing is remembered of a log that follows before somebody was told.
  let told = known.origin === origin;
  let checkpoint = remembered?.checkpoint ?? null;
  const save = () => memory.save(origin, { logs, party, checkpoint });
  const log = await viewLog({
    transport: line,
    prefix: origin.slice(centre.length + 1),
    trust: { origin, logs: logs.map(parseVkey), witnesses: policy?.witnesses.map(({ vkey }) => vkey) ?? [] },
    policy,
    known: checkpoint,
    save: async (note) => {
      checkpoint = note;
      if (told) await save();
    },
  });
  const connection: Connection = {
    ...{ transport: line, centre, centreParty: party, log, parties: new Parties(centre), keeper },
    token: () => null,
    keep: async (receipt) => memory.keep?.(origin, receipt),
  };
  if (told) return connection;
  const news = await checkSuccession(connection, info, known);
  await onSuccession(news);
  told = true;
  await save();
  const before = known.remembered ?? { logs: [], party, checkpoint: null };
  await memory.save(known.origin, { ...before, succeeded: { log: origin, from: news.from } });
  return connection;
}

/** A log never changes its keys: a new key is a new log (succession). */
function needSameKeys({ logs }: Remembered, info: CentreInfo): void {
  const same = logs.length === info.logs.length && logs.every((key) => info.logs.includes(key));
  if (!same)
    throw new Refusal('read.unproven', { at: '/logs', detail: 'not the keys that this device remembers' });
}

function needSameParty({ party }: Remembered, info: CentreInfo): void {
  if (party !== info.party)
    throw new Refusal('read.unproven', { at: '/party', detail: 'not the party that this device remembers' });
}

async function join(connection: Connection, joining: Joining): Promise<Receipt> {
  const { code, name, device, ends = null, signer, recovery = null, formerly } = joining;
  const inviter = await signerFromPkcs8(pkcs8(invitationSeed(code)));
  const consent: Bytes = await inviter.sign(joinConsent(connection.centre, signer.publicKey));
  const invitation = { key: base64(inviter.publicKey), signature: base64(consent) };
  const body = {
    ...{ key: base64(signer.publicKey), ends, invitation },
    ...(recovery === null ? {} : { recovery }),
    ...(formerly === undefined ? {} : { formerly }),
  };
  const parts = [makePart({ name, device }, random)];
  return submit(connection, { signer, party: signer.device }, { kind: 'party.found/1', body, parts });
}
