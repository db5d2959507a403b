/** What is hidden from a party, and what is not there: an oracle would tell them apart. */
import assert from 'node:assert/strict';
import type { StatementRef } from '@parley/core/fields.ts';
import { makePart } from '@parley/core/parts.ts';
import { releaseTasks } from '../../release/dues.ts';
import { handling, indicator, newSigner, random } from '../../testing/actor.ts';
import { code, invitationKey, type Setting } from './setting.ts';

export interface Things {
  readonly room: string;
  readonly target: StatementRef;
  readonly ask: StatementRef;
  readonly notice: StatementRef;
  /** A hold on the target, and a request of a person about it. */
  readonly hold: StatementRef;
  readonly subject: StatementRef;
  /** A complaint about one of them. */
  readonly complaint: StatementRef;
  readonly party: string;
  readonly device: string;
  /** Keys of invitations to the centre. */
  readonly invitation: string;
}

export async function hiddenFromEve(s: Setting): Promise<Things> {
  const room = await s.world.room([s.anna, s.bert]);
  const target = (await s.anna.share(room, [indicator('a'), indicator('b')])).ref;
  const request = { target, parts: null, to: s.carl.party, purposes: handling.purposes };
  const ask = (await s.bert.say('ask/1', request, { room })).ref;
  const held = { target, parts: null, basis: 'court-order', review: s.at(3600), until: null };
  const hold = (await s.anna.say('hold/1', held, { room })).ref;
  const person = { target, parts: null, request: 'access', due: s.at(3600) };
  const parts = [makePart({ reason: 'a person asks' }, random)];
  const subject = (await s.bert.say('subject.request/1', person, { room, parts })).ref;
  const about = { about: s.bert.party, statement: target };
  const complaint = (await s.anna.say('complaint.lodge/1', about, { room, parts })).ref;
  const gone = (await s.anna.share(room, [indicator('gone')])).ref;
  await s.bert.read(room);
  await s.anna.recall(room, gone);
  await s.world.centre.round();
  const { value } = await s.world.centre.read((sources) => releaseTasks(s.bert.viewer(), sources));
  const notice = value.tasks.find(({ what }) => what === 'notice')?.statement;
  assert.ok(notice);
  const invitation = code();
  await s.host.say('party.invite/1', { key: invitationKey(invitation).key, until: s.at(3600) });
  return {
    room,
    target,
    ask,
    notice,
    hold,
    subject,
    complaint,
    party: s.carl.party,
    device: s.bert.signer.device,
    invitation: invitationKey(invitation).key,
  };
}

/** The same without anything behind it. */
export function notThere({ target, ask, notice, hold, subject, complaint }: Things): Things {
  const nowhere = ({ party }: StatementRef) => ({ party, id: crypto.randomUUID() });
  return {
    room: crypto.randomUUID(),
    target: nowhere(target),
    ask: nowhere(ask),
    notice: nowhere(notice),
    hold: nowhere(hold),
    subject: nowhere(subject),
    complaint: nowhere(complaint),
    party: newSigner().device,
    device: newSigner().device,
    invitation: invitationKey(code()).key,
  };
}
