/** The rules as a list that a lawyer can read: a row each, in the order in which they apply. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Handling } from '@parley/core/handling.ts';
import { type Decision, decide, type Looker, type Said, type Stand } from './decide.ts';

const day = 86_400_000_000;
const monday = Date.parse('2026-05-04T08:00:00.000Z') * 1000;
const now = monday + 10 * day;

const handling: Handling = {
  to: 'room',
  purposes: ['event-security'],
  onward: 'ask',
  until: null,
  review: null,
  tlp: 'amber',
  personal: false,
};
const viewer: Looker = { live: true, party: 'b', purpose: 'event-security', justified: false };
const said: Said = {
  author: 'a',
  instant: monday,
  position: monday + 3,
  taken: false,
  handling,
  purposes: ['event-security'],
  past: false,
};
const stay = { from: monday - day, to: null, fromGen: 1, toGen: null };
const stand: Stand = {
  addressed: false,
  noticed: false,
  stays: [stay],
  accepted: ['event-security', 'threat-prevention'],
  grants: [],
};
const grant = { position: monday + day, purposes: ['event-security'] };
const ended = { until: new Date((now - 1) / 1000).toISOString() };

interface Row {
  readonly rule: string;
  readonly viewer?: Partial<Looker>;
  readonly said?: Partial<Said>;
  readonly handling?: Partial<Handling>;
  readonly stand?: Partial<Stand>;
  readonly verdict: Decision['verdict'];
  readonly by: Decision['rule'];
  readonly position?: number;
}

const rows: readonly Row[] = [
  { rule: 'a member reads what was said to its room while it was in', verdict: 'permit', by: 'member' },
  {
    rule: '1 a revoked or ended device sees nothing',
    viewer: { live: false },
    verdict: 'absent',
    by: 'viewer-ended',
  },
  {
    rule: '1 not even what its own party said',
    viewer: { live: false, party: 'a' },
    verdict: 'absent',
    by: 'viewer-ended',
  },
  {
    rule: '2 what was taken back is absent to a member',
    said: { taken: true },
    verdict: 'absent',
    by: 'taken-back',
  },
  {
    rule: '2 its author sees the header',
    said: { taken: true },
    viewer: { party: 'a' },
    verdict: 'header',
    by: 'taken-back',
  },
  {
    rule: '2 who had it sees the header',
    said: { taken: true },
    stand: { noticed: true },
    verdict: 'header',
    by: 'taken-back',
  },
  {
    rule: '2 who had it sees the header even after leaving',
    said: { taken: true },
    stand: { noticed: true, stays: [] },
    verdict: 'header',
    by: 'taken-back',
  },
  {
    rule: '2 a grant does not outlive the recall',
    said: { taken: true },
    stand: { grants: [grant] },
    verdict: 'absent',
    by: 'taken-back',
  },
  {
    rule: '3 an author sees its own, whatever the purpose',
    viewer: { party: 'a', purpose: 'cyber-defence' },
    verdict: 'permit',
    by: 'author',
  },
  {
    rule: '3 an author sees its own even after leaving',
    viewer: { party: 'a' },
    stand: { stays: [] },
    verdict: 'permit',
    by: 'author',
  },
  {
    rule: '3 an author sees its own personal data without a justification',
    viewer: { party: 'a' },
    handling: { personal: true },
    verdict: 'permit',
    by: 'author',
  },
  {
    rule: '4 governance and notices reach whom they concern, whatever the purpose',
    said: { handling: null },
    stand: { addressed: true, stays: [] },
    viewer: { purpose: 'cyber-defence' },
    verdict: 'permit',
    by: 'addressed',
  },
  { rule: '4 and nobody else', said: { handling: null }, verdict: 'absent', by: 'not-addressed' },
  { rule: '5 an outsider sees nothing', stand: { stays: [] }, verdict: 'absent', by: 'not-addressed' },
  {
    rule: '5 a member that left sees nothing more',
    stand: { stays: [{ ...stay, to: monday + day, toGen: 2 }] },
    verdict: 'absent',
    by: 'not-addressed',
  },
  {
    rule: '5 who joined later does not see the past',
    stand: { stays: [{ ...stay, from: monday + 1 }] },
    verdict: 'absent',
    by: 'not-addressed',
  },
  {
    rule: '5 unless the terms of who spoke show it',
    said: { past: true },
    stand: { stays: [{ ...stay, from: monday + 1 }] },
    verdict: 'permit',
    by: 'member',
  },
  {
    rule: '5 the instant of joining is in',
    stand: { stays: [{ ...stay, from: monday }] },
    verdict: 'permit',
    by: 'member',
  },
  {
    rule: '5 the gap between two stays is not',
    stand: {
      stays: [
        { ...stay, to: monday, toGen: 2 },
        { ...stay, from: monday + 1, fromGen: 3 },
      ],
    },
    verdict: 'absent',
    by: 'not-addressed',
  },
  {
    rule: '5 what an earlier stay saw, a rejoined member sees',
    stand: {
      stays: [
        { ...stay, to: monday + 1, toGen: 2 },
        { ...stay, from: monday + day, fromGen: 3 },
      ],
    },
    verdict: 'permit',
    by: 'member',
  },
  {
    rule: '5 a member that is not named sees nothing',
    handling: { to: { parties: ['c'] } },
    verdict: 'absent',
    by: 'not-addressed',
  },
  {
    rule: '5 a member that is named does',
    handling: { to: { parties: ['b', 'c'] } },
    verdict: 'permit',
    by: 'member',
  },
  {
    rule: '5 who is named but no member sees nothing',
    handling: { to: { parties: ['b'] } },
    stand: { stays: [] },
    verdict: 'absent',
    by: 'not-addressed',
  },
  {
    rule: '5 the public sees what is public',
    viewer: { party: null },
    handling: { to: 'public' },
    stand: { stays: [], accepted: [] },
    verdict: 'permit',
    by: 'public',
  },
  {
    rule: '5 and nothing else',
    viewer: { party: null },
    stand: { stays: [], accepted: [] },
    verdict: 'absent',
    by: 'not-addressed',
  },
  {
    rule: '5 a grant opens it to an outsider, where the grant stands',
    stand: { stays: [], grants: [grant] },
    verdict: 'permit',
    by: 'grant',
    position: monday + day,
  },
  {
    rule: '5 what is visible twice stands at the first place',
    stand: { grants: [grant] },
    verdict: 'permit',
    by: 'member',
    position: monday + 3,
  },
  { rule: '6 what has ended is absent', handling: ended, verdict: 'absent', by: 'ended' },
  { rule: '6 to grants too', handling: ended, stand: { grants: [grant] }, verdict: 'absent', by: 'ended' },
  {
    rule: '6 its author still sees it until it is erased',
    handling: ended,
    viewer: { party: 'a' },
    verdict: 'permit',
    by: 'author',
  },
  {
    rule: '7 another purpose locks it',
    viewer: { purpose: 'threat-prevention' },
    verdict: 'locked',
    by: 'purpose',
  },
  {
    rule: '7 a purpose that the record names, but the terms of who spoke did not',
    said: { purposes: [] },
    verdict: 'locked',
    by: 'purpose',
  },
  {
    rule: '7 a purpose that the viewer’s terms do not allow',
    stand: { accepted: ['threat-prevention'] },
    verdict: 'locked',
    by: 'purpose',
  },
  {
    rule: '7 the purposes of a grant are its own',
    stand: { stays: [], grants: [{ ...grant, purposes: ['threat-prevention'] }] },
    verdict: 'locked',
    by: 'purpose',
  },
  { rule: '7 no purpose opens nothing', viewer: { purpose: null }, verdict: 'locked', by: 'purpose' },
  {
    rule: '8 personal data wants a justification',
    handling: { personal: true },
    verdict: 'locked',
    by: 'justification',
  },
  {
    rule: '8 and opens with one',
    handling: { personal: true },
    viewer: { justified: true },
    verdict: 'permit',
    by: 'member',
  },
  {
    rule: '8 a grant of personal data too',
    handling: { personal: true },
    stand: { stays: [], grants: [grant] },
    verdict: 'locked',
    by: 'justification',
  },
];

describe('decide', () => {
  for (const row of rows)
    it(row.rule, () => {
      const about = {
        ...said,
        ...row.said,
        handling: row.said?.handling === null ? null : { ...handling, ...row.handling },
      };
      const decision = decide({ ...viewer, ...row.viewer }, about, { ...stand, ...row.stand }, now);
      assert.deepEqual(decision, {
        verdict: row.verdict,
        rule: row.by,
        position: row.position ?? said.position,
      });
    });
});
