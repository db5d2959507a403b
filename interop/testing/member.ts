/** A party that joins a running centre, and types at the program. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { parley, temporary } from '@parley/cli/testing/terminal.ts';
import type { Level } from '@parley/core/terms.ts';
import { memoryInRam, openCentre } from '@parley/sdk/centre.ts';
import type { Served } from '../../server/testing/served.ts';

export interface Member {
  readonly party: string;
  readonly home: string;
  readonly attempt: (...args: string[]) => ReturnType<typeof parley>;
  /** What succeeds, and its output. */
  readonly run: (...args: string[]) => Promise<string>;
  readonly json: <T>(...args: string[]) => Promise<T>;
  /** The path of a file in its home that holds this, as JSON unless it is a text. */
  readonly file: (content: unknown) => string;
}

/** Invited by the host, joined, and reading for `event-security`. */
export async function memberAt(
  served: Served,
  t: TestContext,
  name: string,
  { level = null, justification }: { readonly level?: Level | null; readonly justification?: string } = {},
): Promise<Member> {
  const { signer, party: host } = served.world.host;
  const centre = await openCentre(served.url, { memory: memoryInRam() });
  const session = await centre.session({ signer, party: host, purpose: 'event-security' });
  const { code } = await session.inviteParty({ level });
  const home = temporary(t);
  const attempt = (...args: string[]) => parley([...args, '--home', home]);
  const run = async (...args: string[]) => {
    const { status, out, err } = await attempt(...args);
    assert.equal(status, 0, `${args.join(' ')}: ${err}`);
    return out;
  };
  const json = async <T>(...args: string[]) => JSON.parse(await run(...args, '--json')) as T;
  const file = (content: unknown) => {
    const path = join(home, `${crypto.randomUUID()}.json`);
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };
  await run('join', served.url, code, '--name', name, '--device', 'Desk');
  const why = justification === undefined ? [] : ['--justification', justification];
  await run('open', '--purpose', 'event-security', ...why);
  const { party } = await json<{ party: string }>('whoami');
  return { party, home, attempt, run, json, file };
}
