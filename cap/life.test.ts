import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chainsAt, inForce, listed } from './life.ts';
import { type Alert, type AlertInput, alert as alertShape, referenceTo } from './message.ts';
import { inEnglish, sample } from './testing/sample.ts';

const at = (hour: number) => Date.parse(`2026-05-01T${String(hour).padStart(2, '0')}:00:00Z`);
const time = (hour: number) => `2026-05-01T${String(hour).padStart(2, '0')}:00:00-00:00`;

interface Window {
  readonly effective?: number;
  readonly expires?: number;
}

function message(
  identifier: string,
  sent: number,
  { effective, expires }: Window = {},
  changes: Partial<AlertInput> = {},
): Alert {
  const info = {
    ...inEnglish,
    effective: effective === undefined ? undefined : time(effective),
    expires: expires === undefined ? undefined : time(expires),
  };
  return alertShape.parse(sample({ identifier, sent: time(sent), info: [info], ...changes }));
}

const reply = (
  msgType: 'Update' | 'Cancel' | 'Ack',
  identifier: string,
  sent: number,
  to: Alert[],
  window: Window = {},
  changes = {},
) => message(identifier, sent, window, { msgType, references: to.map(referenceTo), ...changes });
const names = (alerts: readonly Alert[]) => alerts.map(({ identifier }) => identifier);
const states = (alerts: Alert[], hour: number) =>
  chainsAt(alerts, at(hour)).map(({ state, standings }) => [
    state,
    standings.map((each) => each.state).join(' '),
  ]);

const first = message('first', 8, { expires: 12 });

describe('what holds now', () => {
  it('holds from effective until just before it expires', () => {
    const later = message('later', 8, { effective: 10, expires: 12 });
    assert.deepEqual(
      [7, 8, 9, 10, 11, 12].map((hour) => names(inForce([later], at(hour))).length),
      [0, 0, 0, 1, 1, 0],
    );
    assert.deepEqual(states([later], 9), [['ahead', 'ahead']]);
    // Without effective from sent, and before that nobody has heard of it.
    assert.deepEqual(
      [7, 8].map((hour) => names(inForce([first], at(hour)))),
      [[], ['first']],
    );
  });

  it('is, once its window has run out, expired and not renewed, and never over', () => {
    assert.deepEqual(states([first], 12), [['expired', 'expired']]);
    const renewed = reply('Update', 'renewed', 13, [first], { expires: 15 });
    assert.deepEqual(states([first, renewed], 14), [['in-force', 'superseded in-force']]);
    assert.deepEqual(states([first, renewed], 15), [['expired', 'superseded expired']]);
  });

  it('is not what was superseded, although its window runs on', () => {
    const short = reply('Update', 'short', 9, [first], { expires: 10 });
    assert.deepEqual(states([first, short], 9), [['in-force', 'superseded in-force']]);
    assert.deepEqual(states([first, short], 11), [['expired', 'superseded expired']]);
  });

  it('is the earlier one until the update holds, and beyond if that was cancelled before', () => {
    const update = reply('Update', 'update', 9, [first], { effective: 11, expires: 14 });
    assert.deepEqual(names(inForce([first, update], at(10))), ['first']);
    assert.deepEqual(names(inForce([first, update], at(11))), ['update']);
    const withdrawn = reply('Cancel', 'withdrawn', 10, [update]);
    assert.deepEqual(names(inForce([first, update, withdrawn], at(11))), ['first']);
    const tooLate = reply('Cancel', 'too-late', 11, [update]);
    assert.deepEqual(names(inForce([first, update, tooLate], at(11))), []);
  });

  it('is not what was cancelled', () => {
    const cancel = reply('Cancel', 'cancel', 10, [first]);
    assert.deepEqual(names(inForce([first, cancel], at(9))), ['first']);
    assert.deepEqual(states([first, cancel], 10), [['cancelled', 'cancelled']]);
    assert.deepEqual(states([first, cancel], 13), [['cancelled', 'cancelled']]);
  });

  it('is nothing that somebody else, a test or a receipt could end', () => {
    const others = [
      reply('Cancel', 'stranger', 9, [first], {}, { sender: 'stranger@x.example' }),
      reply('Cancel', 'exercise', 9, [first], {}, { status: 'Exercise' }),
      reply('Update', 'test', 9, [first], { expires: 10 }, { status: 'Test' }),
      reply('Ack', 'receipt', 9, [first]),
    ];
    assert.ok(names(inForce([first, ...others], at(11))).includes('first'));
    assert.deepEqual(names(inForce([first, others[0] as Alert], at(11), () => true)), []);
    assert.deepEqual(states([message('ack', 9, {}, { msgType: 'Ack' })], 9), [['none', '']]);
  });

  it('heeds a cancel whose reference misspells the time', () => {
    const spelt = { ...referenceTo(first), sent: '2026-05-01T10:00:00+02:00' };
    const cancel = message('cancel', 9, {}, { msgType: 'Cancel', references: [spelt] });
    assert.deepEqual(names(inForce([first, cancel], at(9))), []);
    const wrong = { ...spelt, sent: '2026-05-01T10:00:01+02:00' };
    assert.deepEqual(names(inForce([first, { ...cancel, references: [wrong] }], at(9))), []);
  });

  it('ends after a day where no end is named', () => {
    const endless = message('endless', 8);
    assert.equal(inForce([endless], at(8) + 86_399_999).length, 1);
    assert.equal(inForce([endless], at(8) + 86_400_000).length, 0);
  });

  it('counts a message once that came by two ways, and keeps chains apart', () => {
    const other = message('other', 9, { expires: 12 });
    assert.deepEqual(names(inForce([other, first, structuredClone(first)], at(10))), ['first', 'other']);
    assert.equal(chainsAt([first, other], at(10)).length, 2);
  });

  it('goes by instants across a change of the clock', () => {
    const night = alertShape.parse(
      sample({
        sent: '2026-10-25T00:30:00+02:00',
        info: [{ ...inEnglish, effective: undefined, expires: '2026-10-25T02:30:00+01:00' }],
      }),
    );
    // 02:30 comes twice: this is the second one.
    assert.equal(inForce([night], Date.parse('2026-10-25T00:30:00Z')).length, 1);
    assert.equal(inForce([night], Date.parse('2026-10-25T01:30:00Z')).length, 0);
  });
});

describe('what a feed lists', () => {
  it('is every message until all that it is about has ended, the newest first', () => {
    const update = reply('Update', 'update', 9, [first], { expires: 10 });
    const cancel = message(
      'cancel',
      9,
      { expires: 10 },
      { msgType: 'Cancel', references: [first, update].map(referenceTo) },
    );
    const all = [first, update, cancel];
    assert.deepEqual(names(listed(all, at(8))), ['first']);
    assert.deepEqual(names(listed(all, at(11))), ['update', 'cancel', 'first']);
    assert.deepEqual(names(listed(all, at(12))), []);
  });
});
