import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AlertInput, alert as alertShape } from './message.ts';
import { check } from './rules.ts';
import { area, inEnglish, inFrench, sample } from './testing/sample.ts';

const found = (input: AlertInput) =>
  check(alertShape.parse(input)).map(({ rule, level, at }) => [rule, level, at.path]);
const one = (changes: object) => found(sample({ info: [{ ...inEnglish, ...changes }] }));
const inArea = (changes: object) => one({ area: [{ ...area, ...changes }] });
const at = '/alert/info[1]';
const earlier = { sender: 'a@x.example', identifier: 'b', sent: '2026-05-01T12:00:00+02:00' };

describe('the rules that a schema cannot hold', () => {
  it('find nothing in a sound warning', () => {
    assert.deepEqual(found(sample()), []);
  });

  it('1: identifier and sender can stand in a reference', () => {
    for (const wrong of ['a,b', 'a b', 'a\nb', 'a<b', 'a&b', '']) {
      assert.deepEqual(
        found(sample({ identifier: wrong })),
        [['identifier', 'error', '/alert/identifier']],
        wrong,
      );
      assert.deepEqual(found(sample({ sender: wrong })), [['sender', 'error', '/alert/sender']], wrong);
    }
  });

  it('2: UTC is written -00:00', () => {
    assert.deepEqual(found(sample({ sent: '2026-05-01T12:00:00+00:00' })), [
      ['utc', 'warning', '/alert/sent'],
    ]);
    assert.deepEqual(one({ expires: '2026-05-03T12:00:00+00:00' }), [['utc', 'warning', `${at}/expires`]]);
  });

  it('3, 4: references go to earlier alerts, each once, and not to itself', () => {
    const references = (...list: (typeof earlier)[]) =>
      found(sample({ msgType: 'Update', references: list })).map(([rule]) => rule);
    assert.deepEqual(references(earlier), []);
    assert.deepEqual(references(), ['references.missing']);
    assert.deepEqual(references(earlier, { ...earlier, sent: '2026-05-01T12:00:01+02:00' }), [
      'references.twice',
    ]);
    assert.deepEqual(references({ ...earlier, sent: '2026-05-01T12:00:01-00:00' }), ['references.later']);
    // The same instant by another zone is not later.
    assert.deepEqual(references({ ...earlier, sent: '2026-05-01T12:00:00-00:00' }), []);
    const { identifier, sender, sent } = sample();
    assert.deepEqual(references({ identifier, sender, sent }), ['references.circular']);
    assert.deepEqual(found(sample({ msgType: 'Cancel' })), [
      ['references.missing', 'error', '/alert/references'],
    ]);
    assert.deepEqual(found(sample({ msgType: 'Alert' })), []);
  });

  it('5: receipts and rejections are of something, and a rejection says why', () => {
    assert.deepEqual(found(sample({ msgType: 'Ack', info: [] })), [
      ['references.missing', 'error', '/alert/references'],
    ]);
    assert.deepEqual(found(sample({ msgType: 'Ack', info: [], references: [earlier] })), []);
    assert.deepEqual(found(sample({ msgType: 'Error', info: [], references: [earlier] })), [
      ['error.note', 'warning', '/alert'],
    ]);
    assert.deepEqual(found(sample({ status: 'Exercise' })), [['exercise.note', 'warning', '/alert']]);
    assert.deepEqual(found(sample({ status: 'Exercise', note: 'Exercise Lighthouse' })), []);
  });

  it('6: a restriction with Restricted and nowhere else, addresses with Private', () => {
    const restriction = 'TLP:AMBER';
    assert.deepEqual(found(sample({ restriction })), [['restriction', 'error', '/alert/restriction']]);
    assert.deepEqual(found(sample({ scope: 'Restricted' })), [['restriction', 'error', '/alert']]);
    assert.deepEqual(found(sample({ scope: 'Restricted', restriction })), []);
    assert.deepEqual(found(sample({ scope: 'Private' })), [['addresses', 'error', '/alert']]);
    assert.deepEqual(found(sample({ scope: 'Private', addresses: ['a@x.example'] })), []);
    assert.deepEqual(found(sample({ addresses: ['a@x.example'] })), []);
  });

  it('7: it ends, after it holds and after the event begins', () => {
    assert.deepEqual(one({ expires: undefined }), [['expires', 'warning', at]]);
    assert.deepEqual(one({ expires: inEnglish.effective }), [['expires.order', 'error', `${at}/expires`]]);
    assert.deepEqual(one({ effective: undefined, expires: '2026-05-01T13:59:59+02:00' }), [
      ['expires.order', 'error', `${at}/expires`],
    ]);
    assert.deepEqual(one({ onset: inEnglish.expires }), [['onset.order', 'error', `${at}/onset`]]);
    assert.deepEqual(one({ event: ' ' }), [['event', 'error', `${at}/event`]]);
  });

  it('8, 9: a polygon is the closed outline of a place on earth', () => {
    const polygon = (...ring: [number, number][]) => inArea({ polygon: [ring] });
    const wrong = (rule: string) => [[rule, 'error', `${at}/area[1]/polygon[1]`]];
    assert.deepEqual(polygon([0, 0], [1, 0], [1, 1], [0, 0]), []);
    assert.deepEqual(polygon([0, 0], [1, 0], [1, 0], [1, 1], [0, 0]), []);
    assert.deepEqual(polygon([0, 0], [1, 0], [1, 1], [0, 1]), wrong('polygon.open-ring'));
    assert.deepEqual(polygon([0, 0], [1, 0], [0, 0]), wrong('polygon.few-positions'));
    // Written as GeoJSON is: the latitude of Sydney.
    assert.deepEqual(polygon([-33, 151], [-34, 151], [-34, 152], [-33, 151]), wrong('polygon.range'));
    assert.deepEqual(polygon([0, 0], [1, 1], [1, 0], [0, 1], [0, 0]), wrong('polygon.crossing'));
    assert.deepEqual(polygon([0, 0], [1, 1], [2, 2], [0, 0]), wrong('polygon.zero-area'));
    assert.deepEqual(polygon([179, 0], [-179, 0], [-179, 1], [179, 0]), wrong('polygon.antimeridian'));
  });

  it('9, 10: heights and circles', () => {
    assert.deepEqual(inArea({ ceiling: 5 }), [['ceiling', 'error', `${at}/area[1]/ceiling`]]);
    assert.deepEqual(inArea({ ceiling: 5, altitude: 6 }), [['ceiling', 'error', `${at}/area[1]/ceiling`]]);
    assert.deepEqual(inArea({ ceiling: 5, altitude: 5 }), []);
    const circle = (radius: number, lat = 49) =>
      inArea({ circle: [{ center: [6, lat], radius }] }).map(([rule, level]) => [rule, level]);
    assert.deepEqual(circle(0), []);
    assert.deepEqual(circle(-1), [['circle.radius', 'error']]);
    assert.deepEqual(circle(5_000), [['circle.radius', 'warning']]);
    assert.deepEqual(circle(25_000), [['circle.radius', 'error']]);
    assert.deepEqual(circle(1, 91), [['circle.range', 'error']]);
  });

  it('11: shapes may overlap: they are a union', () => {
    assert.deepEqual(
      inArea({
        polygon: [area.polygon?.[0], area.polygon?.[0]],
        circle: [...(area.circle ?? []), ...(area.circle ?? [])],
      }),
      [],
    );
    assert.deepEqual(one({ area: [area, area] }), []);
  });

  it('12: a block for each language, in its own words', () => {
    const { description } = inEnglish;
    assert.deepEqual(found(sample({ info: [inEnglish, { ...inFrench, description }] })), [
      ['language.same-text', 'error', '/alert/info[2]'],
    ]);
    assert.deepEqual(found(sample({ info: [inEnglish, { ...inFrench, language: 'en' }] })), [
      ['language.twice', 'warning', '/alert/info[2]'],
    ]);
    // One that names none is en-US.
    assert.deepEqual(found(sample({ info: [inEnglish, { ...inEnglish, language: undefined }] })), []);
    assert.deepEqual(one({ language: 'e' }), [['language', 'error', `${at}/language`]]);
    const short = (language: string, headline: string) => ({
      ...inEnglish,
      language,
      headline,
      description: undefined,
      instruction: undefined,
    });
    const rules = (...info: ReturnType<typeof short>[]) => found(sample({ info })).map(([rule]) => rule);
    assert.deepEqual(rules(short('en', 'Tsunami'), short('fr', 'Tsunami')), ['language.same-text']);
    assert.deepEqual(rules(short('en', 'Storm'), short('fr', 'Orage')), []);
  });

  it('13: plain text, absolute addresses, and contents for relative ones', () => {
    for (const text of ['a<br />b', '<p>a', 'a &amp; b', '<!-- a -->', 'x</b>'])
      assert.deepEqual(one({ description: text }), [['html', 'error', `${at}/description`]], text);
    for (const text of ['wind < 5 and > 3', 'AT&T; and R&D', 'a <3 b', '5 <> 6']) {
      const expected = text.includes('&T;') ? [['html', 'error', `${at}/description`]] : [];
      assert.deepEqual(one({ description: text }), expected, text);
    }
    for (const web of ['/a', 'a.example/b', 'https://', 'https://a b/c', 'ht!tp://a.example/'])
      assert.deepEqual(one({ web }), [['web', 'error', `${at}/web`]], web);
    const resource = (changes: object) =>
      one({ resource: [{ resourceDesc: 'map', mimeType: 'image/png', ...changes }] }).map(([rule, level]) => [
        rule,
        level,
      ]);
    assert.deepEqual(resource({ uri: 'map.png' }), [['resource.uri', 'error']]);
    assert.deepEqual(resource({ uri: 'map.png', derefUri: 'AAAA' }), []);
    assert.deepEqual(resource({ derefUri: 'AAA' }), [['resource.base64', 'error']]);
    assert.deepEqual(resource({}), [['resource.uri', 'warning']]);
    assert.deepEqual(resource({ uri: 'https://a.example/', size: -1 }), [['resource.size', 'error']]);
    assert.deepEqual(resource({ uri: 'https://a.example/', digest: 'x' }), [['resource.digest', 'warning']]);
    assert.deepEqual(resource({ uri: 'https://a.example/', mimeType: 'map' }), [['resource.type', 'error']]);
  });
});
