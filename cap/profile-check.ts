/** A message against the rules of a profile. */
import type { Finding } from './findings.ts';
import type { Alert } from './message.ts';
import type { Profile, Rule } from './profile.ts';

interface Found {
  readonly value: unknown;
  readonly path: string;
}

/** The rules' names are those of the file with the profile's before them: `wmo-itu/identifier`. */
export function checkProfile(alert: Alert, profile: Profile): Finding[] {
  return profile.rules
    .filter(({ when }) => !when || applies(alert, when))
    .flatMap((rule) =>
      findings(alert, rule).map(({ path, message, wanted }) => ({
        rule: `${profile.id}/${rule.rule}`,
        level: rule.level,
        at: { path },
        message: rule.say ?? message,
        wanted,
      })),
    );
}

function applies(alert: Alert, when: NonNullable<Rule['when']>): boolean {
  const { status, msgType, scope } = when;
  return (
    (!status || status.includes(alert.status)) &&
    (!msgType || msgType.includes(alert.msgType)) &&
    (!scope || scope.includes(alert.scope))
  );
}

interface Broken {
  readonly path: string;
  readonly message: string;
  readonly wanted: string;
}

function findings(alert: Alert, rule: Rule): Broken[] {
  const steps = rule.at.split('/');
  const name = steps.pop() as string;
  let parents: Found[] = [{ value: alert, path: '/alert' }];
  for (const step of steps) parents = parents.flatMap((parent) => children(parent, step));
  const groups = parents.map((parent) => ({
    parent,
    found: children(parent, name).filter(({ value }) => isWhere(value, rule.where)),
  }));
  if (rule.count)
    return groups.flatMap(({ parent, found }) => countOf(parent, name, found, rule.count ?? {}));
  if (rule.same) return sameIn(groups, name);
  return groups.flatMap(({ parent, found }) => found.flatMap((item) => checkOne(item, parent, rule)));
}

function children({ value, path }: Found, name: string): Found[] {
  const child = (value as Readonly<Record<string, unknown>>)[name];
  if (child === undefined) return [];
  if (!Array.isArray(child)) return [{ value: child, path: `${path}/${name}` }];
  return child.map((item, i) => ({ value: item, path: `${path}/${name}[${i + 1}]` }));
}

/** Of a named value its value, of a text the text. */
function textOf(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'valueName' in value && 'value' in value)
    return String(value.value);
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function isWhere(value: unknown, where: Rule['where']): boolean {
  return Object.entries(where ?? {}).every(([name, pattern]) => {
    const inner = name === '.' ? value : (value as Readonly<Record<string, unknown>>)[name];
    return inner !== undefined && new RegExp(pattern, 'u').test(textOf(inner));
  });
}

function countOf(
  parent: Found,
  name: string,
  found: readonly Found[],
  { min = 0, max }: NonNullable<Rule['count']>,
): Broken[] {
  if (found.length < min)
    return [{ path: parent.path, message: `Too few ${name}: ${found.length}`, wanted: `${min} ${name}` }];
  if (max !== undefined && found.length > max)
    return [
      {
        path: (found[max] as Found).path,
        message: `Too many ${name}: ${found.length}`,
        wanted: `${max} ${name}`,
      },
    ];
  return [];
}

function sameIn(groups: readonly { parent: Found; found: readonly Found[] }[], name: string): Broken[] {
  const sets = groups.map(({ found }) =>
    JSON.stringify(found.map(({ value }) => JSON.stringify(value)).sort()),
  );
  return groups
    .filter((_, i) => sets[i] !== sets[0])
    .map(({ parent }) => ({
      path: parent.path,
      message: `Another ${name} than before`,
      wanted: `the same ${name} everywhere`,
    }));
}

function checkOne({ value, path }: Found, parent: Found, rule: Rule): Broken[] {
  const text = textOf(value);
  const broken = (message: string, wanted: string) => [{ path, message, wanted }];
  if (rule.oneOf && !rule.oneOf.includes(text))
    return broken('Not one of those that may stand here', rule.oneOf.join(', '));
  if (rule.pattern && !new RegExp(rule.pattern, 'u').test(text))
    return broken('Not of the form that is asked for', rule.pattern);
  if (rule.maxLength !== undefined && [...text].length > rule.maxLength)
    return broken('Too long', `${rule.maxLength} characters at most`);
  if (rule.anyOf && !rule.anyOf.some((name) => children({ value, path }, name).length > 0))
    return broken('None of those of which one is asked for', rule.anyOf.join(', '));
  const twin = rule.differentFrom?.find((name) =>
    children(parent, name).some((other) => textOf(other.value) === text),
  );
  return twin ? broken(`The same as ${twin}`, `another text than ${twin}`) : [];
}
