/** All that is wrong with a message, in one list with its lines: structure, rules, profiles. */
import { type Finding, located } from './findings.ts';
import type { Alert } from './message.ts';
import type { Profile } from './profile.ts';
import { checkProfile } from './profile-check.ts';
import { examine } from './read.ts';
import { check } from './rules.ts';

export interface Judged {
  /** Absent where the schema is not kept; then the findings say where. */
  readonly alert: Alert | undefined;
  readonly findings: readonly Finding[];
}

/** @throws xml.too-large, xml.doctype, xml.malformed, cap.version */
export function judge(bytes: Uint8Array, profiles: readonly Profile[] = []): Judged {
  const { alert, findings, places } = examine(bytes);
  if (!alert) return { alert, findings };
  const broken = [...check(alert), ...profiles.flatMap((profile) => checkProfile(alert, profile))];
  return { alert, findings: [...findings, ...located(broken, places)] };
}
