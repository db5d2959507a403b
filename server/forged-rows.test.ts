/** Who writes into the journals of an encrypted store without its key is let in nowhere. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it, type TestContext } from 'node:test';
import { addConnector, bearer } from './testing/connectors.ts';
import { type Editing, editing } from './testing/editing.ts';
import { serve } from './testing/served.ts';
import { World } from './testing/world.ts';
import { Vault } from './vault/vault.ts';

describe('who writes into an encrypted store without its key', () => {
  async function begun(t: TestContext) {
    const vault = Vault.make();
    const world = await World.begin({ vault });
    t.after(() => world.end());
    const friend = await world.party('A');
    const room = await world.room([friend]);
    const { party, signer } = friend;
    const { sessions } = world.centre.journals;
    const token = await sessions.open({
      ...{ party, device: signer.device, person: 'duty-3', purpose: 'event-security', justification: 'why' },
      ...{ now: world.centre.now(), ttl: 3_600_000_000 },
    });
    const client = await addConnector(friend, { rooms: [room] });
    const found = async (given: string) => {
      const { journals, now } = world.centre;
      const session = await journals.sessions.find(given, now());
      return session ?? (await journals.connectors.find(given));
    };
    assert.ok((await found(token)) && (await found(client.token)));
    const write = async (work: (db: Editing) => Promise<unknown>) => {
      await world.centre.stop();
      await work(editing(world.folder, 'journals'));
      await world.restart();
    };
    return { world, room, friend, token, client, found, write };
  }

  const hashOf = (token: string) => createHash('sha256').update(token).digest();

  it('opens no session: none of its own, none that is altered', async (t) => {
    const { world, room, friend, token, found, write } = await begun(t);
    const { party, signer } = friend;
    const own = 'A'.repeat(43);
    await write((db) => {
      const [opened, expires] = [Date.now() * 1_000, (Date.now() + 3_600_000) * 1_000];
      return db.run(
        `insert into sessions (token, party, device, person, purpose, justification, opened, expires)
         values (?, ?, ?, null, 'event-security', null, ?, ?)`,
        ...[hashOf(own), party, signer.device, opened, expires],
      );
    });
    assert.equal(await found(own), null);
    const served = await serve(world);
    const { status } = await fetch(`${served.url}/api/v1/rooms/${room}/parts`, { headers: bearer(own) });
    assert.equal(status, 401);
    assert.ok(await found(token));
    const { host } = world;
    const changes = [
      `party = '${host.party}', device = '${host.signer.device}'`,
      `purpose = 'threat-prevention'`,
      'person = null',
      `justification = 'another'`,
      'opened = opened - 1',
      'expires = expires + 1',
      'seal = null',
      `seal = (select seal from connectors where seal is not null)`,
    ];
    const { run } = editing(world.folder, 'journals');
    for (const change of changes) {
      await run('create table kept as select * from sessions');
      await run(`update sessions set ${change}`);
      assert.equal(await found(token), null, change);
      for (const text of [
        'delete from sessions',
        'insert into sessions select * from kept',
        'drop table kept',
      ])
        await run(text);
      assert.ok(await found(token), change);
    }
    await served.end();
  });

  it('opens no connector, and offers no key as the centre’s', async (t) => {
    const { world, friend, client, found, write } = await begun(t);
    const own = `parleyc_${'A'.repeat(43)}`;
    const { party, signer } = friend;
    const device = 'ab'.repeat(32);
    await write((db) => {
      return db.run(
        'insert into connectors (device, party, token, key, made) values (?, ?, ?, ?, ?)',
        ...[device, party, hashOf(own), Buffer.from('key'), Date.now() * 1_000],
      );
    });
    const { journals, now } = world.centre;
    assert.equal(await found(own), null);
    assert.equal(await journals.connectors.isOffered({ device, party }, now()), false);
    await write(async (db) => {
      await db.run('delete from connectors where seal is null');
      await db.run(`update connectors set party = '${world.host.party}' where device = '${client.device}'`);
    });
    assert.equal(await found(client.token), null);
    // Another connector of the same party, which may do more.
    await write((db) => db.run(`update connectors set party = '${party}', device = '${signer.device}'`));
    assert.equal(await found(client.token), null);
  });
});
