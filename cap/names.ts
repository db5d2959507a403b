/** How a centre names what it sends as CAP: `spec/cap.md`. */

/** Carried in `code`, so that everyone can tell by which agreement the parameters are meant. */
export function codeOf(origin: string): string {
  return `urn:parley:cap:1.0:${origin}`;
}

/** What CAP has no element for. Each is the `valueName` of a `parameter`, behind the code. */
export const parameters = [
  'statement',
  'tlp',
  'classification',
  'source-reliability',
  'information-credibility',
  'authoritative-language',
  'urgent',
] as const;

export function parameterName(origin: string, name: (typeof parameters)[number]): string {
  return `${codeOf(origin)}:${name}`;
}

/** The identifier of what a statement says: its random id, which nobody can use twice. */
export function identifierOf(statementId: string): string {
  return `urn:uuid:${statementId}`;
}

/** CAP 1.2, 3.2.1: the sender is unique. A party is named by its fingerprint, which nobody else can have. */
export function senderOf(party: string, origin: string): string {
  return `${party}@${origin}`;
}

export interface Authority {
  /** ISO 3166-1, numeric. */
  readonly country: number;
  /** As registered with the country in WMO's Register of Alerting Authorities. */
  readonly authority: number;
}

/**
 * WMO-No. 1109 and ITU-T X.660: an object identifier under 2.49.0.1, the arc of published alerts. The instant and a
 * number make it unique; numbers of an object identifier have no leading zeros.
 */
export function wmoIdentifier({ country, authority }: Authority, sentMs: number, serial: number): string {
  const at = new Date(sentMs);
  const clock = [at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()];
  const day = [at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate()];
  return ['urn:oid:2.49.0.1', country, authority, ...day, ...clock, serial].join('.');
}
