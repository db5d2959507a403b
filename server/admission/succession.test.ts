import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { AnyHeader } from '@parley/core/statement.ts';
import { successionId } from '@parley/core/succession.ts';
import type { Actor } from '../testing/actor.ts';
import type { Readers } from './readers.ts';
import { checkOpening } from './succession.ts';
import { begin, type Setting } from './testing/setting.ts';

describe('the log that follows', () => {
  let s: Setting;
  before(async () => {
    s = await begin();
  });
  after(() => s.end());

  const body = (log: string, about: object = {}) => ({
    log,
    keys: s.world.centre.vkeys.map((key) => key.replace(/^[^+]+/, log)),
    before: { log: s.world.centre.origin, size: s.world.centre.head()?.size ?? 0, checkpoint: null },
    missing: null,
    why: 'rotation',
    ...about,
  });

  it('is opened by nobody while the centre runs, its own device included', async () => {
    const log = `${s.world.centre.name}/log/2`;
    for (const by of [s.centre, s.host, s.anna] satisfies Actor[])
      await assert.rejects(by.say('centre.succeed/1', body(log)), (error: { code?: string }) =>
        ['rule.broken', 'centre.only', 'header.malformed'].includes(error.code ?? ''),
      );
    assert.notEqual(successionId(log), successionId(`${s.world.centre.name}/log/3`));
  });

  it('while it is opened, nothing else is said: stopping', () => {
    const readers = { succeeding: `${s.world.centre.name}/log/2` } as Readers;
    assert.throws(() => checkOpening({ kind: 'room.open/1' } as AnyHeader, readers), { code: 'stopping' });
    checkOpening({ kind: 'centre.succeed/1' } as AnyHeader, readers);
    checkOpening({ kind: 'room.open/1' } as AnyHeader, { succeeding: null } as Readers);
  });
});
