import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const launcher = fileURLToPath(new URL('parley.js', import.meta.url));

function launch(args: readonly string[], script = launcher, before: readonly string[] = []) {
  return spawnSync(process.execPath, [...before, script, ...args], { encoding: 'utf8' });
}

test('the launcher runs the program, without warnings, and hands on its exit status', () => {
  const { status, stdout, stderr } = launch(['witness', 'show', '--dir', '/nonexistent', '--json']);
  assert.deepEqual([status, stdout], [2, '']);
  assert.equal(JSON.parse(stderr).error.code, 'store.absent');
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  assert.deepEqual(launch(['--version']).stdout, `${version}\n`);
});

test('an old Node finds the one that npm brought, or is told what to do', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'parley-bin-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const old = join(dir, 'old.cjs');
  writeFileSync(
    old,
    "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '12.22.12' } });",
  );
  mkdirSync(join(dir, 'bin'));
  writeFileSync(join(dir, 'package.json'), '{"type":"module"}');
  const copy = join(dir, 'bin', 'parley.js');
  copyFileSync(launcher, copy);
  const alone = launch(['--version'], copy, ['--require', old]);
  assert.deepEqual([alone.status, alone.stdout], [3, '']);
  assert.match(alone.stderr, /Node 12\.22\.12 is too old[\s\S]*npm ci/);
  const beside = join(dir, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin');
  mkdirSync(beside, { recursive: true });
  writeFileSync(join(beside, 'node'), '#!/bin/sh\necho "$@"\n', { mode: 0o755 });
  const found = launch(['--version'], copy, ['--require', old]);
  assert.match(found.stdout, /^--disable-warning=ExperimentalWarning .*parley\.ts --version\n$/);
});

test('the launcher keeps to words that an old Node can read', () => {
  const code = readFileSync(launcher, 'utf8').replace(/^\s*(?:\/\/|\/?\*).*$/gm, '');
  assert.doesNotMatch(code, /\?\.|\?\?|\bawait\b|'node:|\|\|=|&&=|\.at\(|replaceAll/);
});

test('a signal to the launcher ends the program calmly', {
  skip: process.platform === 'win32',
}, async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'parley-bin-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const made = launch(['witness', 'init', '--name', 'w.example', '--dir', dir]);
  assert.equal(made.status, 0, made.stderr);
  const log = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
  const child = spawn(
    process.execPath,
    [launcher, 'witness', 'run', '--dir', dir, '--log', log, '--listen', '0'],
    { stdio: 'pipe' },
  );
  t.after(() => child.kill('SIGKILL'));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  child.kill('SIGTERM');
  assert.deepEqual(
    await new Promise((resolve) => child.once('exit', (code, signal) => resolve([code, signal]))),
    [0, null],
  );
});
