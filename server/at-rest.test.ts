/** What somebody finds who takes the disk: nothing that was said, by whom, why, or with which key. */
import assert from 'node:assert/strict';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it, type TestContext } from 'node:test';
import { base64, utf8 } from '@parley/core/bytes.ts';
import { vaultOf } from './at-rest.ts';
import { backUp } from './backup.ts';
import { checkCentre } from './check-centre.ts';
import { loadConfig } from './config.ts';
import { encryptFolder, plainBeside } from './encrypt.ts';
import { pathsIn } from './paths.ts';
import { rebuildProjections } from './rebuild.ts';
import { restore } from './restore.ts';
import { journalSeals, projectionSeals } from './storage/column-seals.ts';
import { indicator } from './testing/actor.ts';
import { addConnector } from './testing/connectors.ts';
import { editing } from './testing/editing.ts';
import { shareFiles, textFile } from './testing/files.ts';
import { forgetDatabase, located, placeOf } from './testing/located.ts';
import { ofSqliteAlone } from './testing/postgres.ts';
import { World } from './testing/world.ts';
import { openVault, saveVault } from './vault/data-key.ts';
import { Vault } from './vault/vault.ts';

const outer = crypto.getRandomValues(new Uint8Array(32));

/** Where each of these would be found: parts, terms, names, journals, keys. */
const marks = {
  text: 'mark-text-7f3a',
  title: 'mark-title-51bc',
  party: 'mark-party-90de',
  justification: 'mark-why-22c8',
  person: 'mark-person-ab12',
  pem: 'PRIVATE KEY',
  file: 'mark-file-63aa',
  connector: 'mark-connector-key-0d11',
  stixId: 'identity--7a1f4c1e-5d4b-4f0e-9f7e-0123456789ab',
};

function bytesIn(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => `${path}\n${readFileSync(path, 'latin1')}`)
    .join('\n');
}

async function found(folder: string): Promise<string[]> {
  const bytes = `${bytesIn(folder)}${await rowsIn(folder)}`;
  return Object.entries(marks).flatMap(([name, mark]) => (bytes.includes(mark) ? [name] : []));
}

/** What stands in its database, where it has one: texts and bytes of every row. */
async function rowsIn(folder: string): Promise<string> {
  if (located(folder).database === null) return '';
  const all: string[] = [];
  for (const which of ['log', 'journals'] as const) {
    const { run, tables } = editing(folder, which);
    for (const name of await tables())
      for (const row of await run(`select * from "${name}"`))
        for (const value of Object.values(row))
          all.push(Buffer.isBuffer(value) ? value.toString('latin1') : String(value));
  }
  return all.join('\n');
}

function sessionsIn(folder: string): number {
  const db = new DatabaseSync(pathsIn(folder).journals, { readOnly: true });
  try {
    return Number(db.prepare('select count(*) as n from sessions').get()?.n);
  } finally {
    db.close();
  }
}

async function told(t: TestContext, vault: Vault | null) {
  const world = await World.begin({ vault });
  const elsewhere = mkdtempSync(join(tmpdir(), 'parley-'));
  t.after(async () => {
    await world.end();
    rmSync(elsewhere, { recursive: true });
  });
  if (vault) saveVault(pathsIn(world.folder).vault, vault, outer);
  const { centre, host } = world;
  const friend = await world.party(marks.party);
  const room = await world.room([friend], { title: marks.title });
  await shareFiles(host, await world.room([friend]), [textFile(marks.file)]);
  const holder = { device: friend.signer.device, party: friend.party };
  await centre.journals.connectors.offer(holder, utf8(marks.connector), centre.now());
  const said = await host.share(room, [indicator(marks.text, { id: marks.stixId }), indicator('kept')]);
  await friend.read(room, { justification: marks.justification });
  await centre.journals.accesses.recordAccess({
    ...{ at: centre.now(), party: friend.party, device: friend.signer.device, purpose: 'event-security' },
    ...{
      person: marks.person,
      justification: marks.justification,
      route: 'parts',
      list: [{ index: 1, parts: [0] }],
    },
  });
  const session = { now: centre.now(), ttl: 60_000_000, party: friend.party, device: friend.signer.device };
  const { person, justification } = marks;
  const token = await centre.journals.sessions.open({ ...session, purpose: 'x', person, justification });
  return { world, room, said, friend, token, into: (name: string) => join(elsewhere, name) };
}

describe('an encrypted centre', () => {
  it('leaves no mark in any byte of its folder, which a plain one does', async (t) => {
    const plain = await told(t, null);
    assert.deepEqual((await found(plain.world.folder)).sort(), Object.keys(marks).sort());
    const sealed = await told(t, Vault.make());
    assert.deepEqual(await found(sealed.world.folder), []);
    await sealed.world.centre.stop();
    assert.deepEqual(await found(sealed.world.folder), []);
    await sealed.world.restart();
  });

  it('has no text and no bytes in its tables that are neither sealed nor listed as plain', async (t) => {
    const vault = Vault.make();
    const { world } = await told(t, vault);
    const own = new Set(
      'records parts condemned tiles head cosigned meta vault projection file file_chunk'.split(' '),
    );
    for (const [of, seals] of [
      ['log', projectionSeals(vault)],
      ['journals', journalSeals(vault)],
    ] as const) {
      const { run, tables } = editing(world.folder, of);
      for (const name of (await tables()).filter((name) => !own.has(name)))
        for (const row of await run(`select * from "${name}"`))
          for (const [column, value] of Object.entries(row))
            if ((typeof value === 'string' && !/^\d+$/.test(value)) || value instanceof Uint8Array)
              if (seals?.isSealed(column))
                assert.notDeepEqual(seals.open(value), value, `${name}.${column} stands plain`);
    }
  });

  it('reads, finds, records and takes back as a plain one', async (t) => {
    const vault = Vault.make();
    const { world, room, said, friend, token } = await told(t, vault);
    assert.deepEqual((await friend.names(room)).sort(), ['kept', marks.text].sort());
    const { journals } = world.centre;
    assert.equal((await journals.sessions.find(token, world.centre.now()))?.person, marks.person);
    const { accesses } = await journals.accesses.ofParty(friend.party, null, 10);
    assert.ok(accesses.some((access) => access.person === marks.person));
    await world.host.recall(room, said.ref);
    assert.deepEqual(await friend.names(room), []);
    await world.restart();
    assert.deepEqual(world.doubts, []);
    const report = await checkCentre({ ...located(world.folder), vault });
    assert.equal(report.erased + report.condemned, 2);
    await world.centre.stop();
    assert.equal((await rebuildProjections(placeOf(world.folder, vault))).equal, true);
    await world.restart();
  });

  it('finds out what was put into another row or changed', async (t) => {
    const vault = Vault.make();
    const { world } = await told(t, vault);
    const copy = await world.copy();
    t.after(async () => {
      await forgetDatabase(copy);
      rmSync(copy, { recursive: true });
    });
    await editing(copy).run(
      `update parts set bytes = (select bytes from parts p where p.number > parts.number limit 1)
       where number = (select min(number) from parts)`,
    );
    await assert.rejects(checkCentre({ ...located(copy), vault }), { code: 'store.corrupt' });
  });

  it('has backups that are encrypted with the same key, and come back', {
    skip: ofSqliteAlone,
  }, async (t) => {
    const vault = Vault.make();
    const { world, into } = await told(t, vault);
    const { files } = await backUp(world.folder, into('backup'), { withKeys: true, vault });
    assert.ok(files.some(({ name }) => name === 'vault.json'));
    assert.deepEqual(await found(into('backup')), []);
    await assert.rejects(restore(into('backup'), into('blind')), { code: 'encryption.needed' });
    const opened = openVault(pathsIn(into('backup')).vault, outer);
    const { report } = await restore(into('backup'), into('restored'), () => {}, opened);
    assert.equal(report.size, world.centre.head()?.size);
    assert.deepEqual(await found(into('restored')), []);
    assert.equal(sessionsIn(into('backup')) > 0, true);
    assert.equal(sessionsIn(into('restored')), 0);
  });
});

describe('a plain centre', { skip: ofSqliteAlone }, () => {
  it('has a backup encrypted by itself', async (t) => {
    const { world, into } = await told(t, null);
    await backUp(world.folder, into('backup'), { withKeys: true, outer });
    assert.deepEqual(await found(into('backup')), []);
    const vault = openVault(pathsIn(into('backup')).vault, outer);
    const { report } = await restore(into('backup'), into('restored'), () => {}, vault);
    assert.equal(report.size, world.centre.head()?.size);
  });

  it('is encrypted as a whole, and again under another data key', async (t) => {
    const { world, room, friend } = await told(t, null);
    const { folder } = world;
    const client = await addConnector(friend, { rooms: [room] });
    await world.centre.stop();
    t.after(() => rmSync(`${folder}.before`, { recursive: true, force: true }));
    const steps = new Set<string>();
    writeFileSync(join(folder, 'policy'), 'witness north', { mode: 0o640 });
    writeFileSync(pathsIn(folder).restored, '');
    mkdirSync(join(folder, 'certificates'));
    writeFileSync(join(folder, 'certificates', 'tls.pem'), 'a certificate');
    await encryptFolder(folder, null, outer, ({ step }) => steps.add(step));
    assert.deepEqual(plainBeside(folder), ['certificates', 'policy']);
    assert.equal(readFileSync(join(folder, 'policy'), 'utf8'), 'witness north');
    assert.equal(readFileSync(join(folder, 'certificates', 'tls.pem'), 'utf8'), 'a certificate');
    assert.ok(existsSync(pathsIn(folder).restored), 'witnesses are asked at the next start all the same');
    assert.ok(['copying', 'log', 'projections'].every((step) => steps.has(step)));
    assert.deepEqual(await found(folder), []);
    assert.ok((await found(`${folder}.before`)).length > 0);
    const first = openVault(pathsIn(folder).vault, outer);
    await assert.rejects(encryptFolder(folder, first, outer), { code: 'store.present' });
    rmSync(`${folder}.before`, { recursive: true });
    await encryptFolder(folder, first, outer);
    const second = openVault(pathsIn(folder).vault, outer);
    assert.notEqual(second.id, first.id);
    await world.restart({ vault: second });
    const holder = await world.centre.journals.connectors.find(client.token);
    assert.deepEqual(holder, { device: client.device, party: friend.party });
    assert.equal(sessionsIn(folder), 0);
    assert.deepEqual((await friend.names(room)).sort(), ['kept', marks.text].sort());
    await checkCentre({ folder, vault: second });
  });

  it('is encrypted by the next run where one was cut off between its last steps', async (t) => {
    const { world } = await told(t, null);
    const { folder } = world;
    await world.centre.stop();
    t.after(() => rmSync(`${folder}.before`, { recursive: true, force: true }));
    cpSync(folder, `${folder}.encrypted`, { recursive: true });
    renameSync(folder, `${folder}.before`);
    const { report } = await encryptFolder(folder, null, outer);
    assert.equal(report, null);
    assert.ok(existsSync(pathsIn(folder).log) && !existsSync(`${folder}.encrypted`));
    await world.restart();
  });
});

it('configuration and folder must say the same, and the key must be the right one', async (t) => {
  const { world, into } = await told(t, Vault.make());
  const plain = await told(t, null);
  const [right, wrong] = [into('right'), into('wrong')];
  writeFileSync(right, base64(outer));
  writeFileSync(wrong, base64(crypto.getRandomValues(new Uint8Array(32))));
  const inside = join(world.folder, 'inside');
  writeFileSync(inside, base64(outer));
  const opened = (folder: string, given: Record<string, unknown>, env = {}) =>
    vaultOf(loadConfig(undefined, {}, { ...located(folder), ...given }), env);
  assert.ok(opened(world.folder, { 'encryption.keyFile': right }));
  assert.ok(opened(world.folder, { 'encryption.keyEnv': 'STORE_KEY' }, { STORE_KEY: base64(outer) }));
  assert.ok(
    opened(world.folder, {
      'encryption.keyCommand': [process.execPath, '-p', `fs.readFileSync(${JSON.stringify(right)}, 'utf8')`],
    }),
  );
  assert.equal(opened(plain.world.folder, {}), null);
  const cases: readonly [string, Record<string, unknown>, string][] = [
    [world.folder, {}, 'encryption.needed'],
    [world.folder, { 'encryption.keyFile': wrong }, 'encryption.wrong-key'],
    [world.folder, { 'encryption.keyFile': into('absent') }, 'encryption.key'],
    [world.folder, { 'encryption.keyFile': inside }, 'encryption.key'],
    [world.folder, { 'encryption.keyEnv': 'STORE_KEY' }, 'encryption.key'],
    [world.folder, { 'encryption.keyFile': right, 'encryption.keyEnv': 'STORE_KEY' }, 'config.value'],
    [plain.world.folder, { 'encryption.keyFile': right }, 'encryption.absent'],
    [into('nowhere'), { 'encryption.keyFile': right }, 'store.absent'],
  ];
  for (const [folder, given, code] of cases)
    assert.throws(() => opened(folder, given), { code }, JSON.stringify(given));
  await world.centre.stop();
  await assert.rejects(World.on(world.folder), { code: 'encryption.needed' });
  await assert.rejects(World.on(world.folder, { vault: Vault.make() }), { code: /store.corrupt|encryption/ });
  await world.restart();
});
