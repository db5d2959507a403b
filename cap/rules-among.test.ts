import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Alert, type AlertInput, alert as alertShape, referenceTo } from './message.ts';
import { checkAmong } from './rules.ts';
import { inEnglish, sample } from './testing/sample.ts';

/** Sent at an hour of that day, and in force until two days later unless said otherwise. */
function message(
  identifier: string,
  hour: number,
  changes: Partial<AlertInput> = {},
  expires = '2026-05-03T14:00:00+02:00',
): Alert {
  const sent = `2026-05-01T${String(hour).padStart(2, '0')}:00:00+02:00`;
  return alertShape.parse(
    sample({ identifier, sent, info: [{ ...inEnglish, effective: sent, expires }], ...changes }),
  );
}

const reply = (msgType: 'Update' | 'Cancel', identifier: string, hour: number, ...to: Alert[]) =>
  message(identifier, hour, { msgType, references: to.map(referenceTo) });
const rules = (alert: Alert, others: Alert[]) =>
  checkAmong(alert, others).map(({ rule, level }) => [rule, level]);

const first = message('first', 8);
const second = reply('Update', 'second', 9, first);

describe('a message beside those that are known', () => {
  it('refers to every one of its chain that has not expired', () => {
    assert.deepEqual(rules(second, [first]), []);
    assert.deepEqual(rules(reply('Cancel', 'end', 10, first, second), [first, second]), []);
    const partly = checkAmong(reply('Cancel', 'end', 10, second), [first, second]);
    assert.deepEqual(
      partly.map(({ rule, wanted }) => [rule, wanted]),
      [['references.incomplete', `${first.sender},first,${first.sent}`]],
    );
    // Another chain is none of it, and what has expired may be left out.
    assert.deepEqual(rules(second, [first, message('other', 8)]), []);
    const short = message('short', 8, {}, '2026-05-01T08:30:00+02:00');
    const after = reply('Update', 'after', 9, short);
    assert.deepEqual(rules(reply('Update', 'next', 10, after), [short, after]), []);
  });

  it('names the very text of sent', () => {
    const wrong = { ...referenceTo(first), sent: '2026-05-01T06:00:00-00:00' };
    const update = message('second', 9, { msgType: 'Update', references: [wrong] });
    assert.deepEqual(
      checkAmong(update, [first]).map(({ rule, wanted }) => [rule, wanted]),
      [['references.sent', first.sent]],
    );
  });

  it('is not said twice', () => {
    assert.deepEqual(rules(first, [first]), [['identifier.known', 'error']]);
    assert.deepEqual(rules(message('first', 9), [first]), [['identifier.known', 'error']]);
    assert.deepEqual(rules(message('first', 9, { sender: 'other@x.example' }), [first]), []);
  });

  it('is not referred to by what it refers to, over however many', () => {
    const target = message('target', 12);
    const a = reply('Update', 'a', 9, target);
    const b = reply('Update', 'b', 10, a);
    const closing = alertShape.parse({ ...target, msgType: 'Update', references: [referenceTo(b)] });
    assert.ok(rules(closing, [a, b]).some(([rule]) => rule === 'references.circular'));
    assert.ok(!rules(closing, [b]).some(([rule]) => rule === 'references.circular'));
  });

  it('may come too late, and is told so', () => {
    const over = message('over', 8, {}, '2026-05-01T09:00:00+02:00');
    assert.deepEqual(rules(reply('Cancel', 'end', 10, over), [over]), [['references.expired', 'warning']]);
    assert.deepEqual(rules(reply('Cancel', 'end', 8, over), [over]), []);
  });

  it('may refer to what is not known here', () => {
    assert.deepEqual(rules(second, []), [['references.unknown', 'warning']]);
  });
});
