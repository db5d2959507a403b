/** What the logs of a centre are called: `centre.example/log/1`, and after each succession the next number. */
import { Refusal } from './errors.ts';

const number = /^[1-9]\d{0,3}$/;

export function logOrigin(centre: string, n: number): string {
  return `${centre}/log/${n}`;
}

/** Which of the centre's logs it is, from 1; null where it is none of them. */
export function logNumber(centre: string, origin: string): number | null {
  const start = `${centre}/log/`;
  const rest = origin.slice(start.length);
  return origin.startsWith(start) && number.test(rest) ? Number(rest) : null;
}

/** One log of the centre follows another. @throws header.malformed */
export function checkLogNames(
  centre: string,
  { log, before }: { readonly log: string; readonly before: { readonly log: string } },
): void {
  const [next, last] = [logNumber(centre, log), logNumber(centre, before.log)];
  if (next === null)
    throw new Refusal('header.malformed', { at: '/body/log', detail: `expected ${centre}/log/N` });
  if (last === null || next !== last + 1)
    throw new Refusal('header.malformed', { at: '/body/before/log', detail: 'expected the log before' });
}
