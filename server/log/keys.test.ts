import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { utf8 } from '@parley/core/bytes.ts';
import { openCheckpoint } from '@parley/core/checkpoint.ts';
import { Refusal } from '@parley/core/errors.ts';
import { emptyRoot, hashLeaf } from '@parley/core/merkle.ts';
import { formatVkey, parseVkey } from '@parley/core/note.ts';
import { createLogKeys, loadLogKeys, logVkeys, saveLogKeys, signCheckpoint } from './keys.ts';
import { sampleOrigin, trustIn } from './sample.ts';

const refusal = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code;

describe('the keys of a log', () => {
  it('sign checkpoints that a reader opens, with both signatures', async () => {
    const keys = createLogKeys();
    const trust = trustIn(keys);
    for (const checkpoint of [
      { size: 0, root: emptyRoot },
      { size: 12, root: hashLeaf(utf8('x')) },
    ]) {
      const note = await signCheckpoint(keys, { origin: sampleOrigin, ...checkpoint }, 1_700_000_000);
      const opened = await openCheckpoint(utf8(note), trust);
      assert.deepEqual(opened.checkpoint, { origin: sampleOrigin, ...checkpoint });
      assert.deepEqual(
        opened.log.map(({ result }) => result),
        ['valid', 'valid'],
      );
      await assert.rejects(openCheckpoint(utf8(note), trustIn(createLogKeys())), refusal('note.unsigned'));
    }
  });

  it('have vkeys that are read back', () => {
    const vkeys = logVkeys(createLogKeys(), sampleOrigin);
    assert.deepEqual(
      vkeys.map((vkey) => parseVkey(formatVkey(vkey))),
      vkeys,
    );
  });

  it('stay in one file that only its owner reads', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'parley-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'log.key');
    assert.throws(() => loadLogKeys(path), refusal('file.unreadable'));
    const keys = createLogKeys();
    saveLogKeys(keys, path);
    assert.throws(() => saveLogKeys(createLogKeys(), path), refusal('store.present'));
    if (process.platform !== 'win32') assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.deepEqual(logVkeys(loadLogKeys(path), sampleOrigin), logVkeys(keys, sampleOrigin));
    appendFileSync(path, createLogKeys().ed25519.export({ format: 'pem', type: 'pkcs8' }));
    assert.throws(() => loadLogKeys(path), refusal('file.unreadable'));
  });
});
