/** The README is tried as it stands: its commands against a demo and a new centre, its code against a running one. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { beginServed } from '../server/testing/served.ts';

const root = resolve(import.meta.dirname, '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const run = promisify(execFile);

/** The code after `<!-- name -->`. */
function block(name: string): string {
  const [, text] = new RegExp(`<!-- ${name} -->\\n\`\`\`\\w+\\n([^\`]*)\`\`\``).exec(readme) ?? [];
  assert.ok(text, `README has a block ${name}`);
  return text;
}

/** The words after `npm run -s parley --`, as a shell would split them. */
function words(line: string): string[] {
  const rest = line.replace(/^npm run (?:-s )?parley -- /, '').replace(/^npm start --/, 'start');
  return [...rest.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}

async function parley(folder: string, args: readonly string[]): Promise<string> {
  return (await run(process.execPath, [join(root, 'bin/parley.js'), ...args], { cwd: folder })).stdout;
}

/** Starts a command that goes on, and resolves with what it has printed when that matches. */
async function start(
  t: TestContext,
  folder: string,
  args: readonly string[],
  ready: RegExp,
): Promise<string> {
  const child = spawn(process.execPath, [join(root, 'bin/parley.js'), ...args], {
    cwd: folder,
    stdio: 'pipe',
  });
  // From the start: who had ended before it was asked to would be waited for in vain.
  const ended = new Promise((done) => child.once('close', done));
  t.after(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  let out = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (out += chunk));
  return new Promise((done, failed) => {
    child.stdout.on('data', () => ready.test(out) && done(out));
    ended.then(() => failed(new Error(`it ended: ${out}`)));
  });
}

function temporary(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'parley-readme-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Below those that systems give out by themselves: nobody else gets it before it is used. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 30_000);
    const server = createServer().listen(port, '127.0.0.1');
    const free = await new Promise<boolean>((done) => {
      server.once('listening', () => server.close(() => done(true))).once('error', () => done(false));
    });
    if (free) return port;
  }
}

it('the demo’s commands', async (t) => {
  const folder = temporary(t);
  await start(t, folder, ['demo', '--port', String(await freePort())], /http:\/\/127/);
  for (const line of block('demo').trim().split('\n'))
    assert.ok((await parley(folder, words(line))).length > 0, line);
});

it('a centre of one’s own, and an invitation', async (t) => {
  const folder = temporary(t);
  const port = String(await freePort());
  const [init = '', begin = ''] = block('init').trim().split('\n');
  await parley(folder, [...words(init), '--url', `http://127.0.0.1:${port}/`]);
  process.env.PARLEY_LISTEN_PORT = port;
  t.after(() => {
    delete process.env.PARLEY_LISTEN_PORT;
  });
  await start(t, folder, words(begin), /"msg":"listening"/);
  const [invite = '', join_ = '', who = ''] = block('invite').trim().split('\n');
  const { code } = JSON.parse(await parley(folder, [...words(invite), '--json'])) as { code: string };
  await parley(folder, words(join_.replace('CODE', code).replace('8410', port)));
  assert.match(await parley(folder, words(who)), /Embassy of Tarn/);
  const room = block('room').replace('docs/', `${root}/docs/`).trim().split('\n');
  const said = [];
  for (const line of room) said.push(await parley(folder, words(line)));
  assert.match(said.join('\n'), /Unregistered drone over the west quay/);
});

it('the code', async (t) => {
  const served = await beginServed();
  t.after(() => served.end());
  const code = await served.world.invitation();
  const file = join(root, '.readme', 'snippet.ts');
  t.after(() => rmSync(dirname(file), { recursive: true, force: true }));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `const [url, code] = process.argv.slice(2) as [string, string];\n${block('sdk')}`);
  await run(process.execPath, ['--disable-warning=ExperimentalWarning', file, served.url, code]);
});

it('its links lead somewhere', () => {
  for (const name of ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md']) {
    const text = readFileSync(join(root, name), 'utf8');
    for (const [, link] of text.matchAll(/\]\(([^)#]+)\)/g))
      if (!/^https?:/.test(link ?? '')) assert.ok(existsSync(join(root, link ?? '')), `${name}: ${link}`);
  }
});
