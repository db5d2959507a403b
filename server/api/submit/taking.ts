/** Objects from a client that cannot sign: the centre signs them with the key of its connector. */
import { Readable } from 'node:stream';
import { allCodes, Refusal } from '@parley/core/errors.ts';
import { refOf } from '@parley/core/statement.ts';
import { objectsIn } from '@parley/core/stix-input.ts';
import { z } from 'zod';
import { type ConnectorFacts, handlingIn } from '../../release/connectors.ts';
import type { ApiContext } from '../context.ts';
import { addressOf } from '../limits.ts';
import { connectorRuleOf } from '../noting.ts';
import { type Answer, type Asked, described, json, type Route, route } from '../route.ts';
import { linesType, prefix, room, statementRef } from '../shapes.ts';
import { chunksOf, discard, tooLarge } from './body.ts';
import type { Intake } from './intake.ts';
import { Intaking, type Outcome } from './objects.ts';

/** Bytes of one request. */
const bodyLimit = 16 * 1024 * 1024;
/** Bytes that are gathered before they are looked at: who sends may cut what it sends into single ones. */
const gathered = 64 * 1024;
/** Bytes that one request holds at most: a share, and the value that is being read. */
const held = 4 * 1024 * 1024;

const path = `${prefix}/rooms/:room/objects`;
const outcomeShape = z.strictObject({
  n: z.int().describe('Number of the object in what was sent'),
  id: z.string().nullable(),
  outcome: z.enum(['taken', 'known', 'refused']),
  statement: statementRef.optional(),
  part: z.int().optional(),
  code: z.enum(allCodes).optional(),
  at: z.string().optional(),
  detail: z.string().optional(),
});
const stopShape = z.strictObject({
  code: z.enum(allCodes),
  at: z.string().optional(),
  detail: z.string().optional(),
});
export const takenShape = z.strictObject({
  objects: z.array(outcomeShape),
  stopped: stopShape.nullable().describe('Why nothing behind the last of them was read'),
});

export function objectsRoute(context: ApiContext, intake: Intake): Route {
  return route({
    method: 'POST',
    path,
    viewer: 'party',
    connectors: true,
    about: 'STIX objects from a client that cannot sign; of each, what became of it',
    params: room,
    streams: ['application/stix+json', 'application/json', linesType],
    answers: { 200: described('The outcomes', takenShape) },
    async handle(asked) {
      const connector = asked.session?.connector;
      if (!connector) throw new Refusal('connector.only');
      const length = Number(asked.request.headers['content-length'] ?? held);
      const holding = intake.hold(addressOf(asked.request));
      try {
        holding.take(Math.min(Number.isFinite(length) ? length : held, held));
        return await take(asked, connector, context);
      } finally {
        holding.end();
      }
    },
  });
}

type Into = Asked<z.infer<typeof room>>;

async function take(asked: Into, connector: ConnectorFacts, context: ApiContext): Promise<Answer> {
  const { body, headers } = asked.request;
  if (!(body instanceof Readable)) throw new Refusal('body.malformed', { detail: 'expected STIX objects' });
  if ((headers['content-encoding'] ?? 'identity') !== 'identity')
    throw new Refusal('body.malformed', { at: 'content-encoding', detail: 'expected the bytes as they are' });
  const intaking = await begin(asked, connector, context);
  const stopped = await readAll(body, intaking);
  const { outcomes } = intaking;
  note(outcomes, connector, context);
  if (stopped && outcomes.every(({ outcome }) => outcome === 'refused')) throw stopped;
  if (outcomes.length === 0) throw new Refusal('parts.count', { detail: 'it holds no objects' });
  return json({ objects: outcomes, stopped: stopped && aboutOf(stopped) });
}

async function begin({ params, session }: Into, connector: ConnectorFacts, context: ApiContext) {
  const holder = { party: session?.party ?? '', device: connector.device.id };
  const { room } = params;
  const handling = await context.read(({ sources }) => handlingIn(room, holder.party, connector, sources));
  return new Intaking(async (parts) => {
    const { matter } = await context.shareAs(holder, { room, handling, parts });
    context.metrics.admitted('share/1');
    return refOf(matter.value.record.header);
  }, handling);
}

/** @returns what ended it early; null: all of it was read */
async function readAll(body: Readable, intaking: Intaking): Promise<Refusal | null> {
  try {
    for await (const object of objectsIn(piecesOf(body))) await intaking.take(object);
    await intaking.flush();
    return null;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    await discard(chunksOf(body));
    // What was sent well before the fault is said, like what was said before it.
    await intaking.flush().catch(onlyRefusals);
    return error;
  }
}

function onlyRefusals(error: unknown): void {
  if (!(error instanceof Refusal)) throw error;
}

/** Larger pieces, and no more of them than are taken. */
async function* piecesOf(body: Readable): AsyncGenerator<Uint8Array, void> {
  let pieces: Buffer[] = [];
  let [size, all] = [0, 0];
  try {
    for await (const chunk of chunksOf(body)) {
      all += chunk.length;
      if (all > bodyLimit) throw tooLarge(bodyLimit);
      pieces.push(chunk);
      size += chunk.length;
      if (size < gathered && pieces.length < gathered / 16) continue;
      yield Buffer.concat(pieces);
      pieces = [];
      size = 0;
    }
  } catch (cause) {
    if (cause instanceof Refusal) throw cause;
    throw new Refusal('body.malformed', { detail: 'the body broke off', cause });
  }
  if (size > 0) yield Buffer.concat(pieces);
}

/** The request as a whole is no refusal, so its owner learns of those within it from here. */
function note(
  outcomes: readonly Outcome[],
  { device }: ConnectorFacts,
  { journals, metrics, now }: ApiContext,
) {
  for (const { n, code, at = '', detail = '' } of outcomes) {
    if (code === undefined) continue;
    metrics.refused(code);
    const place = `/objects/${n}${at}`;
    const rule = connectorRuleOf(code, false);
    journals.refusals.note({
      device: device.id,
      at: now(),
      route: `POST ${path}`,
      code,
      rule,
      place,
      detail,
    });
  }
}

function aboutOf({ code, at, detail }: Refusal): z.infer<typeof stopShape> {
  return { code, ...(at ? { at } : {}), ...(detail ? { detail } : {}) };
}
