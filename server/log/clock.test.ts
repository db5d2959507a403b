import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Refusal } from '@parley/core/errors.ts';
import { DoubtedClock } from './clock.ts';

const second = 1_000_000;
const day = 86_400 * second;
const start = 1_780_000_000 * second;

/** A wall clock and a monotonic one that tests move apart. */
function twoClocks(now = start) {
  const time = { now, elapsed: 500 };
  const pass = (micros: number) => {
    time.now += micros;
    time.elapsed += micros / 1_000;
  };
  return { time, pass, clock: { now: () => time.now, elapsed: () => time.elapsed } };
}

const refused = (error: unknown) => error instanceof Refusal && error.code === 'clock.centre';

describe('the doubted clock', () => {
  it('follows the wall clock, and never goes before the head', () => {
    const { time, pass, clock } = twoClocks();
    const doubted = new DoubtedClock(clock, null, false);
    assert.equal(doubted.read(0), start);
    pass(second);
    assert.equal(doubted.read(start), start + second);
    time.now = start - 4 * second;
    assert.equal(doubted.read(start + 7), start + 7);
    time.now = start - 6 * second;
    assert.throws(() => doubted.read(start), refused);
    time.now = start + 9;
    assert.equal(doubted.read(start), start + 9, 'it works again once the clock is right');
  });

  it('refuses a jump of more than a day, but no idle time', () => {
    const { time, pass, clock } = twoClocks();
    const doubted = new DoubtedClock(clock, null, false);
    pass(10 * day);
    assert.equal(doubted.read(start), start + 10 * day);
    doubted.believe(time.now);
    time.now += day - second;
    assert.equal(doubted.read(start), time.now, 'a machine may have slept');
    time.now += 2 * second;
    assert.throws(() => doubted.read(start), refused);
  });

  it('wants someone to look after a day without a record before the start', () => {
    const { clock } = twoClocks(start + 2 * day);
    assert.throws(() => new DoubtedClock(clock, start, false).read(start), refused);
    assert.equal(new DoubtedClock(clock, start, true).read(start), start + 2 * day);
    assert.equal(new DoubtedClock(clock, start + 1.5 * day, false).read(start), start + 2 * day);
    assert.throws(
      () => new DoubtedClock(clock, start + 3 * day, true).read(start + 3 * day),
      refused,
      'confirmed or not',
    );
  });
});
