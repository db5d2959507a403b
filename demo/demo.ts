/** A centre with the exercise in it, in a folder of its own. The first start plays it; a later one goes on where it ended. */
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Home, homeAt, load, save } from '@parley/cli/home.ts';
import { base64 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { generateKey } from '@parley/sdk/signer.ts';
import { createLog, type Logger } from '@parley/server/api/logging.ts';
import { type Config, loadConfig } from '@parley/server/config.ts';
import { init } from '@parley/server/init.ts';
import { type Served, serveCentre } from '@parley/server/serve.ts';
import { centreName, devices, host, names, type Seat, seats } from './exercise/cast.ts';
import { type Exercise, play } from './exercise/exercise.ts';

export interface DemoOptions {
  readonly folder: string;
  /** Null: the usual one, or any other where that is taken. */
  readonly port: number | null;
  readonly progress: (done: number, of: number) => void;
  readonly onDoubt: (cause: unknown) => void;
  readonly log?: Logger;
}

export interface Demo {
  readonly url: string;
  readonly exercise: Exercise;
  /** Whether the exercise was played just now. */
  readonly first: boolean;
  readonly records: number;
  stop(): Promise<void>;
}

const usualPort = 8410;

export async function startDemo(options: DemoOptions): Promise<Demo> {
  const { folder } = options;
  const exerciseFile = join(folder, 'exercise.json');
  const known = load(exerciseFile) as Exercise | null;
  const homeOf = (seat: Seat) => homeAt(join(folder, 'homes', seat));
  if (!known) {
    clear(folder);
    await makeCentre(folder, homeOf(host));
  }
  const served = await serve(options);
  try {
    for (const seat of known ? seats : [host]) moveHome(homeOf(seat), served.url);
    const exercise = known ?? (await playOn(served, homeOf, options));
    if (!known) save(exerciseFile, exercise);
    const records = served.centre.head()?.size ?? 0;
    return { url: served.url, exercise, first: !known, records, stop: () => served.stop() };
  } catch (error) {
    await served.stop();
    throw error;
  }
}

/** What a start that was interrupted left is ours to remove; anything else is not. @throws store.present */
function clear(folder: string): void {
  const ours: readonly string[] = ['centre', 'homes'];
  const found = existsSync(folder) ? readdirSync(folder).filter((name) => !name.startsWith('.centre-')) : [];
  if (found.some((name) => !ours.includes(name)))
    throw new Refusal('store.present', { at: folder, detail: 'not a folder of the demonstration' });
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
}

/** The settings of whoever tries it play no part. */
function configOf(folder: string, port: number): Config {
  const about = { centre: centreName, folder: join(folder, 'centre'), accredited: 'restricted' };
  return loadConfig(undefined, {}, { ...about, 'listen.port': port });
}

async function makeCentre(folder: string, home: Home): Promise<void> {
  const { signer, pkcs8 } = await generateKey();
  const device = { device: signer.device, pkcs8: base64(pkcs8) };
  await init(
    configOf(folder, usualPort),
    { party: names[host], device: devices[host] },
    {
      signer,
      dir: home.dir,
      keep: (about) => home.create({ format: 'parley-home/1', ...about, ...device }),
      discard: () => home.discard(),
    },
  );
}

/** However long ago the last start was: nobody would look at the clock for an exercise. */
async function serve({ folder, port, onDoubt, log }: DemoOptions): Promise<Served> {
  const about = { log: log ?? createLog('warn', process.stderr), clockConfirmed: true, onDoubt };
  const start = (wanted: number) => serveCentre(configOf(folder, wanted), about);
  try {
    return await start(port ?? usualPort);
  } catch (error) {
    const taken = error instanceof Refusal && error.code === 'config.value' && error.at === 'listen.port';
    if (!taken || port !== null) throw error;
    return start(0);
  }
}

/** The centre may listen at another port than the last time. */
function moveHome(home: Home, url: string): void {
  const profile = home.profile();
  if (profile.url !== url) save(join(home.dir, 'device.json'), { ...profile, url });
}

function playOn(served: Served, home: (seat: Seat) => Home, { progress }: DemoOptions): Promise<Exercise> {
  return play({ url: served.url, home, round: () => served.centre.round(), progress });
}
