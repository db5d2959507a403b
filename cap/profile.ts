/**
 * What a profile asks for beyond the standard, as data: a file that an operator can write. Its rules name elements by
 * their path and say what is wanted of them, and that is all they can do: nothing in a file is executed. Patterns are
 * the operator's own, and are not taken from strangers.
 */
import { Refusal } from '@parley/core/errors.ts';
import { z } from 'zod';
import { alertGrammar, type Grammar, isLeaf } from './grammar.ts';
import { msgTypes, scopes, statuses } from './message.ts';

export const profileFormat = 'parley.cap-profile/1';

const pattern = z.string().refine(isPattern, 'expected a regular expression');
const names = z.array(z.string().min(1)).min(1);

const rule = z
  .strictObject({
    rule: z.string().regex(/^[A-Za-z][A-Za-z0-9.-]{0,63}$/),
    level: z.enum(['error', 'warning']),
    /** What is shown instead of what the engine would say. */
    say: z.string().min(1).optional(),
    /** Only of such messages. */
    when: z
      .strictObject({
        status: z.array(z.enum(statuses)).optional(),
        msgType: z.array(z.enum(msgTypes)).optional(),
        scope: z.array(z.enum(scopes)).optional(),
      })
      .optional(),
    /** The elements, from the alert: `info/area/polygon`. */
    at: z.string().regex(/^[A-Za-z]+(\/[A-Za-z]+){0,3}$/),
    /** Only those of which each named child, or with `.` the element itself, matches. */
    where: z.record(z.string(), pattern).optional(),
    /** How many of them in each of their parents. */
    count: z.strictObject({ min: z.int().min(0).optional(), max: z.int().min(0).optional() }).optional(),
    oneOf: z.array(z.string()).min(1).optional(),
    pattern: pattern.optional(),
    /** Characters. */
    maxLength: z.int().min(1).optional(),
    /** At least one of these children. */
    anyOf: names.optional(),
    /** The text of none of these, beside it. */
    differentFrom: names.optional(),
    /** The same in each of the parents. */
    same: z.literal(true).optional(),
  })
  .refine(
    ({ at, where, when, say, rule: id, level, ...checks }) =>
      Object.values(checks).filter((check) => check !== undefined).length === 1,
    'expected one check',
  );

const shape = z.strictObject({
  profile: z.literal(profileFormat),
  id: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/),
  title: z.string().min(1),
  rules: z.array(rule).min(1).max(500),
});

export type Rule = z.infer<typeof rule>;
export type Profile = z.infer<typeof shape>;

function isPattern(text: string): boolean {
  try {
    new RegExp(text, 'u');
    return true;
  } catch {
    return false;
  }
}

/** @throws cap.profile: a misspelt element would be a rule that never finds anything */
export function readProfile(json: unknown): Profile {
  const result = shape.safeParse(json);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new Refusal('cap.profile', {
      at: (issue?.path ?? []).map(String).join('/'),
      ...(issue ? { detail: issue.message } : {}),
    });
  }
  for (const [i, { at, where, anyOf, differentFrom }] of result.data.rules.entries()) {
    const steps = at.split('/');
    const beside = steps.slice(0, -1);
    const inside = [...Object.keys(where ?? {}).filter((name) => name !== '.'), ...(anyOf ?? [])];
    const paths = [
      steps,
      ...inside.map((name) => [...steps, name]),
      ...(differentFrom ?? []).map((name) => [...beside, name]),
    ];
    const unknown = paths.find((path) => !exists(path));
    if (unknown)
      throw new Refusal('cap.profile', {
        at: `rules/${i}`,
        detail: `CAP 1.2 has no element ${unknown.join('/')}`,
      });
  }
  return result.data;
}

function exists(steps: readonly string[]): boolean {
  let here: Grammar | undefined = alertGrammar;
  for (const step of steps) {
    const field: Grammar[number] | undefined = here?.find(({ name }) => name === step);
    if (!field) return false;
    here = isLeaf(field.type) ? undefined : field.type;
  }
  return true;
}
