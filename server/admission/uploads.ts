/** Whether a file may be brought: what a device signed, and that it may speak. Nothing of the file was read yet. */
import type { Bytes } from '@parley/core/bytes.ts';
import { type Envelope, parseEnvelope, preAuthEncoding } from '@parley/core/dsse.ts';
import { Refusal } from '@parley/core/errors.ts';
import { type Instant, instantOf } from '@parley/core/fields.ts';
import { type FileEntry, type Upload, uploadSchema, uploadType } from '@parley/core/files.ts';
import { type Json, parseCanonicalJson, parseJson } from '@parley/core/json.ts';
import { type Part, partLeaf } from '@parley/core/parts.ts';
import { maxSkew } from '@parley/core/record.ts';
import { filesOf } from '@parley/core/statement.ts';
import { fileName } from '../files/names.ts';
import { type KeyOf, unknownDevice, verifyEnvelope } from './check.ts';
import type { Readers } from './readers.ts';
import type { Saying } from './said.ts';

export interface SignedUpload {
  readonly upload: Upload;
  readonly envelope: Envelope;
}

/** @throws upload.malformed, dsse.*, json.* */
export function parseUpload(line: Bytes, centre: string): SignedUpload {
  const envelope = parseEnvelope(parseJson(line) as Json, uploadType);
  const result = uploadSchema.safeParse(parseCanonicalJson(envelope.payload, '/payload'));
  if (!result.success) {
    const [issue] = result.error.issues;
    const at = ['/payload', ...(issue?.path ?? [])].join('/');
    throw new Refusal('upload.malformed', { at, detail: issue?.message ?? '' });
  }
  const upload = result.data;
  if (upload.centre !== centre)
    throw new Refusal('header.centre', { at: '/payload/centre', detail: `this is ${centre}` });
  if (envelope.keyid !== upload.device) throw new Refusal('dsse.keyid', { at: '/signatures/0/keyid' });
  return { upload, envelope };
}

/** @throws device.unknown */
export async function checkUploader({ upload, envelope }: SignedUpload, keyOf: KeyOf): Promise<void> {
  const key = await keyOf(upload.device);
  if (!key) throw unknownDevice();
  await verifyEnvelope(envelope, key, preAuthEncoding(uploadType, envelope.payload)).catch(
    (error: unknown) => {
      throw error instanceof Refusal ? unknownDevice() : error;
    },
  );
}

/** To be called once its signature holds. @throws device.*, clock.skew */
export async function admitUpload(upload: Upload, readers: Readers, instant: Instant): Promise<void> {
  const device = await readers.device(upload.device);
  const party = await readers.party(upload.party);
  if (!device || !party || device.party !== party.no) throw unknownDevice();
  if (device.revoked !== null) throw new Refusal('device.revoked', { at: '/device' });
  if (device.ends !== null && device.ends <= instant) throw new Refusal('device.ended', { at: '/device' });
  if (!device.rights.includes('speak'))
    throw new Refusal('device.right', { at: '/device', params: { right: 'speak' } });
  const skew = instantOf(upload.at) - instant;
  if (Math.abs(skew) > maxSkew)
    throw new Refusal('clock.skew', { at: '/payload/at', params: { seconds: Math.round(skew / 1_000_000) } });
}

export type BroughtFiles = ReadonlyMap<number, Pick<FileEntry, 'size' | 'type'> | null>;

/** Every file of a share was brought by its own party, and is what the header says. @throws file.absent */
export function checkBrought(files: readonly FileEntry[], brought: BroughtFiles): void {
  for (const [i, { n, size, type }] of files.entries()) {
    const file = brought.get(n);
    if (file?.size !== size || file.type !== type)
      throw new Refusal('file.absent', {
        at: `/body/files/${i}`,
        detail: file
          ? 'the header says another size or type than the file has'
          : 'bring it first: POST /api/v1/files',
      });
  }
}

/**
 * Inside the commit, where nothing is brought or claimed meanwhile: a name is used once, even if what stood under it was
 * erased. Names are of the speaker's party, so that this tells of nobody else's.
 * @throws file.known
 */
export async function checkUnused({ header, parts, readers }: Saying<'share/1'>): Promise<void> {
  const names = filesOf(header).map(({ n }) => fileName(header.party, partLeaf(parts[n] as Part)));
  if (names.length === 0) return;
  const known = await readers.filesNamed(names);
  const i = names.findIndex((name, n) => known.has(name) || names.indexOf(name) < n);
  if (i >= 0) throw new Refusal('file.known', { at: `/body/files/${i}` });
}
