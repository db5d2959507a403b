/** A centre to measure: made by `init`, run by `parley start` in a process of its own, entered through the SDK. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { base64, fromBase64 } from '@parley/core/bytes.ts';
import { refOf, roomId, type Signer } from '@parley/core/statement.ts';
import { type Centre, memoryInRam, openCentre } from '@parley/sdk/centre.ts';
import type { Session } from '@parley/sdk/session.ts';
import { generateKey, signerFromPkcs8 } from '@parley/sdk/signer.ts';
import { loadConfig } from '@parley/server/config.ts';
import { init } from '@parley/server/init.ts';
import { purpose, terms } from './speech.ts';

const name = 'centre.example';
const launcher = join(import.meta.dirname, '..', 'bin', 'parley.js');
const program = join(import.meta.dirname, '..', 'bin', 'parley.ts');

export interface Party {
  readonly party: string;
  readonly signer: Signer;
  /** Base64 of the private key, for other processes of the benchmark and for the next run on a kept store. */
  readonly pkcs8: string;
}

export interface Stage {
  readonly folder: string;
  readonly config: string;
  readonly centre: string;
  readonly host: Party;
}

export function temporary(label: string): string {
  return mkdtempSync(join(tmpdir(), `parley-bench-${label}-`));
}

export function forget(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

/**
 * @param root takes the folder of the centre and its configuration
 * @param database where log, journals and files lie, if not in the folder
 */
export async function makeStage(root: string, database?: string): Promise<Stage> {
  const folder = join(root, 'centre');
  mkdirSync(root, { recursive: true });
  const { signer, pkcs8 } = await generateKey();
  const device = { signer, dir: root, keep: () => {}, discard: () => {} };
  const names = { party: 'Host', device: 'Desk' };
  const place = { centre: name, folder, ...(database === undefined ? {} : { database }) };
  await init(loadConfig(undefined, {}, place), names, device);
  const config = join(root, 'parley.json');
  const limits = { address: 1_000_000, party: 1_000_000 };
  const content = { ...place, listen: { port: 0 }, logLevel: 'info', limits };
  writeFileSync(config, JSON.stringify(content));
  return { folder, config, centre: name, host: { party: signer.device, signer, pkcs8: base64(pkcs8) } };
}

export interface Running {
  readonly url: string;
  readonly pid: number;
  /** Milliseconds from the start of the process to the word that it listens. */
  readonly listening: number;
  stop(): Promise<void>;
}

/** @param launched as people start it, by the launcher, which starts Node a second time; else by its program alone */
export async function start(config: string, launched = false): Promise<Running> {
  const begun = performance.now();
  const args = launched ? [launcher] : ['--disable-warning=ExperimentalWarning', program];
  const cache = join(dirname(program), '..', 'node_modules', '.cache', 'node');
  const child = spawn(process.execPath, [...args, 'start', '--config', config], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // As the launcher has it.
    env: { ...process.env, NODE_COMPILE_CACHE: cache, MALLOC_ARENA_MAX: '2' },
  });
  const kill = () => child.kill();
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  const url = await listeningOf(child);
  const listening = performance.now() - begun;
  return {
    url,
    pid: launched ? childOf(child.pid ?? 0) : (child.pid ?? 0),
    listening,
    stop: () => ended(child, 'SIGTERM'),
  };
}

/** The launcher runs the program in a process of its own. */
function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim().split(' ')[0]);
}

async function listeningOf(child: ChildProcess): Promise<string> {
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the centre ended with ${code}`)));
    lines.on('line', (line) => {
      const said = JSON.parse(line) as { msg?: string; url?: string };
      if (said.msg === 'listening' && said.url) resolve(said.url);
      else if (said.msg === 'trouble') console.error(line);
    });
  });
}

export function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill(signal);
  });
}

export function visit(url: string): Promise<Centre> {
  return openCentre(url, { memory: memoryInRam() });
}

export function sessionOf(centre: Centre, { party, signer }: Party): Promise<Session> {
  return centre.session({ party, signer, purpose });
}

/** Parties that the host invites, and a room in which all of them are. */
export async function gather(
  url: string,
  host: Party,
  count: number,
): Promise<{ room: string; parties: Party[] }> {
  const centre = await visit(url);
  const hosting = await sessionOf(centre, host);
  const room = roomId(refOf((await hosting.openRoom(terms)).statement.header));
  const parties: Party[] = [];
  for (let n = 0; n < count; n++) {
    const { code } = await hosting.inviteParty();
    const { signer, pkcs8 } = await generateKey();
    await centre.join({ code, name: `Party ${n}`, device: 'Desk', signer });
    const party = { party: signer.device, signer, pkcs8: base64(pkcs8) };
    await hosting.invite(room, party.party);
    const session = await sessionOf(centre, party);
    const found = (await session.rooms()).find((one) => one.room === room);
    await session.accept(room, found?.offered?.hash ?? '');
    await session.close();
    parties.push(party);
  }
  await hosting.close();
  return { room, parties };
}

export async function partyFrom({ party, pkcs8 }: { party: string; pkcs8: string }): Promise<Party> {
  const bytes = fromBase64(pkcs8);
  if (!bytes) throw new Error('a kept key is no base64');
  return { party, pkcs8, signer: await signerFromPkcs8(bytes) };
}

export function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}
