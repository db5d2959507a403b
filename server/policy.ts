/** The witnesses that the configuration names. */
import { readFileSync } from 'node:fs';
import { Refusal } from '@parley/core/errors.ts';
import { type Policy, parsePolicy } from '@parley/core/policy.ts';
import type { Config } from './config.ts';

/** Null: none. @throws file.unreadable, policy.malformed */
export function policyOf({ witnesses }: Config): Policy | null {
  if (witnesses === null) return null;
  try {
    return parsePolicy(readFileSync(witnesses, 'utf8'));
  } catch (cause) {
    if (cause instanceof Refusal) throw cause;
    throw new Refusal('file.unreadable', { at: witnesses, cause });
  }
}
