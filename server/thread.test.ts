import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Refusal } from '@parley/core/errors.ts';
import { traceOf } from './api/problems.ts';
import { startThread } from './thread.ts';

const source = `
  import { parentPort, workerData } from 'node:worker_threads';
  import { serveThread } from ${JSON.stringify(new URL('./thread.ts', import.meta.url))};
  const store = () => Object.assign(new Error('disk I/O error'), { code: 'ERR_SQLITE_ERROR', errcode: 10 });
  const parse = () => { try { JSON.parse(workerData); } catch (error) { return error; } };
  await serveThread(parentPort, async (tell) => ({
    tell: () => { tell('doubt', store()); tell('trouble', new Error('outer', { cause: parse() })); tell('count', 3); },
    fail: () => { throw store(); },
  }));`;

describe('a thread', () => {
  it('tells errors with name, code and trace, and without what could not be parsed', async (t) => {
    const told: [name: string, value: unknown][] = [];
    const file = new URL(`data:text/javascript,${encodeURIComponent(source)}`);
    const thread = await startThread<{ tell: () => void; fail: () => void; absent: () => void }>(
      file,
      'secret',
      (...each) => told.push(each),
      (cause) => assert.fail(String(cause)),
    );
    t.after(() => thread.terminate());
    await thread.call('tell');
    const [[, doubt] = [], [, trouble] = [], last] = told;
    assert.ok(doubt instanceof Error && 'code' in doubt && doubt.code === 'ERR_SQLITE_ERROR');
    const [first, place] = traceOf(doubt);
    assert.equal(first, 'Error: disk I/O error');
    assert.match(place ?? '', /^at /);
    assert.ok(trouble instanceof Error && trouble.cause instanceof Error);
    assert.equal(trouble.cause.name, 'SyntaxError');
    assert.doesNotMatch([trouble.stack, trouble.cause.stack, ...traceOf(trouble)].join(), /secret/);
    assert.deepEqual(last, ['count', 3]);
    // What the types promise, another version of the file may not have.
    await assert.rejects(thread.call('absent'), (error) => {
      assert.ok(error instanceof Refusal && error.code === 'fault');
      return traceOf(error).includes('Error: the thread has no call absent');
    });
    await assert.rejects(thread.call('fail'), (error) => {
      assert.ok(error instanceof Refusal && error.code === 'fault' && error.detail === undefined);
      return traceOf(error).includes('Error: disk I/O error');
    });
  });
});
