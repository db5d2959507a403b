/** What is secret is refused before a byte of it leaves. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Bytes, utf8 } from '@parley/core/bytes.ts';
import type { Handling } from '@parley/core/handling.ts';
import { makePart } from '@parley/core/parts.ts';
import { random } from './signer.ts';
import { handling, object, openScene, refused, type Scene } from './testing/scene.ts';

const restricted: Handling = { ...handling, classification: 'restricted' };

/** Runs the work, and says what was posted meanwhile. */
async function posted({ small }: Scene, work: () => Promise<unknown>): Promise<string[]> {
  const before = small.requests.length;
  await work();
  return small.requests.slice(before).filter((request) => request.startsWith('POST'));
}

test('what is classified above the accreditation is refused, and nothing is sent', async () => {
  const scene = await openScene();
  const { session, room, small } = scene;
  let taken = 0;
  const objects = function* (): Generator<Bytes> {
    taken++;
    yield object(1);
  };
  const body = { handling: restricted };
  const part = makePart({ type: 'indicator', id: `indicator--${crypto.randomUUID()}` }, random);
  assert.deepEqual(
    await posted(scene, async () => {
      await assert.rejects(session.share(room, objects(), restricted), refused('handling.classification'));
      await assert.rejects(
        session.say({ kind: 'share/1', room, body, parts: [part] }),
        refused('handling.classification'),
      );
    }),
    [],
  );
  assert.equal(taken, 0);
  await small.speak('centre.accredit/1', { highest: 'restricted' });
  await session.share(room, [object(1)], restricted);
  const secret: Handling = { ...handling, classification: 'secret' };
  await assert.rejects(session.share(room, [object(2)], secret), refused('handling.classification'));
  // Lowered while the session was open: it is asked anew.
  await small.speak('centre.accredit/1', { highest: 'unclassified' });
  await assert.rejects(session.share(room, [object(3)], restricted), refused('handling.classification'));
  await session.share(room, [object(4)], handling);
});

test('an accreditation is believed only with the statement that says so', async () => {
  const scene = await openScene();
  const { session, centre, room, small } = scene;
  const { statement } = await small.speak('centre.accredit/1', { highest: 'restricted' });
  const { party, id } = statement.header;
  const claim = (accredited: object) => {
    small.alter = (path, answer) =>
      path === 'api/v1/centre'
        ? { ...answer, body: JSON.stringify({ ...JSON.parse(answer.body as string), accredited }) }
        : answer;
  };
  const founded = small.kept[1]?.statement.header;
  for (const accredited of [
    { highest: 'secret', statement: { party, id } },
    { highest: 'secret', statement: { party: founded?.party, id: founded?.id } },
  ]) {
    claim(accredited);
    await assert.rejects(session.share(room, [object(1)], restricted), refused('read.unproven'));
  }
  claim({ highest: 'top-secret', statement: null });
  assert.equal(await centre.accreditation(), 'unclassified');
  await assert.rejects(session.share(room, [object(1)], restricted), refused('handling.classification'));
});

test('a marking that is narrower than the handling is found before anything is sent', async () => {
  const scene = await openScene();
  const { session, room } = scene;
  const id = `marking-definition--${crypto.randomUUID()}`;
  const definition = utf8(
    JSON.stringify({
      type: 'marking-definition',
      id,
      definition_type: 'statement',
      definition: { statement: 'PAP:RED' },
    }),
  );
  const marked = (n: number) =>
    utf8(
      JSON.stringify({
        type: 'indicator',
        id: `indicator--00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
        object_marking_refs: [id],
      }),
    );
  const sent = await posted(scene, () =>
    assert.rejects(session.share(room, [definition, marked(1)], handling), {
      code: 'handling.contradiction',
      at: '/objects/1/object_marking_refs/0',
    }),
  );
  assert.deepEqual(sent, []);
  // Over several statements: the definition was in the first.
  const many = [definition, ...Array.from({ length: 299 }, (_, n) => object(n + 10)), marked(2)];
  await assert.rejects(session.share(room, many, handling), {
    code: 'handling.contradiction',
    at: '/objects/300/object_marking_refs/0',
  });
  await session.share(room, [definition, marked(3)], { ...handling, pap: 'red' });
});
