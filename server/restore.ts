/** A backup put back: copied beside its place, checked there as a whole, and only then moved into it. */
import { constants, existsSync, mkdtempSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { copyFile, mkdir, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { Refusal } from '@parley/core/errors.ts';
import { type Manifest, readManifest, refuseFull, sha256Of } from './backup.ts';
import { type CentreReport, type CheckProgress, checkCentre } from './check-centre.ts';
import { copyNamed, namesIn } from './files/copy.ts';
import { pathsIn } from './paths.ts';
import { endAllSessions } from './storage/sqlite-journals.ts';
import type { Vault } from './vault/vault.ts';

export interface Restored {
  readonly manifest: Manifest;
  readonly report: CentreReport;
  /** Whether the keys came along; without them they must be put there. */
  readonly keys: boolean;
}

/** @throws file.unreadable, store.present when the folder is not empty, store.corrupt */
export async function restore(
  from: string,
  to: string,
  progress?: (progress: CheckProgress) => void,
  vault: Vault | null = null,
): Promise<Restored> {
  const place = resolve(to);
  const manifest = await readManifest(from);
  refuseFull(place);
  await mkdir(dirname(place), { recursive: true });
  const beside = mkdtempSync(join(dirname(place), `.${basename(place)}-`));
  try {
    await copyFiles(from, beside, manifest);
    // Each is checked against its leaf with the rest of it.
    await copyNamed(pathsIn(from).files, pathsIn(beside).files, await namesIn(pathsIn(from).files));
    // What this machine now knows of the log: an older backup in its place will be found out at start.
    await writeFile(pathsIn(beside).checkpoint, manifest.head.checkpoint, { mode: 0o600 });
    const report = await checkCentre({ folder: beside, centre: manifest.centre, vault }, progress);
    if (report.size !== manifest.head.size || report.root !== manifest.head.root)
      throw new Refusal('store.corrupt', { at: from, detail: 'the log is not the one of the manifest' });
    // Those of that moment: who closed one since, or lost a device, does not find it open again.
    endAllSessions(pathsIn(beside).journals);
    await writeFile(pathsIn(beside).restored, '', { mode: 0o600 });
    if (existsSync(place)) rmdirSync(place);
    await rename(beside, place);
    return { manifest, report, keys: existsSync(pathsIn(place).logKeys) };
  } catch (error) {
    rmSync(beside, { recursive: true, force: true });
    throw error;
  }
}

/** The copy is what is hashed: what is checked is what is used. */
async function copyFiles(from: string, to: string, { files }: Manifest): Promise<void> {
  for (const { name, bytes, sha256 } of files) {
    const [source, copy] = [join(from, name), join(to, name)];
    await copyFile(source, copy, constants.COPYFILE_EXCL).catch((cause: unknown) => {
      throw new Refusal('file.unreadable', { at: source, cause });
    });
    if (statSync(copy).size !== bytes || (await sha256Of(copy)) !== sha256)
      throw new Refusal('store.corrupt', { at: source, detail: 'not the file of the manifest' });
  }
}
