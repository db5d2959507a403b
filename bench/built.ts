/**
 * Stores that take long to make: made once, by statements through the front door of a centre in this process, and kept
 * in a folder for the next run.
 */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json } from '@parley/core/json.ts';
import { makePart } from '@parley/core/parts.ts';
import { parseStatement } from '@parley/core/statement.ts';
import { random } from '@parley/sdk/signer.ts';
import { type Centre, openCentre } from '@parley/server/app.ts';
import { handling, sign, warning } from './speech.ts';
import { forget, gather, makeStage, type Party, partyFrom, readJson, start } from './stage.ts';

interface Kept {
  readonly centre: string;
  readonly folder: string;
  readonly config: string;
  readonly room: string;
  readonly host: { readonly party: string; readonly pkcs8: string };
  readonly parties: readonly { readonly party: string; readonly pkcs8: string }[];
  readonly objects: number;
  readonly records: number;
}

export interface Built extends Omit<Kept, 'parties' | 'host'> {
  readonly host: Party;
  readonly parties: readonly Party[];
}

/** Readers; each may see what is addressed to it, an equal share of all. */
const readers = 10;
const speakers = 2;

/** @param each objects in one statement: 256 is the most, 1 makes as many records as objects */
export async function built(
  cache: string,
  objects: number,
  each: number,
  say: (text: string) => void,
): Promise<Built> {
  const root = join(cache, `v2-${objects}-by-${each}`);
  const kept = join(root, 'kept.json');
  if (!existsSync(kept)) {
    say(`making a store of ${objects} objects, ${each} to a statement, in ${root}; it is kept`);
    rmSync(root, { recursive: true, force: true });
    try {
      writeFileSync(kept, JSON.stringify(await make(root, objects, each, say)));
    } catch (error) {
      forget(root);
      throw error;
    }
  }
  const { parties, host, ...about } = readJson<Kept>(kept);
  return { ...about, host: await partyFrom(host), parties: await Promise.all(parties.map(partyFrom)) };
}

async function make(root: string, objects: number, each: number, say: (text: string) => void): Promise<Kept> {
  const stage = await makeStage(root);
  const running = await start(stage.config);
  const { room, parties } = await gather(running.url, stage.host, readers + speakers).finally(running.stop);
  const centre = await openCentre({
    ...{ centre: stage.centre, folder: stage.folder },
    onDoubt: (cause) => {
      throw cause;
    },
  });
  try {
    await fill(centre, room, parties, { objects, each, say });
    const records = centre.head()?.size ?? 0;
    const plain = ({ party, pkcs8 }: Party) => ({ party, pkcs8 });
    const about = {
      centre: stage.centre,
      folder: stage.folder,
      config: stage.config,
      room,
      objects,
      records,
    };
    return { ...about, host: plain(stage.host), parties: parties.map(plain) };
  } finally {
    await centre.stop();
  }
}

interface Filling {
  readonly objects: number;
  readonly each: number;
  readonly say: (text: string) => void;
}

/** Said by the last of the parties, to one of the others in turn. A few on their way at once, as many as fill batches. */
async function fill(centre: Centre, room: string, parties: readonly Party[], about: Filling): Promise<void> {
  const { objects, each, say } = about;
  let [next, told] = [0, 0];
  const speak = async () => {
    for (let first = next; first < objects; first = next) {
      next = first + each;
      const turn = Math.floor(first / each);
      const to = parties[turn % readers] as Party;
      const speaker = parties[readers + (turn % speakers)] as Party;
      const count = Math.min(each, objects - first);
      const parts = Array.from({ length: count }, (_, n) => makePart(warning(first + n), random));
      const body = { handling: { ...handling, to: { parties: [to.party] } } };
      const { envelope } = await sign({ ...speaker, centre: centre.name }, 'share/1', { room, body, parts });
      await centre.submit(parseStatement(envelope as unknown as Json), parts);
      if (next - told < objects / 10) continue;
      told = next;
      say(`${Math.round((100 * next) / objects)} % of ${objects} objects`);
    }
  };
  await Promise.all(Array.from({ length: each === 1 ? 192 : 6 }, speak));
}
