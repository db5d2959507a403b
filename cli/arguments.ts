/** Reading the values of arguments and options. Whoever called us wrongly hears what would be right. */
import { Refusal } from '@parley/core/errors.ts';
import { instantText } from '@parley/core/fields.ts';
import { InvalidArgumentError, Option } from 'commander';

/** For an option that is given several times. */
export function collect(value: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), value];
}

/** `a,b` and several options both make a list. */
export function collectList(value: string, before: readonly string[] | undefined): string[] {
  const items = value.split(',').map((item) => item.trim());
  if (items.includes('')) throw new InvalidArgumentError('expected names with commas between them');
  return [...(before ?? []), ...items];
}

export function whole(least: number, most: number): (value: string) => number {
  return (value) => {
    const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
    if (!(number >= least && number <= most))
      throw new InvalidArgumentError(`expected a number from ${least} to ${most}`);
    return number;
  };
}

/** `0,2-4` into rising part numbers; given several times, they add up. */
export function collectNumbers(value: string, before: readonly number[] | undefined): number[] {
  const numbers = new Set(before ?? []);
  for (const piece of value.split(',')) {
    const [, from, to] = /^(\d{1,3})(?:-(\d{1,3}))?$/.exec(piece.trim()) ?? [];
    if (from === undefined || Number(to ?? from) > 255 || Number(to ?? from) < Number(from))
      throw new InvalidArgumentError('expected part numbers such as 0,2-4, from 0 to 255');
    for (let n = Number(from); n <= Number(to ?? from); n++) numbers.add(n);
  }
  return [...numbers].sort((a, b) => a - b);
}

const units: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** A day (its end), a time, or a span from now such as `12h`, `30d`, `2w`; as headers write times. */
export function when(value: string, now: number = Date.now()): string {
  const [, amount, unit] = /^(\d{1,4})([hdw])$/.exec(value) ?? [];
  const day = /^\d{4}-\d\d-\d\d$/.test(value);
  const zoned = /T.*(?:Z|[+-]\d\d:\d\d)$/.test(value);
  const ms =
    unit !== undefined
      ? now + Number(amount) * (units[unit] ?? 0)
      : day
        ? Date.parse(`${value}T23:59:59.999Z`)
        : zoned
          ? Date.parse(value)
          : Number.NaN;
  const text = Number.isNaN(ms) ? '' : new Date(ms).toISOString();
  if (!instantText.safeParse(text).success || (day && !text.startsWith(value)))
    throw new InvalidArgumentError(
      'expected a span such as 12h, 30d or 2w, a day such as 2026-05-31, or a time such as 2026-05-31T18:00:00Z',
    );
  return text;
}

/** For `--until` and its like: commander hands the value before as a second argument, which is not the clock. */
export function time(value: string): string {
  return when(value);
}

/** For an end, which must still come. */
export function laterTime(value: string): string {
  const now = Date.now();
  const text = when(value, now);
  if (Date.parse(text) <= now) throw new InvalidArgumentError('expected a time that is still to come');
  return text;
}

/** `HOST:PORT`, `[::1]:PORT` or `PORT` alone, which is on this machine only. */
export function hostAndPort(value: string): { host: string; port: number } {
  const [, six, four, port] = /^(?:(?:\[([0-9a-f:.]+)\]|([^:[\]]+)):)?(\d{1,5})$/i.exec(value) ?? [];
  if (port === undefined || Number(port) > 65_535) throw new InvalidArgumentError('expected HOST:PORT');
  return { host: six ?? four ?? '127.0.0.1', port: Number(port) };
}

/** `N=FILE`. */
export function numberedFile(
  value: string,
  before: ReadonlyMap<number, string> | undefined,
): ReadonlyMap<number, string> {
  const [, number, file] = /^(\d{1,3})=(.+)$/s.exec(value) ?? [];
  if (file === undefined || Number(number) > 255)
    throw new InvalidArgumentError('expected N=FILE, with N from 0 to 255');
  return new Map([...(before ?? []), [Number(number), file]]);
}

export function choice(flags: string, description: string, choices: readonly string[]): Option {
  return new Option(flags, description).choices(choices);
}

export function usage(detail: string): Refusal {
  return new Refusal('command.usage', { detail });
}

/** An example under the help of a command. */
export function example(...lines: readonly string[]): string {
  return `\n${lines.length > 1 ? 'Examples' : 'Example'}:\n${lines.map((line) => `  $ ${line}`).join('\n')}\n`;
}

/** The documented shape of what `--json` prints. */
export function shape(text: string): string {
  return `\nWith --json:\n  ${text.replaceAll('\n', '\n  ')}\n`;
}
