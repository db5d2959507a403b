import assert from 'node:assert/strict';
import { fromBase64, utf8 } from '@parley/core/bytes.ts';
import { LeafHash } from '@parley/core/files.ts';
import type { EnvelopeJson } from '@parley/core/statement.ts';
import { runVectors } from '../../tools/vectors/read.ts';
import { parseUpload } from './uploads.ts';

runVectors<{ envelope: EnvelopeJson; bytes: string }>('files/uploads.json', ({ envelope, bytes }) => {
  const { upload } = parseUpload(utf8(JSON.stringify(envelope)), 'centre.example');
  const content = fromBase64(bytes);
  assert.ok(content);
  assert.equal(content.length, upload.size);
  const hash = new LeafHash(fromBase64(upload.salt) ?? new Uint8Array(0)).update(content).digest();
  assert.deepEqual(hash, fromBase64(upload.leaf));
});
