/** Tasks and recalls as JSON. */
import { instantText, textOf } from '@parley/core/fields.ts';
import { answers } from '@parley/core/kinds.ts';
import { z } from 'zod';
import type { RecallView, Task } from '../../release/dues.ts';
import type { Released } from '../../release/released.ts';
import { partyId, statementRef, time, uuid } from '../shapes.ts';

export const tasksShape = z.strictObject({
  tasks: z.array(
    z.strictObject({
      what: z.enum([
        ...[
          'invitation',
          'terms',
          'ask',
          'notice',
          'classification',
          'hold',
          'subject',
          'readmission',
          'complaint',
        ],
      ] as const),
      room: uuid.nullable(),
      since: time,
      statement: statementRef,
      party: partyId,
      detail: z.string(),
      due: time.optional(),
    }),
  ),
});

const recipient = z.strictObject({
  party: partyId,
  notice: statementRef,
  answer: z.enum(answers).nullable(),
  basis: z.string().nullable(),
  until: instantText.nullable(),
  at: time.nullable(),
});

export const recallsShape = z.strictObject({
  recalls: z.array(
    z.strictObject({
      statement: statementRef,
      target: statementRef,
      cause: z.enum(['recall', 'expiry', 'correction']),
      at: time,
      from: z.array(partyId).nullable().describe('Taken back from these only; null: from all'),
      erased: time.nullable(),
      held: z.array(z.int()).describe('Parts that a hold keeps from erasure'),
      recipients: z.array(recipient),
    }),
  ),
});

export function presentTasks({ value }: Released<{ tasks: readonly Task[] }>): z.infer<typeof tasksShape> {
  return {
    tasks: value.tasks.map(({ due, ...task }) => ({
      ...task,
      since: textOf(task.since),
      ...(due === undefined ? {} : { due: textOf(due) }),
    })),
  };
}

export function presentRecalls({
  value,
}: Released<{ recalls: readonly RecallView[] }>): z.infer<typeof recallsShape> {
  return {
    recalls: value.recalls.map(({ at, from, erased, held, recipients, ...recall }) => ({
      ...recall,
      from: from && [...from],
      held: [...held],
      at: textOf(at),
      erased: orNull(erased),
      recipients: recipients.map((one) => ({ ...one, at: orNull(one.at) })),
    })),
  };
}

function orNull(instant: number | null): string | null {
  return instant === null ? null : textOf(instant);
}
