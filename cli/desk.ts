/** Where a command works: the device's key, the centre, a session, and the names that people use. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromBase64, utf8 } from '@parley/core/bytes.ts';
import { parseCheckpoint } from '@parley/core/checkpoint.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { StatementRef } from '@parley/core/fields.ts';
import type { PartyId } from '@parley/core/keys.ts';
import { parseNote } from '@parley/core/note.ts';
import { parsePolicy } from '@parley/core/policy.ts';
import { publicInformation } from '@parley/core/purposes.ts';
import { parseReceipt, receiptJson } from '@parley/core/receipt.ts';
import { refOf, type Signer } from '@parley/core/statement.ts';
import {
  type Centre,
  type CentreOptions,
  type Memory,
  openCentre,
  type Remembered,
} from '@parley/sdk/centre.ts';
import type { ReadStatement, RoomView, Session } from '@parley/sdk/session.ts';
import { signerFromPkcs8 } from '@parley/sdk/signer.ts';
import type { Context } from './context.ts';
import { checked, type Home, type Profile, type Purpose } from './home.ts';
import { write } from './io.ts';
import { keptIn } from './kept.ts';
import { partyNamed, roomNamed, statementAmong, typedStatement } from './names.ts';
import { tellSuccession } from './succession.ts';
import { typedAt } from './typed.ts';

export interface Desk {
  readonly context: Context;
  readonly profile: Profile;
  readonly centre: Centre;
  readonly session: Session;
  /** What people type, resolved; see `names.ts`. */
  readonly party: (text: string) => Promise<PartyId>;
  readonly room: (text: string) => Promise<RoomView>;
  readonly statement: (text: string) => Promise<StatementRef>;
  /**
   * What the parties are called that this one may know of.
   * @param heard others, whose chains came with what was read: who left, or spoke elsewhere, has a name there
   */
  readonly names: (...heard: readonly PartyId[]) => Promise<ReadonlyMap<PartyId, string>>;
  /** The same for parties of which nothing was read: who has left is found in the headers of what it said. */
  readonly namesOf: (parties: readonly PartyId[]) => Promise<ReadonlyMap<PartyId, string>>;
  readonly rooms: () => Promise<readonly RoomView[]>;
}

/**
 * What is read must be read for a purpose that somebody chose. Speaking and housekeeping need a session, too, but no
 * content comes with it. An audit looks by itself whether the log continues, and says which record is another one.
 */
export type Need = 'content' | 'office' | 'audit';

/**
 * Opens a session, works, and closes it, however it ends.
 * @param purpose left out: the one of this call, or the one that is kept, with its justification
 */
export async function withSession<T>(
  context: Context,
  need: Need,
  work: (desk: Desk) => Promise<T>,
  purpose: Purpose = purposeFor(context, need),
): Promise<T> {
  const profile = context.home.profile();
  const signer = await signerOf(profile);
  const centre = await openCentre(profile.url, {
    ...centreOptions(context.home, context),
    origin: profile.origin,
  });
  // Before anything is said, and before what an old copy of the centre answers is taken for the truth.
  if (need !== 'audit') await centre.log.continued();
  const { person = null } = context;
  const session = await centre.session({ signer, party: profile.party, person, ...purpose });
  try {
    const done = await work(deskWith(context, profile, centre, session));
    await tidyKept(context, session).catch(() => undefined);
    return done;
  } finally {
    // It ends by itself after some hours: that it could not be closed is no reason to fail.
    await session.close().catch(() => undefined);
  }
}

export async function signerOf(profile: Profile): Promise<Signer> {
  const der = fromBase64(profile.pkcs8);
  if (!der) throw new Refusal('key.malformed', { at: 'device.json' });
  return signerFromPkcs8(der);
}

/** A justification was given for the purpose it was given with, and for no other. @throws command.usage */
export function purposeFor({ home, purpose }: Context, need: Need): Purpose {
  const kept = home.purpose();
  if (kept && (purpose === undefined || purpose === kept.purpose)) return kept;
  if (purpose !== undefined) return { purpose, justification: null };
  if (need !== 'content') return { purpose: publicInformation, justification: null };
  throw new Refusal('command.usage', {
    detail:
      'what is read is read for a purpose: give --purpose ID, or keep one with "parley open --purpose ID"; "parley purposes" lists them',
  });
}

/** What the party took back, on whatever device, leaves this one, too. */
async function tidyKept({ home, io }: Context, session: Session): Promise<void> {
  const kept = keptIn(home, async (text) => write(io.stderr, `${text}\n`));
  await kept.tidy(async () => {
    const recalls = await session.recalls();
    return recalls.flatMap(({ target, cause, from }) => (cause === 'recall' && !from ? [target] : []));
  });
}

type Visiting = Pick<CentreOptions, 'memory' | 'policy' | 'onSuccession' | 'keeper'>;

/**
 * Memory in the home, and the witnesses that its `policy` file asks for.
 * @param context where a person is told of a succession; without one, none is followed and nothing said is kept
 */
export function centreOptions(
  home: Home,
  context?: Pick<Context, 'io'>,
  about: { readonly accept?: boolean } = {},
): Visiting {
  const path = join(home.dir, 'policy');
  const memory: Memory = {
    load: async (origin) => rememberedFrom(home.seen(origin), home.dir),
    async save(origin, remembered) {
      const before = rememberedFrom(home.seen(origin), home.dir);
      // Another command may have seen a longer log in the meantime: that one is kept.
      if (sizeOf(before) <= sizeOf(remembered)) await home.setSeen(origin, remembered);
    },
    async keep(origin, receipt) {
      try {
        await home.keepReceipt(origin, receipt.record.index, receiptJson(receipt));
      } catch (error) {
        // It was said all the same, and its receipt can be fetched again.
        const { party, id } = receipt.statement.header;
        if (context)
          await write(
            context.io.stderr,
            `The receipt of ${party}/${id} could not be kept: ${String(error)}; "${typedAt(context.io.env, home.dir)('receipt get')}" fetches it.\n`,
          );
      }
    },
    *kept(origin) {
      for (const { bytes } of home.receipts(origin)) yield parseReceipt(bytes);
    },
  };
  return {
    memory,
    ...(existsSync(path) ? { policy: parsePolicy(readFileSync(path, 'utf8')) } : {}),
    ...(context
      ? {
          onSuccession: tellSuccession(context.io, home, about),
          keeper: keptIn(home, async (text) => write(context.io.stderr, `${text}\n`)),
        }
      : {}),
  };
}

function rememberedFrom(value: unknown, at: string): Remembered | null {
  if (value === null) return null;
  const remembered = checked<Remembered>(value, at, { texts: ['party'], nullable: ['checkpoint'] });
  if (!Array.isArray(remembered.logs))
    throw new Refusal('file.unreadable', { at, detail: 'not what parley writes there: logs' });
  return remembered;
}

function sizeOf(remembered: Remembered | null): number {
  if (!remembered?.checkpoint) return 0;
  return parseCheckpoint(parseNote(utf8(remembered.checkpoint)).text).size;
}

function deskWith(context: Context, profile: Profile, centre: Centre, session: Session): Desk {
  const parties = once(() => session.parties());
  const known = once(async () => new Map((await parties()).map(({ party: id, name }) => [id, name])));
  const names = async (heard: readonly PartyId[]) => {
    const all = await known();
    for (const id of heard) {
      const name = all.has(id) ? null : await session.nameOf(id);
      if (name !== null) all.set(id, name);
    }
    return all;
  };
  /** Only for the chains that come with them. */
  const headers = once(async () => {
    for await (const _ of session.statements());
  });
  const rooms = once(() => session.rooms());
  const party = async (text: string) => partyNamed(text, await parties());
  return {
    context,
    profile,
    centre,
    session,
    party,
    rooms,
    names: (...heard) => names(heard),
    async namesOf(others) {
      const found = await names(others);
      if (context.json || others.every((id) => found.has(id))) return found;
      await headers();
      return names(others);
    },
    room: async (text) => {
      const all = await rooms();
      const id = roomNamed(
        text,
        all.map(({ room, terms }) => ({ room, title: terms?.title ?? null })),
      );
      return all.find(({ room }) => room === id) ?? session.room(id);
    },
    async statement(text) {
      const typed = typedStatement(text);
      if ('ref' in typed) return typed.ref;
      const author =
        typed.party === null || partyDigits.test(typed.party) ? typed.party : await party(typed.party);
      return statementAmong(typed.prefix, author, refsOf(session.statements()));
    },
  };
}

/** As tables print them: also of a party that is not among those known here. */
const partyDigits = /^[0-9a-f]{8,64}$/;

async function* refsOf(statements: AsyncIterable<ReadStatement>): AsyncIterable<StatementRef> {
  for await (const { statement } of statements) yield refOf(statement.header);
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= work();
    return result;
  };
}
