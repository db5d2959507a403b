/** What the demonstration prints: who is who, how to sign in, and what is worth trying. Every line is a command. */
import { join } from 'node:path';
import type { StatementRef } from '@parley/core/fields.ts';
import { names, type Role, roles } from './exercise/cast.ts';
import type { Exercise } from './exercise/exercise.ts';

export interface Trial {
  readonly role: Role;
  readonly what: string;
  /** As a shell splits them, without `--home`. */
  readonly args: readonly string[];
}

/** @param folder of the demonstration, as it was given */
export function homeOf(folder: string, role: Role): string {
  return join(folder, 'homes', role);
}

export function trials({ festival, corridor }: Exercise): readonly Trial[] {
  const id = ({ id }: StatementRef) => id.slice(0, 8);
  const whole = ({ party, id }: StatementRef) => `${party}/${id}`;
  const room = ['--room', 'Harbour Festival'];
  const trial = (role: Role, what: string, ...args: string[]): Trial => ({ role, what, args });
  return [
    trial('embassy', 'read what the room says, for the security of the event', 'read', ...room),
    trial('embassy', 'count what another purpose or a justification would open', 'locked', ...room),
    trial(
      'embassy',
      'open personal data with a justification; the step is recorded',
      ...['open', '--justification', 'Guests walk past gate 2 at 19:00'],
    ),
    trial('embassy', 'see the same reading as the own party sees it', 'accesses', '--limit', '5'),
    trial('norvane', 'see who read what was shared', 'readers', id(festival.passes)),
    trial('halvern', 'see who has answered for what was taken back', 'recalls'),
    trial('ostrey', 'see what is owed, a missing answer among it', 'tasks'),
    trial(
      'lantern',
      'read what was passed on with consent, though the room was declined',
      ...['show', whole(festival.drone), '--purpose', 'threat-prevention'],
    ),
    trial('quorra', 'read the convoys of the other room', 'read', '--room', 'Corridor Watch'),
    trial('city', 'see the terms, and who is in', 'room', 'show', 'Harbour Festival'),
    trial(
      'norvane',
      'fetch a receipt that proves offline what was said',
      'receipt',
      'get',
      id(festival.passes),
    ),
    trial('lantern', 'ask who may read the convoy', 'readers', id(corridor.convoy)),
    trial('ostrey', 'audit the centre from outside', 'verify'),
  ];
}

/** One line for a shell, from the directory where `npm run demo` was called. */
export function line(folder: string, { role, args }: Pick<Trial, 'role' | 'args'>): string {
  return ['npm run -s parley -- --home', quoted(homeOf(folder, role)), ...args.map(quoted)].join(' ');
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

export function guide({ url, folder, records, first }: Told, exercise: Exercise): string {
  const width = Math.max(...roles.map((role) => names[role].length));
  const signIns = roles.map(
    (role) => `  ${names[role].padEnd(width)}  ${line(folder, { role, args: ['whoami'] })}`,
  );
  const worth = trials(exercise).map(
    (trial) => `  # ${names[trial.role]}: ${trial.what}\n  ${line(folder, trial)}\n`,
  );
  return `${first ? 'The exercise is played' : 'The exercise goes on where it ended'}: ${records} records in the log. The centre is at

  ${url}

Everything in it is invented. Sign in as:

${signIns.join('\n')}

Worth trying, from another terminal:

${worth.join('\n')}
  # whoever runs the centre: read everything again and verify it
  npm run -s parley -- fsck --folder ${quoted(join(folder, 'centre'))}

Ctrl-C stops the centre. Remove ${quoted(folder)} to begin anew.
`;
}
