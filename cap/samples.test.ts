import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readFeed } from './feed-read.ts';
import type { Finding } from './findings.ts';
import { checkProfile } from './profile-check.ts';
import { shipped } from './profiles.ts';
import { examine, readCap } from './read.ts';
import { check } from './rules.ts';
import { beside, noData, schemaFaults } from './testing/beside.ts';

const names = (findings: readonly Finding[]) => [
  ...new Set(findings.map(({ rule, level }) => `${rule} ${level}`)),
];

function judged(name: string): { structure: string[]; rules: string[]; base: string[] } {
  const { alert, findings } = examine(beside(name));
  return {
    structure: names(findings),
    rules: alert ? names(check(alert)) : [],
    base: alert ? names(checkProfile(alert, shipped.base)) : [],
  };
}

describe('messages of public services', { skip: noData }, () => {
  it('are read, and judged by the rules', () => {
    for (const name of ['canada.cap', 'canada_signed.cap', 'wcatwc-warning.cap'])
      assert.deepEqual([judged(name).structure, judged(name).rules], [[], []], name);
    assert.deepEqual(judged('australia.cap').structure, []);
    assert.deepEqual(judged('australia.cap').rules, ['language.twice warning', 'html error']);
  });

  it('that pass the schema may break rules and profile', () => {
    assert.deepEqual(judged('canada_errors.cap'), {
      structure: [],
      rules: ['references.missing error'],
      base: [
        'base/headline warning',
        'base/description error',
        'base/instruction error',
        'base/contact error',
      ],
    });
  });

  it('that do not pass the schema are told where', () => {
    const { alert, findings } = examine(beside('invalid.cap'));
    assert.equal(alert, undefined);
    assert.deepEqual(
      findings.map(({ message, at }) => [message, at.path, at.line]),
      [['No scope', '/alert', 2]],
    );
  });

  it('with an external entity are not read', () => {
    assert.throws(() => examine(beside('xee.cap')), { code: 'xml.doctype', at: 'line 3' });
  });

  it('are judged by the schema of OASIS in the same way', async () => {
    const all = [
      'australia.cap',
      'canada.cap',
      'canada_errors.cap',
      'canada_signed.cap',
      'wcatwc-warning.cap',
    ];
    assert.deepEqual(await schemaFaults(all.map(beside)), []);
  });

  it('are found in a feed', () => {
    const { title, entries } = readFeed(beside('canada_signed.atom'), 'https://feed.example/a');
    assert.match(title, /NAADS/);
    const [entry] = entries;
    assert.ok(entry?.cap);
    assert.equal(readCap(entry.cap).identifier, '2.49.0.1.124.f2c83f5f.2013');
    assert.equal(entry.updated, Date.parse('2013-08-19T11:56:00Z'));
  });
});
