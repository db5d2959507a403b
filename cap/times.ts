/**
 * Times as CAP 1.2 writes them (3.3.2): the instant and the author's offset from UTC in one text. The text itself is
 * the value: `sent` must be byte for byte the same wherever it is referenced, so it is never made anew from an instant.
 */

const pattern = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)([+-])(\d\d):(\d\d)$/;

/** What `xs:dateTime` and the pattern of the schema let through: `+00:00` too, which the standard does not. */
export function isCapTime(text: string): boolean {
  const match = pattern.exec(text);
  if (!match) return false;
  const [, day = '', time = '', , hours = '', minutes = ''] = match;
  const within = Number(minutes) <= 59 && Number(hours) * 60 + Number(minutes) <= 14 * 60;
  // XML Schema Part 2, 3.2.7: the end of a day may be written as its 24th hour.
  const clock = time === '24:00:00' ? '00:00:00' : time;
  return within && day >= '0001' && isReal(`${day}T${clock}.000Z`);
}

function isReal(text: string): boolean {
  const ms = Date.parse(text);
  return !Number.isNaN(ms) && new Date(ms).toISOString() === text;
}

/** Milliseconds since 1970 of a CAP time. */
export function instantOf(time: string): number {
  return Date.parse(time.replace('-00:00', '+00:00'));
}

/** 3.3.2: UTC has the offset `-00:00`. */
export function isUtcMisspelt(time: string): boolean {
  return time.endsWith('+00:00');
}

/**
 * A CAP time, to the second below.
 * @param zone the author's: an IANA name such as `Europe/Berlin`, or minutes east of UTC
 */
export function capTime(ms: number, zone: string | number): string {
  const minutes = typeof zone === 'number' ? zone : offsetIn(zone, ms);
  const local = new Date(ms + minutes * 60_000).toISOString().slice(0, 19);
  const two = (n: number) => String(n).padStart(2, '0');
  const size = Math.abs(minutes);
  return `${local}${minutes > 0 ? '+' : '-'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/** Minutes east of UTC at that instant: summer time is the zone's affair. */
function offsetIn(zone: string, ms: number): number {
  const format = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' });
  const name = format.formatToParts(ms).find((part) => part.type === 'timeZoneName')?.value ?? '';
  const [, sign, hours = '0', minutes = '0'] = /([+-])(\d\d):(\d\d)/.exec(name) ?? [];
  const size = Number(hours) * 60 + Number(minutes);
  return sign === '-' ? -size : size;
}
