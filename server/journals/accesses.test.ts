import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Access } from './accesses.ts';
import { folder, id, openAt, openHere } from './fixture.ts';

const [author, reader, other] = [id('a'), id('b'), id('c')];

function access(at: number, party: string, list: Access['list']): Access {
  return {
    at,
    party,
    device: id('d'),
    person: null,
    purpose: 'event-security',
    justification: party === reader ? 'case 7' : null,
    route: 'GET /rooms/:room/parts',
    list,
  };
}

test('the readers of a record, a row for each access', async (t) => {
  const { accesses } = await openHere(t);
  await accesses.recordAccess(access(30, reader, [{ index: 5, parts: [2, 1] }]));
  await accesses.recordAccess(
    access(
      10,
      reader,
      [4, 5].map((index) => ({ index, parts: [0] })),
    ),
  );
  await accesses.recordAccess(access(20, author, [{ index: 5, parts: [] }]));
  const purpose = 'event-security';
  assert.deepEqual(await accesses.readersOf(5), [
    { at: 10, party: reader, purpose, parts: [0] },
    { at: 20, party: author, purpose, parts: [] },
    { at: 30, party: reader, purpose, parts: [1, 2] },
  ]);
  assert.deepEqual(await accesses.readersOf(6), []);
  assert.deepEqual(await accesses.readersOf(37), []);
});

test('who had which of the parts', async (t) => {
  const { accesses } = await openHere(t);
  await accesses.recordAccess(access(10, other, [{ index: 5, parts: [0, 1, 2] }]));
  await accesses.recordAccess(access(20, reader, [{ index: 5, parts: [2] }]));
  await accesses.recordAccess(access(30, reader, [{ index: 5, parts: [4] }]));
  await accesses.recordAccess(access(40, author, [{ index: 5, parts: [] }]));
  assert.deepEqual(await accesses.recipients(5, null), [
    { party: reader, parts: [2, 4] },
    { party: other, parts: [0, 1, 2] },
  ]);
  assert.deepEqual(await accesses.recipients(5, [2]), [
    { party: reader, parts: [2] },
    { party: other, parts: [2] },
  ]);
  assert.deepEqual(await accesses.recipients(5, [4, 9]), [{ party: reader, parts: [4] }]);
  assert.deepEqual(await accesses.recipients(5, null, 30), [{ party: reader, parts: [4] }]);
  assert.deepEqual(await accesses.recipients(6, null), []);
});

test('a party pages through its own accesses, newest first', async (t) => {
  const { accesses } = await openHere(t);
  for (let at = 1; at <= 5; at++)
    await accesses.recordAccess(access(at, reader, [{ index: at, parts: [at] }]));
  await accesses.recordAccess(access(6, other, []));
  const first = await accesses.ofParty(reader, null, 2);
  assert.deepEqual(
    first.accesses,
    [5, 4].map((at) => access(at, reader, [{ index: at, parts: [at] }])),
  );
  const second = await accesses.ofParty(reader, first.next, 2);
  const third = await accesses.ofParty(reader, second.next, 2);
  assert.deepEqual(
    [...second.accesses, ...third.accesses].map(({ at }) => at),
    [3, 2, 1],
  );
  assert.equal(third.next, null);
  assert.equal((await accesses.ofParty(reader, null, 5)).next, null);
});

test('more accesses to a record than a page are all found', async (t) => {
  const { accesses } = await openHere(t);
  await Promise.all(
    Array.from({ length: 1_001 }, (_, n) =>
      accesses.recordAccess(access(n, reader, [{ index: 1, parts: [n % 256] }])),
    ),
  );
  assert.equal((await accesses.readersOf(1)).length, 1_001);
  assert.equal((await accesses.recipients(1, null))[0]?.parts.length, 256);
  const found = await Array.fromAsync(accesses.between(1, 1_000));
  assert.deepEqual(
    found.map(({ at }) => at),
    Array.from({ length: 999 }, (_, n) => n + 1),
  );
});

test('an access with more records than one insert takes', async (t) => {
  const { accesses } = await openHere(t);
  const list = Array.from({ length: 2_500 }, (_, index) => ({ index: index * 3, parts: [index % 256] }));
  await accesses.recordAccess(access(1, reader, list));
  assert.equal((await accesses.readersOf(2_499 * 3)).length, 1);
  assert.deepEqual((await accesses.ofParty(reader, null, 1)).accesses[0]?.list, list);
});

test('a record is found wherever it stands, its neighbours are not', async (t) => {
  const { accesses } = await openHere(t);
  const indexes = [0, 31, 32, 62, 63, 64, 2 ** 33 + 31, Number.MAX_SAFE_INTEGER];
  await accesses.recordAccess(
    access(
      1,
      reader,
      indexes.map((index) => ({ index, parts: [] })),
    ),
  );
  for (const index of indexes) assert.equal((await accesses.readersOf(index)).length, 1, `${index}`);
  for (const index of [1, 30, 33, 61, 65, 2 ** 33])
    assert.equal((await accesses.readersOf(index)).length, 0, `${index}`);
});

test('two at once are both there when the file is opened again', async (t) => {
  const path = join(folder(t), 'journals.sqlite');
  const writing = await openAt(path);
  t.after(() => writing.close());
  await Promise.all([
    writing.accesses.recordAccess(access(1, reader, [{ index: 1, parts: [0] }])),
    writing.accesses.recordAccess(access(2, other, [{ index: 1, parts: [1] }])),
  ]);
  // Not closed: what was acknowledged is in the file, whatever becomes of who wrote it.
  const reading = await openAt(path);
  t.after(() => reading.close());
  assert.equal((await reading.accesses.readersOf(1)).length, 2);
});

test('what was acknowledged survives a process that is killed', async (t) => {
  const path = join(folder(t), 'journals.sqlite');
  const program = `
    import { openAt, id } from './fixture.ts';
    const { accesses } = await openAt(${JSON.stringify(path)});
    const list = [{ index: 3, parts: [1] }];
    const access = { party: id('b'), device: id('d'), purpose: 'x-p', justification: null, route: '', list };
    await Promise.all([1, 2, 3].map((at) => accesses.recordAccess({ ...access, at })));
    process.kill(process.pid, 'SIGKILL');
  `;
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: import.meta.dirname,
  });
  assert.equal(child.signal, 'SIGKILL', String(child.stderr));
  const { accesses, close } = await openAt(path);
  t.after(close);
  assert.equal((await accesses.readersOf(3)).length, 3);
});
