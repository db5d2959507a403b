/** A room of three, an outsider, and what each finds on all routes: for the classes of holes that peers had. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import type { StatementRef } from '@parley/core/fields.ts';
import { refOf } from '@parley/core/statement.ts';
import type { Actor, Said } from '../../server/testing/actor.ts';
import { type Served, serve } from '../../server/testing/served.ts';
import { World } from '../../server/testing/world.ts';
import { sessionOf } from './callers.ts';
import { type Answer, compared, walk } from './walk.ts';

export interface Peers extends Served {
  readonly anna: Actor;
  readonly bert: Actor;
  readonly carl: Actor;
  /** Never invited. */
  readonly eve: Actor;
  /** Opened by Anna; Bert and Carl are members. */
  readonly room: string;
  /** Every answer that this viewer gets. */
  answers(actor: Actor, justification?: string | null): Promise<readonly Answer[]>;
  /** The routes on which something is found. */
  found(actor: Actor, text: RegExp, justification?: string | null): Promise<string[]>;
  /** Of all routes but those that tell the time or one's own reading. */
  whole(actor: Actor): Promise<string[]>;
  /** It is refused by one of these, and leaves nothing behind. */
  refused(codes: string | readonly string[], saying: () => Promise<Said>): Promise<void>;
  /** A path as it is written here, which no client tidies up. */
  bare(
    method: string,
    path: string,
    headers?: object,
    body?: string,
  ): Promise<{ status: number; text: string }>;
}

export async function gatherPeers(): Promise<Peers> {
  const served = await serve(await World.begin(), { rates: { perAddress: 1_000_000, perParty: 1_000_000 } });
  const { world, url, table } = served;
  const [anna, bert, carl, eve] = [
    await world.party('Anna'),
    await world.party('Bert'),
    await world.party('Carl'),
    await world.party('Eve'),
  ];
  const room = await anna.openRoom();
  for (const member of [bert, carl]) {
    await anna.invite(room, member);
    await member.accept(room);
  }
  const allRefs = () =>
    world.centre.read(async (_, { log }): Promise<StatementRef[]> => {
      const records = await log.range(0, (await log.head())?.size ?? 0);
      return records.map(({ header }) => refOf(header));
    });
  const walked = async (actor: Actor, justification: string | null = null) => {
    const token = await sessionOf(actor, justification);
    return walk({ url, table, token }, { rooms: [room], refs: await allRefs(), cursors: [] });
  };
  const answers: Peers['answers'] = async (...who) => (await walked(...who)).answers;
  return {
    ...served,
    ...{ anna, bert, carl, eve, room, answers },
    async found(actor, text, justification) {
      const all = await answers(actor, justification);
      return all.filter(({ body, headers }) => text.test(body + headers)).map(({ ask }) => ask);
    },
    async whole(actor) {
      const all = await walked(actor);
      return compared(all).filter(
        (text) => !/^\/(?:api\/v1\/(?:accesses|centre|events|sessions)|openapi)/.test(text),
      );
    },
    async refused(codes, saying) {
      const size = world.centre.head()?.size;
      await assert.rejects(saying, ({ code }: { code: string }) => [codes].flat().includes(code));
      assert.equal(world.centre.head()?.size, size);
    },
    bare: (method, path, headers = {}, body = undefined) =>
      new Promise((resolve, reject) => {
        const { hostname, port } = new URL(url);
        const call = request({ hostname, port, method, path, headers: { ...headers } }, (answer) => {
          let text = '';
          answer.setEncoding('utf8').on('data', (piece) => (text += piece));
          answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text })).on('error', reject);
        });
        call.on('error', reject).end(body);
      }),
  };
}

export async function dismiss({ world, end }: Peers): Promise<void> {
  assert.deepEqual(world.doubts, []);
  assert.equal(world.centre.disagreements(), 0);
  await end();
}
