/** The front door on HTTP. No session is needed: the signature speaks. */
import { Readable } from 'node:stream';
import { equal } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { receiptSchema } from '@parley/core/receipt.ts';
import { refOf } from '@parley/core/statement.ts';
import { releaseReceipt } from '../../release/receipts.ts';
import type { ApiContext, Counting, Submission } from '../context.ts';
import { addressOf, askerOf, isUrgent, type PartyLimit } from '../limits.ts';
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
      spared: true,
      counts: true,
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
  const { counting, countSession, countAgain } = countingOf(submission, asked, limit);
  await countSession();
  const before = await firstReceipt(submission, asked);
  if (before) {
    await countAgain();
    return before;
  }
  try {
    const admitted = await submit(submission, counting);
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
 * Who speaks without a session of the device is counted by its signature. What is urgent is counted by it in any case,
 * apart from all that a session asks: a thief that has used up what its party may ask does not keep it from this.
 */
function countingOf({ statement: { header } }: Submission, { request, session }: Asked, limit: PartyLimit) {
  const { party, device } = header;
  const urgent = isUrgent(header.kind);
  const own = session?.device === device;
  const asker = { party, device, connector: false, urgent };
  const counting: Counting = {
    check: () => limit.check(request, asker),
    count: () => limit.count(request, asker),
  };
  const apart = own && urgent;
  return {
    ...(own && !urgent ? {} : { counting }),
    /** @throws rate.limited */
    countSession: async () => (session && !apart ? limit.take(request, askerOf(session)) : undefined),
    /** What was said before is read, with the session. @throws rate.limited */
    countAgain: async () => (apart ? limit.take(request, asker) : undefined),
  };
}

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
