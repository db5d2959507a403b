import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { loadConfig, needed, settings, variableOf } from './config.ts';

function written(t: TestContext, content: string): string {
  const dir = mkdtempSync(join(tmpdir(), 'parley-config-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  writeFileSync(join(dir, 'parley.json'), content);
  return join(dir, 'parley.json');
}

test('the file, then the environment, then options', (t) => {
  const file = written(
    t,
    '{"centre":"centre.example","folder":"store","listen":{"port":1},"limits":{"party":5}}',
  );
  const config = loadConfig(
    file,
    { PARLEY_LISTEN_PORT: '2', PARLEY_METRICS_ON: 'false' },
    { centre: 'b.example' },
  );
  assert.deepEqual(
    [
      config.centre,
      config['listen.port'],
      config['limits.party'],
      config['metrics.on'],
      config['listen.host'],
    ],
    ['b.example', 2, 5, false, '127.0.0.1'],
  );
  assert.equal(config.folder, join(file, '..', 'store'), 'a path is meant from the file that says it');
  assert.equal(loadConfig(undefined, { PARLEY_CONFIG: file }).centre, 'centre.example');
  assert.equal(loadConfig(undefined, {})['listen.port'], 8410);
});

test('lists and switches of the environment', () => {
  const config = loadConfig(undefined, {
    PARLEY_TRUST_PROXY: '127.0.0.1, 10.0.0.0/8',
    PARLEY_LISTEN_HOST: '::',
  });
  assert.deepEqual(config.trustProxy, ['127.0.0.1', '10.0.0.0/8']);
});

test('what is not known or not right is refused by name', (t) => {
  const cases: readonly [string, Record<string, string>, string, string][] = [
    ['{"lisen":{"port":1}}', {}, 'config.unknown', 'lisen'],
    ['{"listen":{"prot":1}}', {}, 'config.unknown', 'listen.prot'],
    ['{"listen.port":1}', {}, 'config.unknown', 'listen.port'],
    ['{"listen":1}', {}, 'config.value', 'listen'],
    ['{"listen":{"port":"1"}}', {}, 'config.value', 'listen.port'],
    ['{"listen":{"port":70000}}', {}, 'config.value', 'listen.port'],
    ['{"centre":{"name":"x"}}', {}, 'config.value', 'centre'],
    ['{"centre":"NOT A NAME"}', {}, 'config.value', 'centre'],
    ['{"clockConfirmed":true}', {}, 'config.unknown', 'clockConfirmed'],
    ['{"tls":{"cert":"a"}}', {}, 'config.value', 'tls.key'],
    ['{"listen":{"host":"0.0.0.0"}}', {}, 'config.value', 'listen.host'],
    ['{"database":"parley"}', {}, 'config.value', 'database'],
    ['{"database":"postgres://parley:secret@localhost/parley"}', {}, 'config.value', 'database'],
    ['{}', { PARLEY_DATABASE: 'postgres://db.example/parley' }, 'config.value', 'database'],
    ['{"databasePasswordFile":"secret"}', {}, 'config.value', 'databasePasswordFile'],
    ['{"url":"ftp://centre.example/"}', {}, 'config.value', 'url'],
    ['{"url":"https://centre.example/a"}', {}, 'config.value', 'url'],
    ['{}', { PARLEY_LISTEN_PROT: '1' }, 'config.unknown', 'PARLEY_LISTEN_PROT'],
    ['{}', { PARLEY_METRICS_ON: 'yes' }, 'config.value', 'metrics.on'],
    ['{}', { PARLEY_LISTEN_PORT: '' }, 'config.value', 'listen.port'],
    ['{"centre":"a.example","centre":"b.example"}', {}, 'file.unreadable', ''],
    ['[]', {}, 'file.unreadable', ''],
    ['{', {}, 'file.unreadable', ''],
  ];
  for (const [content, env, code, at] of cases) {
    const file = written(t, content);
    assert.throws(() => loadConfig(file, env), { code, at: at || file }, content);
  }
  assert.throws(() => loadConfig('/nowhere.json', {}), { code: 'file.unreadable' });
  assert.throws(() => needed(loadConfig(undefined, {}), 'folder'), { code: 'config.value', at: 'folder' });
});

test('what the command line and tests read from the environment is passed over, and nothing like it', () => {
  const env = {
    PARLEY_KILLS: '30',
    PARLEY_PERSON: 'p1',
    PARLEY_SEED: '7',
    PARLEY_TEST_DATABASE: 'postgres://x',
    PARLEY_TEST_GO: '1',
  };
  assert.deepEqual(loadConfig(undefined, env), loadConfig(undefined, {}));
  assert.throws(() => loadConfig(undefined, { PARLEY_TEST_OTHER: '1' }), { code: 'config.unknown' });
});

test('the page for people lists every key with its variable', () => {
  const page = readFileSync(new URL('../docs/configuration.md', import.meta.url), 'utf8');
  const listed = [...page.matchAll(/^\| `([^`]+)` \| `([^`]+)` \|/gm)].map(([, key, variable]) => [
    key,
    variable,
  ]);
  assert.deepEqual(
    listed,
    Object.keys(settings).map((key) => [key, variableOf(key)]),
  );
});
