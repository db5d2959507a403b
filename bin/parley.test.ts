/** The program as people start it: a centre from its first moment to its restored backup. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';

const program = new URL('./parley.ts', import.meta.url).pathname;
/** Where the launcher has Node keep what it has compiled, too: starts are mostly compiling. */
const cache = new URL('../node_modules/.cache/node', import.meta.url).pathname;

interface Ran {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

interface Bench {
  readonly dir: string;
  readonly home: string;
  readonly at: (name: string) => string;
  readonly start: (...args: string[]) => Started;
  /** Insists on the status, and reads the JSON of the answer, or of the error. */
  readonly run: (status: number, ...args: string[]) => Promise<Record<string, unknown>>;
}

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ran>;
  /** The first line of the standard output that holds the text. */
  readonly line: (text: string) => Promise<string>;
}

function bench(t: TestContext): Bench {
  const dir = mkdtempSync(join(tmpdir(), 'parley-bin-'));
  const home = join(dir, 'home');
  const children: ChildProcess[] = [];
  t.after(() => {
    for (const child of children) child.kill('SIGKILL');
    rmSync(dir, { recursive: true, force: true });
  });
  const start = (...args: string[]): Started => {
    const env = { PATH: process.env.PATH ?? '', PARLEY_HOME: home, NODE_COMPILE_CACHE: cache };
    const all = ['--disable-warning=ExperimentalWarning', program, ...args];
    const child = spawn(process.execPath, all, { env, cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] });
    children.push(child);
    return watch(child);
  };
  const run = async (wanted: number, ...args: string[]) => {
    const { status, out, err } = await start('--json', ...args).ended;
    assert.equal(status, wanted, `${args.join(' ')}: ${err}${out}`);
    return JSON.parse(wanted === 0 ? out : err) as Record<string, unknown>;
  };
  return { dir, home, at: (name) => join(dir, name), start, run };
}

function watch(child: ChildProcess): Started {
  let [out, err] = ['', ''];
  child.stdout?.on('data', (piece) => {
    out += piece;
  });
  child.stderr?.on('data', (piece) => {
    err += piece;
  });
  const ended = new Promise<Ran>((resolve) => child.on('close', (status) => resolve({ status, out, err })));
  const line = async (text: string): Promise<string> => {
    for (const end = Date.now() + 240_000; Date.now() < end; await new Promise((go) => setTimeout(go, 20))) {
      const found = out.split('\n').find((each) => each.includes(text));
      if (found !== undefined) return found;
      if (child.exitCode !== null) break;
    }
    throw new Error(`it never said ${text}: ${out}${err}`);
  };
  return { child, ended, line };
}

const initArgs = ['--centre', 'centre.example', '--party', 'City of Marrow', '--device', 'Duty desk'];

/** A centre that runs at any free port; its home knows the port. */
async function running(b: Bench): Promise<Started> {
  const config = b.at('store/parley.json');
  writeFileSync(config, JSON.stringify({ ...JSON.parse(readFileSync(config, 'utf8')), listen: { port: 0 } }));
  const centre = b.start('start', '--config', config);
  const { url } = JSON.parse(await centre.line('"listening"'));
  const profile = join(b.home, 'device.json');
  writeFileSync(profile, JSON.stringify({ ...JSON.parse(readFileSync(profile, 'utf8')), url }));
  return centre;
}

test('init, start, invite, backup, stop, fsck, rebuild, restore', async (t) => {
  const b = bench(t);
  const made = await b.run(0, 'init', '--folder', b.at('store'), ...initArgs);
  assert.match(String(made.fingerprint), /^([0-9a-f]{4} ){15}[0-9a-f]{4}$/);
  assert.deepEqual(
    [made.config, made.home, (made.logs as string[]).length],
    [b.at('store/parley.json'), b.home, 2],
  );
  assert.deepEqual(
    [statSync(b.at('store')).mode & 0o777, statSync(join(b.home, 'device.json')).mode & 0o777],
    [0o700, 0o600],
  );
  const again = await b.run(2, 'init', '--folder', b.at('other'), ...initArgs);
  assert.equal((again.error as { code: string }).code, 'home.present');

  const centre = await running(b);
  const { party } = await b.run(0, 'whoami');
  assert.equal(party, made.party);
  assert.match(String((await b.run(0, 'party', 'invite')).code), /^[0-9A-Z]{5}(-[0-9A-Z]{5}){4}$/);
  const config = ['--config', b.at('store/parley.json')];
  const backup = await b.run(0, 'backup', b.at('backup'), '--with-keys', ...config);
  await b.run(0, 'party', 'invite');
  const held = await b.run(2, 'rebuild', ...config);
  assert.equal((held.error as { code: string }).code, 'store.held');
  centre.child.kill('SIGTERM');
  const { status, out, err } = await centre.ended;
  assert.deepEqual([status, err], [0, '']);
  for (const line of out.trim().split('\n')) JSON.parse(line);

  const report = await b.run(0, 'fsck', ...config);
  assert.deepEqual(
    [report.centre, report.size, report.projections !== null, report.behind],
    ['centre.example', 5, true, null],
  );
  assert.equal((await b.run(0, 'rebuild', ...config)).equal, true);
  const restored = await b.run(0, 'restore', b.at('backup'), '--to', b.at('restored'));
  assert.deepEqual([restored.size, restored.keys], [(backup.head as { size: number }).size, true]);
  copyFileSync(b.at('store/last-checkpoint'), b.at('restored/last-checkpoint'));
  const { root, behind } = await b.run(0, 'fsck', '--folder', b.at('restored'));
  assert.equal(root, (backup.head as { root: string }).root);
  assert.match(String(behind), /^this machine knows a checkpoint of 5 records, the store holds 4;/);
});

test('a centre is encrypted, takes another key, and does not start without one', async (t) => {
  const b = bench(t);
  const [first, second] = [b.at('first.key'), b.at('second.key')];
  for (const path of [first, second]) writeFileSync(path, randomBytes(32).toString('base64'));
  const configured = (name: string, encryption: object) => {
    writeFileSync(b.at(name), JSON.stringify({ centre: 'centre.example', folder: 'store', encryption }));
    return ['--config', b.at(name)];
  };
  const plain = configured('plain.json', {});
  const [old, next] = [
    configured('old.json', { keyFile: first }),
    configured('next.json', { keyCommand: ['cat', second] }),
  ];
  const refused = async (code: string, ...args: string[]) =>
    assert.equal(((await b.run(2, ...args)).error as { code: string }).code, code, args.join(' '));
  await b.run(0, 'init', ...plain, '--party', 'Host', '--device', 'Desk');
  await refused('config.value', 'encrypt', ...plain);
  await refused('encryption.absent', 'start', ...old);
  const { size, before } = await b.run(0, 'encrypt', ...old);
  assert.deepEqual([size, before], [3, `${b.at('store')}.before`]);
  await refused('command.usage', 'encrypt', ...old);
  await refused('encryption.needed', 'start', ...plain);
  await refused('command.usage', 'rekey', ...old);
  await refused('encryption.key', 'rekey', '--new-key-file', b.at('absent.key'), ...old);
  await b.run(0, 'rekey', '--new-key-file', second, ...old);
  await refused('encryption.wrong-key', 'start', ...old);
  assert.equal((await b.run(0, 'fsck', ...next)).size, 3);
  await b.run(0, 'backup', b.at('backup'), '--with-keys', ...next);
  await refused('encryption.needed', 'restore', b.at('backup'), '--to', b.at('restored'));
  await b.run(0, 'restore', b.at('backup'), '--to', b.at('restored'), ...next);
});

test('a wrong key of the configuration is named, and nothing starts', async (t) => {
  const b = bench(t);
  writeFileSync(b.at('parley.json'), '{"centre":"centre.example","listn":{"port":1}}');
  const { error } = await b.run(2, 'start', '--config', b.at('parley.json'));
  assert.deepEqual(error, {
    code: 'config.unknown',
    title: 'No such key in the configuration',
    at: 'listn',
    detail: `in ${b.at('parley.json')}`,
    params: {},
  });
  const missing = await b.run(2, 'fsck');
  assert.deepEqual((missing.error as { at: string }).at, 'folder');
});

test('in doubt of its store it ends with 75, and starts again', async (t) => {
  const b = bench(t);
  await b.run(0, 'init', '--folder', b.at('store'), ...initArgs);
  const centre = await running(b);
  const db = new DatabaseSync(b.at('store/log.sqlite'));
  db.exec(`create trigger broken before insert on records begin select raise(abort, 'broken'); end`);
  const invited = b.start('party', 'invite');
  assert.equal((await centre.ended).status, 75);
  assert.equal((await invited.ended).status, 3);
  db.exec('drop trigger broken');
  db.close();
  const second = await running(b);
  await b.run(0, 'party', 'invite');
  second.child.kill('SIGTERM');
  assert.equal((await second.ended).status, 0);
});

test('a centre says what it is accredited for, and warns of what lies above when that is lowered', async (t) => {
  const b = bench(t);
  const wrong = await b.run(2, 'init', '--folder', b.at('store'), '--accredited', 'geheim', ...initArgs);
  assert.equal((wrong.error as { at: string }).at, 'accredited');
  const made = await b.run(0, 'init', '--folder', b.at('store'), '--accredited', 'restricted', ...initArgs);
  assert.equal(made.accredited, 'restricted');
  const first = await running(b);
  assert.equal((await b.run(0, 'log')).accredited, 'restricted');
  await b.run(0, 'room', 'open', '--title', 'Summit', '--purposes', 'event-security');
  writeFileSync(b.at('object.json'), JSON.stringify({ type: 'url', id: `url--${randomUUID()}`, value: 'x' }));
  const share = ['share', b.at('object.json'), '--room', 'Summit', '--classification'];
  await b.run(1, ...share, 'secret');
  await b.run(0, ...share, 'restricted');
  first.child.kill('SIGTERM');
  assert.doesNotMatch((await first.ended).out, /classified higher/);

  const config = b.at('store/parley.json');
  const { accredited, ...rest } = JSON.parse(readFileSync(config, 'utf8'));
  assert.equal(accredited, 'restricted');
  writeFileSync(config, JSON.stringify(rest));
  const second = await running(b);
  const warned = JSON.parse(await second.line('classified higher'));
  assert.deepEqual([warned.accredited, warned.statements], ['unclassified', 1]);
  const { tasks } = await b.run(0, 'tasks');
  assert.deepEqual(
    (tasks as { what: string; detail: string }[]).map(({ what, detail }) => [what, detail]),
    [['classification', 'restricted']],
  );
  const refused = await b.run(1, ...share, 'restricted');
  assert.equal((refused.error as { code: string }).code, 'handling.classification');
  second.child.kill('SIGTERM');
  assert.equal((await second.ended).status, 0);
});
