/** The words of what is said about something that was shared. */
import type { StatementRef } from '@parley/core/fields.ts';
import { shortRef, time } from './format.ts';
import { type AllWords, type Row, type Telling, textIn, unlessAbsent } from './telling.ts';

const causes = {
  recall: 'was taken back',
  expiry: 'has ended',
  correction: 'was corrected by a newer version',
} as const;

const until = (end: string | null): Row => ['until', end === null ? 'it is ended' : time(end)];

interface Passing {
  readonly target: StatementRef;
  readonly parts: readonly number[] | null;
  readonly to: string;
  readonly purposes: readonly string[];
}
const passing = async (
  what: string,
  { target, parts, to, purposes }: Passing,
  { of, name }: Telling,
): Promise<readonly Row[]> => [
  [what, await of(target, parts)],
  ['for', await name(to)],
  ['purposes', purposes.join(', ')],
];

export const contentWords = {
  'share/1': null,
  'recall/1': async ({ target, parts, from }, { of, names }) => [
    ['takes back', await of(target, parts)],
    ['only from', from ? await names(from) : null],
  ],
  'ask/1': (body, telling) => passing('asks for', body, telling),
  'grant/1': async (body, telling) => [
    ...(await passing('passes on', body, telling)),
    ['answers', body.ask && `the request ${shortRef(body.ask)}`],
  ],
  'deny/1': ({ ask }) => [['denies', `what ${shortRef(ask)} asked for`]],
  'notice/1': async ({ cause, target, parts, by, to }, { desk, name, of }) => [
    ['tells', await name(to)],
    ['that', `${await of(target, parts)}, ${causes[cause]}`],
    ['by', `${shortRef(by)} of ${await name(by.party)}`],
    ['reason', cause === 'recall' ? await reasonOf(desk, by) : null],
  ],
  'ack/1': ({ notice, answer, basis, until: end }) => [
    ['answers', `the notice ${shortRef(notice)}: ${answer}`],
    ['basis', basis],
    ['until', end === null ? null : time(end)],
  ],
  'expiry/1': async ({ target, due }, { of }) => [
    ['ends', await of(target, null)],
    ['due', time(due)],
  ],
  'hold/1': async ({ target, parts, basis, review, until: end }, { of }) => [
    ['holds', await of(target, parts)],
    ['basis', basis],
    ['review', time(review)],
    until(end),
  ],
  'hold.review/1': ({ hold, review, until: end }) => [
    ['prolongs', `the hold ${shortRef(hold)}`],
    ['review', time(review)],
    until(end),
  ],
  'hold.end/1': ({ hold }) => [['ends', `the hold ${shortRef(hold)}`]],
  'subject.request/1': async ({ target, parts, request, due }, { of }) => [
    ['asks for', `${request} of ${await of(target, parts)}`],
    ['due', time(due)],
  ],
  'subject.answer/1': ({ request, answer, basis }) => [
    ['answers', `the request ${shortRef(request)}: ${answer}`],
    ['basis', basis],
  ],
} satisfies Partial<AllWords>;

async function reasonOf({ session }: Telling['desk'], ref: StatementRef): Promise<string | null> {
  const said = await session.statement(ref).catch(unlessAbsent);
  return textIn(said?.parts[0]?.object, 'reason');
}
