/** A centre in a temporary folder, and parties that speak to its front door: for tests. */

import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { base64, utf8 } from '@parley/core/bytes.ts';
import { parseCheckpoint } from '@parley/core/checkpoint.ts';
import { millisecondsOf } from '@parley/core/fields.ts';
import { invitationSeed, joinConsent } from '@parley/core/keys.ts';
import { parseNote } from '@parley/core/note.ts';
import { makePart } from '@parley/core/parts.ts';
import type { Level, Terms } from '@parley/core/terms.ts';
import { type Centre, type CentreOptions, openCentre } from '../app.ts';
import { rememberedNote } from '../behind.ts';
import { createCentre, inviteHost, sayOpening } from '../genesis.ts';
import { pathsIn } from '../paths.ts';
import { placeAt } from '../place.ts';
import { loadSigner } from '../signer.ts';
import { Actor, newSigner, random, seeded } from './actor.ts';
import { copyLocated, forgetDatabase, located, newLocated } from './located.ts';

interface About extends Partial<Omit<CentreOptions, 'centre' | 'folder'>> {
  /** It writes in a thread of its own, as a centre that runs does. Left out: in this one, which begins much sooner. */
  readonly ownThread?: boolean;
}

const inThisThread = { now: () => Date.now() * 1000 };

export class World {
  centre: Centre;
  readonly folder: string;
  readonly about: About;
  /** What stopped it, or somebody should see. */
  readonly doubts: unknown[];
  declare readonly host: Actor;

  private constructor(centre: Centre, folder: string, about: About, doubts: unknown[]) {
    this.centre = centre;
    this.folder = folder;
    this.about = about;
    this.doubts = doubts;
  }

  static async begin(about: About = {}): Promise<World> {
    const { folder, database } = await newLocated();
    await createCentre(placeAt(folder, { ...about, database }));
    const world = await World.on(folder, about);
    const signer = await loadSigner(pathsIn(folder).centreKey, about.vault ?? null);
    await sayOpening(world.centre, signer, 'Centre');
    const host = await world.join(await inviteHost(world.centre, signer, 7), 'Host');
    Object.assign(world, { host });
    return world;
  }

  /** On a folder that is there. What `openCentre` throws comes through. */
  static async on(folder: string, about: About = {}): Promise<World> {
    const doubts: unknown[] = [];
    return new World(await open(folder, about, doubts), folder, about, doubts);
  }

  /** A copy of all that the centre has, its keys too: the folder of an old backup, or of somebody who took it. */
  async copy(): Promise<string> {
    return copyLocated(located(this.folder), this.about.vault ?? null);
  }

  /** The same centre a second time, on a copy: from now on each goes its own way. */
  async fork(about: About = this.about): Promise<World> {
    const world = await World.on(await this.copy(), about);
    Object.assign(world, { host: this.host.in(world) });
    return world;
  }

  /** Another instance on the same database, from a folder of its own with the same keys. */
  async beside(about: About = {}): Promise<World> {
    const { database } = located(this.folder);
    const folder = mkdtempSync(join(tmpdir(), 'parley-'));
    for (const file of ['logKeys', 'centreKey'] as const)
      copyFileSync(pathsIn(this.folder)[file], pathsIn(folder)[file]);
    const world = await World.on(folder, { ...this.about, ...about, database });
    return Object.assign(world, { host: this.host.in(world) });
  }

  async join(code: string, name: string, signer = newSigner()): Promise<Actor> {
    const seed = seeded(invitationSeed(code));
    const actor = new Actor(this, signer.device, signer);
    const signature = base64(await seed.sign(joinConsent(this.centre.name, signer.publicKey)));
    const body = {
      key: base64(signer.publicKey),
      ends: null,
      invitation: { key: base64(seed.publicKey), signature },
    };
    await actor.say('party.found/1', body, { parts: [makePart({ name, device: 'desk' }, random)] });
    return actor;
  }

  /** A party that the host has invited and that has joined. */
  async party(name: string, about: { level?: Level } = {}): Promise<Actor> {
    return this.join(await this.invitation(about), name);
  }

  /** The code of an invitation by the host. */
  async invitation(about: { level?: Level } = {}): Promise<string> {
    const code = `TEST-${crypto.randomUUID()}`;
    const until = millisecondsOf(this.centre.now() + 86_400_000_000);
    const key = base64(seeded(invitationSeed(code)).publicKey);
    await this.host.say('party.invite/1', { key, until, ...about });
    return code;
  }

  /** A room of the host's, with these members. */
  async room(members: readonly Actor[], about: Partial<Terms> = {}): Promise<string> {
    const room = await this.host.openRoom(about);
    for (const member of members) {
      await this.host.invite(room, member);
      await member.accept(room);
    }
    return room;
  }

  /** Resolves when nothing waits to be erased any more. */
  async erased(): Promise<void> {
    // Asked without a rest, a writer in this thread would never have its turn.
    while ((await this.centre.read((_, { log }) => log.condemned())) > 0) await pause(5);
  }

  /** Resolves when the newest checkpoint stands in this machine's memory, where it is written in the background. */
  async remembered(): Promise<void> {
    const size = this.centre.head()?.size ?? 0;
    for (;;) {
      const note = rememberedNote(pathsIn(this.folder).checkpoint);
      if (note !== null && parseCheckpoint(parseNote(utf8(note)).text).size >= size) return;
      await pause(5);
    }
  }

  /** Stops and starts again on the same folder. */
  async restart(about: About = this.about): Promise<void> {
    await this.centre.stop();
    this.centre = await open(this.folder, about, this.doubts);
  }

  async end(): Promise<void> {
    await this.centre.stop();
    await this.forget();
  }

  /** Where the centre was stopped already. */
  async forget(): Promise<void> {
    await forgetDatabase(this.folder);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function open(folder: string, { ownThread = false, ...about }: About, doubts: unknown[]): Promise<Centre> {
  return openCentre({
    centre: 'centre.example',
    ...located(folder),
    clockConfirmed: true,
    onDoubt: (cause) => doubts.push(cause),
    onTrouble: (_, cause) => doubts.push(cause),
    ...(ownThread ? {} : inThisThread),
    ...about,
  });
}
