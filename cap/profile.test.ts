import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AlertInput, alert as alertShape } from './message.ts';
import { wmoIdentifier } from './names.ts';
import { type Profile, profileFormat, readProfile } from './profile.ts';
import { checkProfile } from './profile-check.ts';
import { shipped } from './profiles.ts';
import { area, inEnglish, inFrench, sample } from './testing/sample.ts';

const found = (profile: Profile, input: AlertInput) =>
  checkProfile(alertShape.parse(input), profile).map(({ rule, level, at }) => [rule, level, at.path]);
const one = (changes: object) => sample({ info: [{ ...inEnglish, ...changes }] });

describe('the base profile', () => {
  it('finds nothing in a sound warning', () => {
    assert.deepEqual(found(shipped.base, sample()), []);
  });

  it('asks for an end, a place, words, and somebody to ask', () => {
    const info = '/alert/info[1]';
    for (const name of ['expires', 'description', 'instruction', 'senderName', 'contact'])
      assert.deepEqual(found(shipped.base, one({ [name]: undefined })), [[`base/${name}`, 'error', info]]);
    assert.deepEqual(found(shipped.base, one({ area: [] })), [['base/area', 'error', info]]);
    assert.deepEqual(found(shipped.base, one({ language: undefined })), [['base/language', 'warning', info]]);
    assert.deepEqual(found(shipped.base, sample({ info: [] })), [['base/info', 'error', '/alert']]);
    assert.deepEqual(found(shipped.base, sample({ status: 'Draft' })), [
      ['base/draft', 'error', '/alert/status'],
    ]);
  });

  it('asks less of a cancel, and nothing of a receipt', () => {
    assert.deepEqual(found(shipped.base, { ...one({ instruction: undefined }), msgType: 'Cancel' }), []);
    assert.deepEqual(found(shipped.base, sample({ msgType: 'Ack', info: [] })), []);
  });
});

describe('the profile of WMO and ITU', () => {
  const rules = (identifier: string) =>
    found(shipped['wmo-itu'], sample({ identifier })).map(([rule]) => rule);

  it('asks for an identifier of published alerts', () => {
    assert.deepEqual(rules('urn:oid:2.49.0.1.442.0.2026.5.1.12.0.0.1'), []);
    assert.deepEqual(rules('urn:oid:2.49.0.0.442.0.2026.5.1'), ['wmo-itu/register']);
    for (const wrong of [
      '2.49.0.1.442.0.1',
      'urn:oid:2.49.0.1.442',
      'urn:oid:2.49.0.1.442.0.01',
      'urn:oid:2.49.0.1.442.0.a1',
      'urn:uuid:x',
    ])
      assert.deepEqual(rules(wrong), ['wmo-itu/identifier'], wrong);
  });

  it('is kept by the identifiers made for it', () => {
    const made = wmoIdentifier({ country: 442, authority: 0 }, Date.parse('2026-05-01T09:08:07Z'), 1);
    assert.equal(made, 'urn:oid:2.49.0.1.442.0.2026.5.1.9.8.7.1');
    assert.deepEqual(rules(made), []);
  });
});

/** A user's own, made of rules of several national profiles. */
const users = readProfile({
  profile: profileFormat,
  id: 'mine',
  title: 'Rules as in CAP-AU, IPAWS and the profile for public alerts of Google',
  rules: [
    // CAP-AU: its code; one authorised event code, and an event of the list; no effective in a cancel.
    {
      rule: 'au-code',
      level: 'error',
      at: 'code',
      where: { '.': '^urn:.*:CAP-AU:1\\.0$' },
      count: { min: 1, max: 1 },
    },
    { rule: 'au-event', level: 'error', at: 'info/event', oneOf: ['Bushfire', 'Flood'] },
    {
      rule: 'au-effective',
      level: 'error',
      when: { msgType: ['Cancel'] },
      at: 'info/effective',
      count: { max: 0 },
    },
    // IPAWS: exactly one event code SAME of three letters, the same in all blocks; an offset from UTC.
    {
      rule: 'same-one',
      level: 'error',
      at: 'info/eventCode',
      where: { valueName: '^SAME$' },
      count: { min: 1, max: 1 },
    },
    {
      rule: 'same-form',
      level: 'error',
      at: 'info/eventCode',
      where: { valueName: '^SAME$' },
      pattern: '^[A-Z]{3}$',
    },
    { rule: 'same-all', level: 'error', at: 'info/eventCode', same: true },
    { rule: 'category-all', level: 'error', at: 'info/category', same: true },
    { rule: 'offset', level: 'warning', at: 'sent', pattern: '(?<![+-]00:00)$' },
    // Google: a place that can be drawn, a short headline, texts that differ, nothing unknown.
    { rule: 'drawn', level: 'error', at: 'info/area', anyOf: ['circle', 'polygon', 'geocode'] },
    { rule: 'short', level: 'error', at: 'info/headline', maxLength: 140 },
    { rule: 'differ', level: 'error', at: 'info/description', differentFrom: ['headline', 'instruction'] },
    {
      rule: 'known',
      level: 'warning',
      when: { status: ['Actual'] },
      at: 'info/urgency',
      pattern: '^(?!Unknown$)',
      say: 'Say how urgent it is',
    },
    // CAP-CP: English and French.
    { rule: 'french', level: 'error', at: 'info', where: { language: '^fr' }, count: { min: 1 } },
  ],
});

describe('a profile of a user', () => {
  const keeping: AlertInput = sample({
    code: ['urn:oasis:names:tc:emergency:cap:1.2:profile:CAP-AU:1.0'],
    info: [inEnglish, inFrench].map((info) => ({
      ...info,
      event: 'Flood',
      eventCode: [{ valueName: 'SAME', value: 'FLW' }],
    })),
  });
  const [english, french] = keeping.info as [typeof inEnglish, typeof inFrench];
  const rules = (input: AlertInput) => found(users, input).map(([rule]) => rule);
  const changed = (changes: object) => rules({ ...keeping, info: [{ ...english, ...changes }, french] });

  it('says what national ones say', () => {
    assert.deepEqual(rules(keeping), []);
    assert.deepEqual(rules({ ...keeping, code: ['other'] }), ['mine/au-code']);
    assert.deepEqual(changed({ event: 'Storm' }), ['mine/au-event']);
    assert.deepEqual(rules({ ...keeping, msgType: 'Cancel' }), ['mine/au-effective', 'mine/au-effective']);
    const same = (...values: string[]) =>
      changed({ eventCode: values.map((value) => ({ valueName: 'SAME', value })) });
    assert.deepEqual(same('FLW', 'FLW'), ['mine/same-one', 'mine/same-all']);
    assert.deepEqual(same('flw'), ['mine/same-form', 'mine/same-all']);
    assert.deepEqual(changed({ category: ['Met'] }), ['mine/category-all']);
    assert.deepEqual(rules({ ...keeping, sent: '2026-05-01T12:00:00-00:00' }), ['mine/offset']);
    assert.deepEqual(changed({ area: [{ areaDesc: 'somewhere' }] }), ['mine/drawn']);
    assert.deepEqual(changed({ area: [{ ...area, polygon: [], circle: [] }] }), []);
    assert.deepEqual(changed({ headline: '😀'.repeat(140) }), []);
    assert.deepEqual(changed({ headline: 'a'.repeat(141) }), ['mine/short']);
    assert.deepEqual(changed({ description: english.headline }), ['mine/differ']);
    assert.deepEqual(changed({ urgency: 'Unknown' }), ['mine/known']);
    assert.deepEqual(rules({ ...keeping, info: [english] }), ['mine/french']);
  });

  it('is heard in its own words, with what is wanted and where', () => {
    const unknown = alertShape.parse({ ...keeping, info: [{ ...english, urgency: 'Unknown' }, french] });
    assert.deepEqual(checkProfile(unknown, users), [
      {
        rule: 'mine/known',
        level: 'warning',
        at: { path: '/alert/info[1]/urgency' },
        message: 'Say how urgent it is',
        wanted: '^(?!Unknown$)',
      },
    ]);
    assert.deepEqual(
      found(users, { ...keeping, info: [english, { ...french, headline: 'a'.repeat(141) }] }),
      [['mine/short', 'error', '/alert/info[2]/headline']],
    );
  });

  it('is refused when it could never find anything', () => {
    const [first] = shipped.base.rules;
    const refused = (rule: object, at: string) =>
      assert.throws(() => readProfile({ ...shipped.base, rules: [{ ...first, ...rule }] }), {
        code: 'cap.profile',
        at,
      });
    refused({ at: 'info/colour' }, 'rules/0');
    refused({ at: 'info/event/x' }, 'rules/0');
    refused({ where: { colour: 'x' } }, 'rules/0');
    refused({ count: undefined, anyOf: ['colour'] }, 'rules/0');
    refused({ count: undefined, pattern: '(' }, 'rules/0/pattern');
    refused({ count: undefined }, 'rules/0');
    refused({ pattern: 'x' }, 'rules/0');
    refused({ colour: 'x' }, 'rules/0');
    assert.throws(() => readProfile({ ...shipped.base, profile: 'other' }), { code: 'cap.profile' });
    assert.throws(() => readProfile(null), { code: 'cap.profile' });
  });
});
