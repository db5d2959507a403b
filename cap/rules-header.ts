/** Of the alert itself (CAP 1.2, 3.2.1): its identity, what it refers to, for whom it is. */
import { error, type Finding, warning } from './findings.ts';
import type { Alert, msgTypes, Reference } from './message.ts';
import { isBlank } from './texts.ts';
import { instantOf, isUtcMisspelt } from './times.ts';

type MsgType = (typeof msgTypes)[number];
/** They mean nothing without the messages that they are about. */
const about: readonly MsgType[] = ['Update', 'Cancel', 'Ack', 'Error'];

export function checkHeader(alert: Alert): Finding[] {
  return [
    ...checkName('identifier', alert.identifier),
    ...checkName('sender', alert.sender),
    ...checkUtc('/alert/sent', alert.sent),
    ...checkReferences(alert),
    ...checkScope(alert),
    ...checkNote(alert),
  ];
}

/** References are triples with commas and spaces between them: a name that holds one cannot be referred to. */
function checkName(name: 'identifier' | 'sender', value: string): Finding[] {
  if (value !== '' && !/[\s,<&]/.test(value)) return [];
  return [error(name, `/alert/${name}`, `The ${name} cannot be referred to`, 'no spaces, commas, < or &')];
}

export function checkUtc(path: string, time: string | undefined): Finding[] {
  if (time === undefined || !isUtcMisspelt(time)) return [];
  return [warning('utc', path, 'UTC has another spelling', time.replace('+00:00', '-00:00'))];
}

function checkReferences(alert: Alert): Finding[] {
  const path = '/alert/references';
  const findings: Finding[] = [];
  if (about.includes(alert.msgType) && alert.references.length === 0)
    findings.push(
      error(
        'references.missing',
        path,
        `${alert.msgType} refers to nothing`,
        'every message of the chain that has not expired',
      ),
    );
  if (new Set(alert.references.map(nameOf)).size < alert.references.length)
    findings.push(error('references.twice', path, 'An alert is referred to twice', 'each alert once'));
  if (alert.references.some((reference) => nameOf(reference) === nameOf(alert)))
    findings.push(error('references.circular', path, 'The alert refers to itself', 'earlier alerts only'));
  if (alert.references.some(({ sent }) => instantOf(sent) > instantOf(alert.sent)))
    findings.push(
      error('references.later', path, 'An alert is referred to before it was sent', 'earlier alerts only'),
    );
  return findings;
}

export function nameOf({ sender, identifier }: Pick<Reference, 'sender' | 'identifier'>): string {
  return `${sender},${identifier}`;
}

function checkScope({ scope, restriction, addresses }: Alert): Finding[] {
  const findings: Finding[] = [];
  if (restriction !== undefined && scope !== 'Restricted')
    findings.push(
      error(
        'restriction',
        '/alert/restriction',
        `A restriction of what is ${scope}`,
        'scope Restricted, or none',
      ),
    );
  if (restriction === undefined && scope === 'Restricted')
    findings.push(
      error('restriction', '/alert', 'Restricted, and nobody can tell to whom', 'the rule in restriction'),
    );
  if (addresses.length === 0 && scope === 'Private')
    findings.push(
      error('addresses', '/alert', 'Private, and nobody is addressed', 'the recipients in addresses'),
    );
  return findings;
}

function checkNote({ status, msgType, note }: Alert): Finding[] {
  const missing = note === undefined || isBlank(note);
  if (missing && msgType === 'Error')
    return [warning('error.note', '/alert', 'A message is rejected without a reason', 'the reason in note')];
  if (missing && status === 'Exercise')
    return [
      warning(
        'exercise.note',
        '/alert',
        'Nobody can tell which exercise it is',
        'the name of the exercise in note',
      ),
    ];
  return [];
}
