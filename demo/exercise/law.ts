/** What the law asks for: something kept from erasure, and what a person asks of those who hold data on her. */
import type { StatementRef } from '@parley/core/fields.ts';
import type { Players } from './festival.ts';
import { places, report } from './objects.ts';
import { refFrom } from './player.ts';
import { inHours, toRoom } from './rooms.ts';

export interface Law {
  readonly recording: StatementRef;
  readonly request: StatementRef;
}

export async function playLaw(players: Players, room: string, stewards: StatementRef): Promise<Law> {
  return {
    recording: await holdAndTakeBack(players, room),
    request: await ask(players, { ...stewards, room }),
  };
}

/** A court wants it kept; the room is not to see it any more. Hidden at once, erased when the hold ends. */
async function holdAndTakeBack({ ostrey }: Players, room: string): Promise<StatementRef> {
  const recording = await ostrey.share(
    room,
    [
      report(
        'Camera at the fuel berth',
        'At 22:24 a boat cast off without lights. Recording from 22:10 to 22:40 is kept.',
        [places.eastQuay],
      ),
    ],
    toRoom,
  );
  await ostrey.session.hold(
    { ...recording, room },
    {
      basis: 'court-order',
      review: inHours(24 * 90),
      because: { reason: 'Order of the district court to keep the recording.', cases: ['KP-118/26'] },
    },
  );
  await ostrey.session.recall(
    { ...recording, room },
    null,
    'People who only walk by can be recognised in it.',
  );
  return recording;
}

/** A steward asks the city, which asks whoever said it: once answered, once still open. */
async function ask(
  { city, ostrey }: Players,
  stewards: StatementRef & { readonly room: string },
): Promise<StatementRef> {
  const about = { parts: [0], due: inHours(24 * 30) };
  const access = await city.session.requestSubject(stewards, {
    ...{ ...about, request: 'access' },
    because: { reason: 'Ina Vell asks what is held on her.' },
  });
  await ostrey.session.answerSubject(
    { ...refFrom(access), room: stewards.room },
    { answer: 'done', because: { reason: 'Told her by letter on the same day.' } },
  );
  const rectification = await city.session.requestSubject(stewards, {
    ...{ ...about, request: 'rectification' },
    because: { reason: 'Ina Vell says that she stood at gate 6, not at gate 2.' },
  });
  return refFrom(rectification);
}
