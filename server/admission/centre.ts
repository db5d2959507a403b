/** What the centre itself says is held to the same rules: it may say only what is so. */
import { Refusal } from '@parley/core/errors.ts';
import { instantOf } from '@parley/core/fields.ts';
import { handlingOf, isA } from '@parley/core/statement.ts';
import { checkPartsLeft, type RuleOf, recordOf } from './said.ts';

export const notice: RuleOf<'notice/1'> = async ({ header, readers }) => {
  const { target: ref, by: byRef, cause, to } = header.body;
  const target = await recordOf(ref, '/body/target', readers);
  const by = await recordOf(byRef, '/body/by', readers);
  if (!(await readers.party(to)) || to === ref.party) throw new Refusal('party.unknown', { at: '/body/to' });
  const count = target.header.parts?.count ?? 0;
  if (header.body.parts.some((n) => n >= count))
    throw new Refusal('target.unknown', { at: '/body/parts', params: { count } });
  if (target.header.room !== header.room) throw new Refusal('header.room', { at: '/room' });
  const refers = isA(by.header, 'recall/1') || isA(by.header, 'expiry/1') ? by.header.body.target : null;
  const told =
    cause === 'correction'
      ? isA(by.header, 'share/1') && by.header.party === ref.party
      : refers?.party === ref.party && refers.id === ref.id;
  if (!told || by.index <= target.index) throw new Refusal('rule.broken', { at: '/body/by' });
};

export const expire: RuleOf<'expiry/1'> = async ({ header, instant, readers }) => {
  const target = await recordOf(header.body.target, '/body/target', readers);
  const until = handlingOf(target.header)?.until ?? null;
  if (until === null || until !== header.body.due || instantOf(until) > instant)
    throw new Refusal('rule.broken', { at: '/body/due' });
  if (target.header.room !== header.room) throw new Refusal('header.room', { at: '/room' });
  await checkPartsLeft(target, null, readers);
};

export const digest: RuleOf<'access.digest/1'> = async ({ header, instant }) => {
  const { from, to } = header.body;
  if (from >= to || instantOf(to) > instant) throw new Refusal('rule.broken', { at: '/body/to' });
};
