/** Who hears of each kind: a row for each, as the table of `spec/release.md` ("Whom governance concerns") says it. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { KindName } from '@parley/core/kinds.ts';
import { rebuild } from '../../folds.ts';
import { type EveryKind, everyKind } from '../../testing/every-kind.ts';
import { storeOf } from '../../testing/history-sample.ts';

/**
 * Where the first statement of its kind stands in the history, in the end. The host owns the room; Anna shares; Bert and
 * Carl accepted terms that hide the roster; Olga observes, Sue supervises; Dora was invited, Eve never came.
 * `+`: those, too, who come later.
 */
const first: Readonly<Record<KindName, string>> = {
  'centre.open/1': 'public',
  'centre.accredit/1': 'public',
  'centre.succeed/1': 'public',
  'access.digest/1': 'all',
  'party.invite/1': 'centre',
  'party.withdraw/1': 'host',
  'party.found/1': 'centre host',
  'party.recovery/1': 'carl dora eve',
  'party.recover/1': 'anna carl eve host',
  'party.readmit/1': 'anna carl eve host',
  'party.object/1': 'anna carl eve host',
  'device.enrol/1': 'anna',
  'device.revoke/1': 'anna',
  // With the terms, whoever was invited, and to whom something was passed on.
  'room.open/1': 'anna bert carl dora eve observers+ olga sue',
  'room.terms/1': 'anna carl eve observers+ sue',
  'room.invite/1': 'bert host',
  'room.withdraw/1': 'dora host',
  'room.accept/1': 'bert host',
  'room.decline/1': 'dora host',
  'room.leave/1': 'anna host room+',
  'room.remove/1': 'bert host',
  'room.suspend/1': 'bert host',
  'room.restore/1': 'bert host',
  'undertaking.state/1': 'anna bert host room+',
  'undertaking.suspend/1': 'anna bert host room+',
  'undertaking.resume/1': 'anna bert host room+',
  // Taken back whole: its author has the header, and who was told that it had it.
  'share/1': 'author:anna bert carl',
  'recall/1': 'anna bert',
  // Its author is the centre.
  'expiry/1': 'anna bert centre',
  'ask/1': 'anna bert',
  'grant/1': 'anna bert eve',
  'deny/1': 'anna bert',
  'ack/1': 'anna bert',
  // Where what is held stood, and where it was passed on to.
  'hold/1': 'author:anna grant:carl grant:eve room+',
  'hold.review/1': 'author:anna room+',
  'hold.end/1': 'author:anna grant:carl grant:eve room+',
  'subject.request/1': 'anna bert',
  'subject.answer/1': 'anna bert',
  'complaint.lodge/1': 'bert carl sue',
  'complaint.answer/1': 'bert carl sue',
  'supervision.open/1': 'anna bert carl sue',
  'notice/1': 'anna bert',
};

/** Of the same kinds, where it is otherwise. */
const others: Readonly<Record<string, string>> = {
  'invited: carla': 'carl host',
  'founded: carla': 'carl carla host',
  'other guardians': 'anna carl dora eve',
  'by the recovery key': 'anna carl eve host',
  'an observer is invited': 'host olga',
  'a supervisor is invited': 'host sue',
  'an observer accepts': 'host olga room',
  'a supervisor accepts': 'host observers sue',
  'accepted with the roster': 'anna host room+',
  'an observer is removed': 'host olga room',
  'a supervisor leaves': 'host observers sue',
  'granted unasked': 'anna carl',
  'recalled from one': 'anna carl',
  'told of the narrowing': 'anna carl',
  'complained in general': 'bert carl sue',
  'opened in general': 'anna bert sue',
  'for observers': 'author:bert observers',
  'for anybody': 'author:anna public+',
  stays: 'author:anna case:sue grant:eve room+',
};

describe('who hears of', () => {
  let history: EveryKind;
  let opened: Awaited<ReturnType<typeof storeOf>>;
  before(async () => {
    history = await everyKind();
    opened = await storeOf(history.records, history.parts);
    await rebuild(opened.store);
  });
  after(() => opened.end());

  /** Audiences of all headings, parties by their names. */
  async function heard(called: string): Promise<string> {
    const index = history.named.get(called)?.index ?? -1;
    const [rows, parties] = await opened.store.snapshot(async ({ db }) => [
      await db
        .selectFrom('heading')
        .innerJoin('stream', 'stream.no', 'heading.stream')
        .select(['audience', 'past'])
        .where('idx', '=', index)
        .execute(),
      await db.selectFrom('party').select(['no', 'name']).execute(),
    ]);
    const names = new Map(parties.map(({ no, name }) => [String(no), name.toLowerCase()]));
    const words = rows.map(({ audience, past }) => {
      const [of = '', no = ''] = audience.split(':');
      const who = no === '' ? of : `${of === 'party' ? '' : `${of}:`}${names.get(no)}`;
      return `${who}${past ? '+' : ''}`;
    });
    return words.sort().join(' ');
  }

  for (const [called, whom] of Object.entries({ ...first, ...others }))
    it(`${called}: ${whom}`, async () => assert.equal(await heard(called), whom));
});
