/** Commands as they must be typed here: who started the program with npm has no `parley` to type. */

import { homeDir } from './home.ts';

/** `tasks` into the whole command. */
export type Typed = (words: string) => string;

/** @param home as it was given with `--home`; one of the environment is there for the next command, too */
export function typedWith(env: Readonly<Record<string, string | undefined>>, home?: string): Typed {
  const start = `${program(env)}${home === undefined ? '' : ` --home ${quoted(home)}`}`;
  return (words) => `${start} ${words}`;
}

function program(env: Readonly<Record<string, string | undefined>>): string {
  if (env.npm_command === 'exec') return 'npx parley';
  return env.npm_command || env.npm_lifecycle_event ? 'npm run -s parley --' : 'parley';
}

/** Messages and help name commands as `"parley tasks"`, `$ parley tasks` and `look again: parley tasks`. */
export function retyped(text: string, typed: Typed): string {
  return text.replace(/(["“]|\$ |: )parley (?=[a-z])/g, (_, before: string) => `${before}${typed('')}`);
}

/** One word of a command, as a shell takes it: nothing in it is run or replaced there. */
export function quoted(text: string): string {
  if (/^[\w./:@=+,-]+$/.test(text)) return text;
  return /["$`\\!]/.test(text) ? `'${text.replaceAll("'", "'\\''")}'` : `"${text}"`;
}

/** The same for a home, where nobody knows any more how it was named. */
export function typedAt(env: Readonly<Record<string, string | undefined>>, dir: string): Typed {
  return typedWith(env, dir === homeDir(undefined, env) ? undefined : dir);
}
