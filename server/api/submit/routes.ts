/** The front door on HTTP. No session is needed: the signature speaks. */
import { Readable } from 'node:stream';
import { equal } from '@parley/core/bytes.ts';
import { type Code, Refusal } from '@parley/core/errors.ts';
import { receiptSchema } from '@parley/core/receipt.ts';
import { refOf } from '@parley/core/statement.ts';
import { releaseReceipt } from '../../release/receipts.ts';
import type { ApiContext, Submission } from '../context.ts';
import { addressOf, type PartyLimit } from '../limits.ts';
import { answerReceipt, placeOf } from '../receipts.ts';
import { type Answer, type Asked, described, type Route, route } from '../route.ts';
import { linesType, prefix } from '../shapes.ts';
import { readSubmission } from './body.ts';
import { type Holding, Intake } from './intake.ts';
import { objectsRoute } from './taking.ts';

export function submitRoutes(context: ApiContext, limit: PartyLimit): Route[] {
  const intake = new Intake();
  return [
    objectsRoute(context, intake),
    route({
      method: 'POST',
      path: `${prefix}/statements`,
      viewer: 'anyone',
      about: 'Says something: the envelope, then a line for each part',
      streamed: linesType,
      answers: {
        200: described('The first receipt of what was said before', receiptSchema),
        201: described('The receipt', receiptSchema),
      },
      async handle(asked) {
        const holding = intake.hold(addressOf(asked.request));
        try {
          return await say(asked, context, limit, holding);
        } catch (error) {
          if (error instanceof Refusal) context.metrics.refused(error.code);
          throw error;
        } finally {
          holding.end();
        }
      },
    }),
  ];
}

async function say(
  asked: Asked,
  { submit, metrics }: ApiContext,
  limit: PartyLimit,
  holding: Holding,
): Promise<Answer> {
  const { body, headers } = asked.request;
  if (!(body instanceof Readable)) throw new Refusal('body.malformed', { detail: `expected ${linesType}` });
  // Nothing is unpacked here: a few bytes could become many.
  if ((headers['content-encoding'] ?? 'identity') !== 'identity')
    throw new Refusal('body.malformed', { at: 'content-encoding', detail: 'expected the bytes as they are' });
  const submission = await readSubmission(body, holding);
  const before = await firstReceipt(submission, asked);
  if (before) return before;
  try {
    const admitted = await counted(submission, asked, limit, (known) => submit(submission, known));
    metrics.admitted(submission.statement.header.kind);
    return answerReceipt(admitted.matter, admitted, 201);
  } catch (error) {
    // The same bytes may have come twice at once: then the other one was first.
    const known = error instanceof Refusal && error.code === 'statement.id-known';
    const first = known ? await firstReceipt(submission, asked) : null;
    if (!first) throw error;
    return first;
  }
}

/**
 * Who speaks without a session is counted by its signature, and by what was new: whoever has another's signed bytes
 * can send them again, and must not use up the share of who signed them.
 */
async function counted<T>(
  { statement: { header } }: Submission,
  { request, session }: Asked,
  limit: PartyLimit,
  work: (known: () => Promise<void>) => Promise<T>,
): Promise<T> {
  const { party, device } = header;
  if (session?.device === device) return work(async () => {});
  const asker = { party, device, connector: false };
  let known = false;
  const count = async () => (known ? limit.count(request, asker) : undefined);
  try {
    const done = await work(async () => {
      await limit.check(request, asker);
      known = true;
    });
    await count();
    return done;
  } catch (error) {
    if (error instanceof Refusal && !uncounted.has(error.code)) await count();
    throw error;
  }
}

/** What is said of old bytes, and of a key that anybody can make. */
const uncounted: ReadonlySet<Code> = new Set<Code>([
  'invitation.unknown',
  'statement.id-known',
  'clock.skew',
  'device.revoked',
  'device.ended',
]);

/**
 * For a session of the same party that sends the same signed bytes again. It comes before admission, where the time
 * in the header may meanwhile be too old. Null: not said yet, or not for who asks.
 * @throws statement.id-known when the id belongs to other bytes
 */
async function firstReceipt({ statement }: Submission, { session, see }: Asked): Promise<Answer | null> {
  const { header, envelope } = statement;
  if (session?.party !== header.party) return null;
  return see(async (viewer, { sources, log }) => {
    const matter = await releaseReceipt(viewer, refOf(header), sources).catch(absentIsNull);
    if (!matter) return null;
    const said = matter.value.record.envelope;
    if (!equal(said.payload, envelope.payload) || !equal(said.signature, envelope.signature))
      throw new Refusal('statement.id-known', { at: '/id' });
    return answerReceipt(matter, await placeOf(matter, log));
  });
}

function absentIsNull(error: unknown): null {
  if (error instanceof Refusal && error.code === 'absent') return null;
  throw error;
}
