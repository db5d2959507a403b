/** A message beside those that are known: whether it refers to all that it replaces, and to nothing wrong. */
import { chainsOf, endOf, Known } from './chain.ts';
import { error, type Finding, warning } from './findings.ts';
import { type Alert, referenceTo } from './message.ts';
import { nameOf } from './rules-header.ts';
import { instantOf } from './times.ts';

const path = '/alert/references';

/** @param others what the producer has sent before; the alert itself is not among them */
export function checkAmong(alert: Alert, others: readonly Alert[]): Finding[] {
  const known = new Known(others);
  return [
    ...checkNew(alert, known),
    ...alert.references.flatMap((reference) => checkReference(alert, reference, known)),
    ...checkComplete(alert, known),
  ];
}

function checkNew(alert: Alert, known: Known): Finding[] {
  if (known.named(alert).length === 0) return [];
  return [
    error(
      'identifier.known',
      '/alert/identifier',
      'The same alert was sent before',
      'an identifier that was never used',
    ),
  ];
}

function checkReference(alert: Alert, reference: Alert['references'][number], known: Known): Finding[] {
  const named = known.named(reference);
  const findings: Finding[] = [];
  if (named.length === 0)
    findings.push(warning('references.unknown', path, 'An alert that is not known here', nameOf(reference)));
  else if (!named.some(({ sent }) => sent === reference.sent))
    findings.push(
      error(
        'references.sent',
        path,
        'Not the time of the alert, byte for byte',
        named.map(({ sent }) => sent).join(' or '),
      ),
    );
  if (reaches(reference, alert, known))
    findings.push(
      error('references.circular', path, 'An alert that refers back to this one', 'earlier alerts only'),
    );
  return findings;
}

/** Whether what is referred to leads back to the alert, over however many messages. */
function reaches(from: Alert['references'][number], alert: Alert, known: Known): boolean {
  const seen = new Set<Alert>();
  const rest = [...known.meantBy(from)];
  for (let next = rest.pop(); next; next = rest.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    if (next.references.some((reference) => nameOf(reference) === nameOf(alert))) return true;
    rest.push(...known.meantByAll(next));
  }
  return false;
}

/** 3.2.1: an update or cancel refers to every message of its chain that has not expired. */
function checkComplete(alert: Alert, known: Known): Finding[] {
  if (alert.msgType !== 'Update' && alert.msgType !== 'Cancel') return [];
  const meant = known.meantByAll(alert);
  if (meant.size === 0) return [];
  const now = instantOf(alert.sent);
  const open = chainsOf(known)
    .filter((chain) => chain.some((message) => meant.has(message)))
    .flat()
    .filter((message) => message.msgType === 'Alert' || message.msgType === 'Update')
    .filter((message) => endOf(message) > now);
  const missing = open.filter((message) => !meant.has(message)).map(referenceTo);
  const findings: Finding[] = missing.map(({ sender, identifier, sent }) =>
    error(
      'references.incomplete',
      path,
      'A message of the chain is left out',
      `${sender},${identifier},${sent}`,
    ),
  );
  if (open.length === 0)
    findings.push(
      warning(
        'references.expired',
        path,
        `${alert.msgType} of what has expired`,
        'an alert of its own, if something is to be said',
      ),
    );
  return findings;
}
