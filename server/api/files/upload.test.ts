/** Senders that are slow: they must not hold the places of others. */
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { it } from 'node:test';
import { Refusal } from '@parley/core/errors.ts';
import type { ApiFiles } from '../context.ts';
import { readUpload } from './upload.ts';

const pace = { grace: 200, rate: 10_000 };

/** @returns how many bytes came through, and whether the place was given back */
async function bring(chunks: AsyncIterable<Buffer>) {
  const about = { bytes: 0, ended: false };
  const files = {
    limits: { file: 1_000_000, types: [] },
    async receive(_, pieces) {
      try {
        for await (const piece of pieces) about.bytes += piece.length;
      } finally {
        about.ended = true;
      }
      return { leaf: '', size: about.bytes, type: '', until: 0 };
    },
  } as Partial<ApiFiles> as ApiFiles;
  const stream = Readable.from(chunks, { objectMode: false });
  const answer = readUpload(stream, files, pace).finally(() => stream.destroy());
  return { answer, about };
}

const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

it('bytes that come too slowly are refused, when the sender stops and when it drips', async () => {
  async function* stops() {
    yield Buffer.from('line\n12345');
    await later(2_000);
  }
  async function* drips() {
    yield Buffer.from('line\n');
    for (let i = 0; i < 100; i++) {
      await later(20);
      yield Buffer.from('x');
    }
  }
  for (const slow of [stops, drips]) {
    const { answer, about } = await bring(slow());
    const started = performance.now();
    const place = (async () => {
      while (!about.ended) await later(5);
      return performance.now() - started;
    })();
    await assert.rejects(
      answer,
      (error) => error instanceof Refusal && error.code === 'file.size' && /slowly/.test(error.message),
    );
    assert.ok((await place) < 1_000, `${await place} ms`);
  }
});

it('slow is who sends, not who takes', async () => {
  async function* quick() {
    yield Buffer.from('line\n');
    for (let i = 0; i < 20; i++) yield Buffer.alloc(10);
  }
  const files = {
    limits: { file: 1_000_000, types: [] },
    async receive(_, pieces) {
      let size = 0;
      for await (const piece of pieces) {
        size += piece.length;
        await later(30);
      }
      return { leaf: '', size, type: '', until: 0 };
    },
  } as Partial<ApiFiles> as ApiFiles;
  const { size } = await readUpload(
    Readable.from(quick(), { objectMode: false, highWaterMark: 1 }),
    files,
    pace,
  );
  assert.equal(size, 200);
});
