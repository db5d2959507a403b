/** Commands as they must be typed here: who started the program with npm has no `parley` to type. */

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

/** Messages and help name commands as `"parley tasks"` and `$ parley tasks`. */
export function retyped(text: string, typed: Typed): string {
  return text.replace(/(["“]|\$ )parley (?=[a-z])/g, (_, before: string) => `${before}${typed('')}`);
}

/** One word of a command, as a shell takes it. */
export function quoted(text: string): string {
  return /^[\w./:@+,-]+$/.test(text) ? text : `"${text}"`;
}
