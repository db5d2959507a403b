/**
 * What a host can serve instead of its log, and that the verifiers of others find it. Without these, their passing our
 * log would say nothing. How to run: CONTRIBUTING.md.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Bytes, utf8 } from '@parley/core/bytes.ts';
import { parseCheckpoint } from '@parley/core/checkpoint.ts';
import { formatNote, type NoteSignature, parseNote } from '@parley/core/note.ts';
import { entriesTile, parseEntriesTile } from '@parley/core/tiles.ts';
import { createLogKeys, loadLogKeys, signCheckpoint } from '../server/log/keys.ts';
import { pathsIn } from '../server/paths.ts';
import { indicator } from '../server/testing/actor.ts';
import { serve } from '../server/testing/served.ts';
import { type Alter, altering, flipped } from './testing/altering.ts';
import { goSkip, goTimeout } from './testing/go.ts';
import { beginReadCentre, logUrl, often, type ReadCentre, reportOf, Verifiers } from './testing/verifiers.ts';

describe('the verifiers of others find', { skip: goSkip, timeout: goTimeout }, () => {
  let verifiers: Verifiers;
  let centre: ReadCentre;

  const altered = async (alter: Alter, look: (url: string) => Promise<void>): Promise<void> => {
    const between = await altering(centre.log, alter);
    try {
      await look(between.url);
    } finally {
      await between.end();
    }
  };
  const only =
    (path: RegExp, change: (body: Bytes) => Bytes | null): Alter =>
    (asked, body) =>
      path.test(asked) ? change(body) : body;
  const finds = (alter: Alter, byVerify: RegExp, byFsck: RegExp): Promise<void> =>
    altered(alter, async (url) => {
      const verified = await verifiers.verify(url, centre.key);
      assert.equal(verified.status, 1, verified.out);
      assert.match(verified.err, byVerify);
      const checked = await verifiers.fsck(url, centre.key);
      assert.equal(checked.status, 1, checked.err);
      assert.match(checked.err, byFsck);
    });

  before(
    async () => {
      verifiers = await Verifiers.build();
      centre = await beginReadCentre();
    },
    { timeout: goTimeout },
  );
  after(async () => {
    await verifiers?.end();
    await centre?.end();
  });

  it('nothing where nothing is altered', () =>
    altered(
      (_, body) => body,
      async (url) => {
        reportOf(await verifiers.verify(url, centre.key));
        assert.equal((await verifiers.fsck(url, centre.key)).status, 0);
      },
    ));

  // CVE-2026-56865: before 0.40, tlog did not hold this tile against the one above it.
  it('a hash that was changed in a full tile', () =>
    finds(
      only(/^tile\/0\/001$/, (body) => flipped(body, 77)),
      /^verify: record 256: downloaded inconsistent tile/,
      /fsck failed: .*tile\/0\/001: log has/,
    ));

  it('a hash that was changed in a partial tile', () =>
    finds(
      only(/^tile\/1\/000\.p\/2$/, (body) => flipped(body, 3)),
      /^verify: record 0: downloaded inconsistent tile/,
      /fsck failed: .*tile\/1\/000\.p\/2: log has/,
    ));

  it('an entry that was changed', () =>
    finds(
      only(/^tile\/entries\/001$/, (body) => flipped(body, 34 * 44 + 9)),
      /^verify: record 300: invalid transparency proof/,
      /fsck failed: .*tile\/0\/001: log has/,
    ));

  it('two entries that changed places', () =>
    finds(
      only(/^tile\/entries\/000$/, (body) => {
        const [first, second, ...rest] = parseEntriesTile(body) as [Bytes, Bytes, ...Bytes[]];
        return entriesTile([second, first, ...rest]);
      }),
      /^verify: record 0: invalid transparency proof/,
      /fsck failed: .*tile\/0\/000: log has/,
    ));

  it('a bundle that ends too early', () =>
    altered(
      only(/^tile\/entries\/000$/, (body) => entriesTile(parseEntriesTile(body).slice(1))),
      async (url) => {
        // fsck breaks off at this one: it counts on 256 entries.
        const { status, err } = await verifiers.verify(url, centre.key);
        assert.equal(status, 1);
        assert.match(err, /^verify: tile\/entries\/000: it has 255 entries, not 256/);
      },
    ));

  it('a bundle that is not there', () =>
    finds(
      only(/^tile\/entries\/001$/, () => null),
      /^verify: tile\/entries\/001: 404 Not Found/,
      /fsck failed: /,
    ));

  it('a root that the tiles do not have, though the log has signed it', async () => {
    const keys = loadLogKeys(pathsIn(centre.world.folder).logKeys);
    const claimed = parseCheckpoint(parseNote(utf8(await centre.checkpoint())).text);
    const note = await signCheckpoint(keys, { ...claimed, root: new Uint8Array(32).fill(7) }, 1);
    await finds(
      only(/^checkpoint$/, () => utf8(note)),
      /^verify: record 0: downloaded inconsistent tile/,
      /fsck failed: calculated root [0-9a-f]{64}, but checkpoint claims (07){32}/,
    );
  });

  it('a checkpoint whose signature is wrong', async () => {
    const { text, signatures } = parseNote(utf8(await centre.checkpoint()));
    const [first, ...others] = signatures as [NoteSignature, ...NoteSignature[]];
    const forged = formatNote(text, [{ ...first, signature: flipped(first.signature, 5) }, ...others]);
    await finds(
      only(/^checkpoint$/, () => forged),
      /^verify: the checkpoint: invalid signature for key centre\.example\/log\/1\+/,
      /fsck failed: failed to fetch and verify checkpoint: /,
    );
  });

  it('a checkpoint that somebody else has signed', async () => {
    const { text } = parseNote(utf8(await centre.checkpoint()));
    const note = await signCheckpoint(createLogKeys(), parseCheckpoint(text), 1);
    await finds(
      only(/^checkpoint$/, () => utf8(note)),
      /^verify: the checkpoint: note has no verifiable signatures/,
      /fsck failed: failed to fetch and verify checkpoint: /,
    );
  });

  it('another history, by a checkpoint that was seen before or by a receipt', async () => {
    const { world, log, key, room } = centre;
    const fork = await world.fork();
    const there = await serve(fork, { rates: often });
    try {
      const last = await world.host.share(room, [indicator('only here')]);
      await fork.host.share(room, [indicator('only there')]);
      const notes = [...centre.earlier, await centre.checkpoint()];
      const old = notes.map((note, i) => verifiers.keep(`checkpoint-${i}`, note));
      const leaves = verifiers.keepLeaves([last]);
      reportOf(await verifiers.verify(log, key, { old, leaves }));

      // By itself it is as good a log as the first: that is what witnesses are for.
      reportOf(await verifiers.verify(logUrl(there), key, { old: old.slice(0, -1) }));
      assert.equal((await verifiers.fsck(logUrl(there), key)).status, 0);
      const seen = await verifiers.verify(logUrl(there), key, { old });
      assert.equal(seen.status, 1);
      assert.match(seen.err, /^verify: the tree of \d+ does not continue the tree of \d+: /);
      const promised = await verifiers.verify(logUrl(there), key, { leaves });
      assert.equal(promised.status, 1);
      assert.match(promised.err, /^verify: record \d+: its leaf is .*, not /);
    } finally {
      await there.end();
    }
  });
});
