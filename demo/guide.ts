/** What the demonstration prints: who is who, how to sign in, and what is worth trying. */
import { join } from 'node:path';
import { names, type Role, roles, type Seat } from './exercise/cast.ts';
import type { Exercise } from './exercise/exercise.ts';
import { type Section, sections, type Trial } from './trials.ts';

/** @param folder of the demonstration, as it was given */
export function homeOf(folder: string, seat: Seat): string {
  return join(folder, 'homes', seat);
}

/** One line for a shell, from the directory where `npm run demo` was called. */
export function line(folder: string, { seat, args }: Pick<Trial, 'seat' | 'args'>): string {
  return ['npm run -s parley -- --home', quoted(homeOf(folder, seat)), ...args.map(quoted)].join(' ');
}

function quoted(text: string): string {
  return /^[\w./:@+,-]+$/.test(text) ? text : `"${text}"`;
}

export interface Told {
  readonly url: string;
  readonly folder: string;
  readonly records: number;
  readonly first: boolean;
}

/** What an unmodified client sends. */
export function curl(url: string, { sensors, festival }: Exercise): string {
  const path = new URL(`api/v1/rooms/${festival.room}/parts?limit=5`, url);
  return `curl --user sensors:${sensors.token} "${path}"`;
}

export function guide({ url, folder, records, first }: Told, exercise: Exercise): string {
  const width = Math.max(...roles.map((role) => names[role].length));
  const signIn = (role: Role) =>
    `  ${names[role].padEnd(width)}  ${line(folder, { seat: role, args: ['whoami'] })}`;
  const worth = sections(folder, exercise).map((section) => sectionText(folder, section));
  return `${first ? 'The exercise is played' : 'The exercise goes on where it ended'}: ${records} records in the log. The centre is at

  ${url}

Everything in it is invented. Sign in as:

${roles.map(signIn).join('\n')}

Worth trying, from another terminal:

${worth.join('\n')}
A client that cannot sign
  # it reads with a token; where it shares, everyone sees that the centre signed
  ${curl(url, exercise)}

Running the centre
  # read everything again and verify it
  npm run -s parley -- fsck --folder ${quoted(join(folder, 'centre'))}

Ctrl-C stops the centre. Remove ${quoted(folder)} to begin anew.
`;
}

function sectionText(folder: string, { heading, trials }: Section): string {
  const lines = trials.map((trial) => `  # ${trial.what}\n  ${line(folder, trial)}\n`);
  return `${heading}\n${lines.join('')}`;
}
