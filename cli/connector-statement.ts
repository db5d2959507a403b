/**
 * Why a connector does not see one statement, and what to do. Concluded from what this device sees itself and from what
 * the party enrolled: the centre is asked nothing that it would not tell a person of the party, and what is absent to
 * the party stays absent here.
 */
import { handlingOf, type Statement } from '@parley/core/statement.ts';
import type { ConnectorView } from '@parley/sdk/connectors.ts';

export interface Seen {
  readonly statement: Pick<Statement, 'header'>;
  readonly content: 'open' | 'erased';
}

const verdicts = {
  ended: 'The connector has ended, or was revoked: a token opens nothing then. Add a new one.',
  right: 'The connector may only write. Add one that reads.',
  absent:
    'Your party sees no such statement for this purpose, on this device. It was never said, is not for your party or not for this purpose, has ended, or was taken back; the centre tells nobody which. Personal data opens with a justification only: "parley open --purpose ID --justification TEXT", and ask again. Else ask whoever told you of it: who said it can see who could read it ("parley audience"), and pass it on ("parley pass-on").',
  erased: 'It was taken back, or its end has come. Nobody reads it any more.',
  room: 'It was said in another room than those that the connector was enrolled for. Add one for that room.',
  persons:
    'It holds personal data, and the connector has no right to it. Add one with --persons and --justification, if its purpose bears it.',
  open: 'Your party sees it for this purpose, and nothing that the connector was enrolled with keeps it away: let the client ask again. What it was refused before stands in "parley connector why".',
} as const;

export type Verdict = keyof typeof verdicts;

/** @param seen with a session for the connector's own purpose; null: it is absent there */
export function verdictOn(
  { revoked, ends, rights, rooms, justification }: ConnectorView,
  seen: Seen | null,
  now: number,
): Verdict {
  if (revoked !== null || (ends !== null && Date.parse(ends) <= now)) return 'ended';
  if (!rights.includes('read')) return 'right';
  if (seen === null) return 'absent';
  const { header } = seen.statement;
  if (seen.content === 'erased') return 'erased';
  const handling = handlingOf(header);
  if (handling?.to !== 'public' && !rooms.includes(header.room ?? '')) return 'room';
  if ((handling?.personal ?? false) !== false && justification === null) return 'persons';
  return 'open';
}

export function verdictInWords(verdict: Verdict): string {
  return verdicts[verdict];
}
