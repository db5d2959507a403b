/**
 * What CAP 1.2 asks of whoever produces a message and its schema cannot hold (3.1 to 3.3, and OASIS's own practice).
 * `spec/cap.md` lists the rules by name. What a profile adds is in `profile.ts`.
 */
import type { Finding } from './findings.ts';
import { type Alert, defaultLanguage } from './message.ts';
import { checkArea } from './rules-area.ts';
import { checkHeader } from './rules-header.ts';
import { checkInfo } from './rules-info.ts';
import { checkLanguages } from './rules-language.ts';

export { checkAmong } from './rules-among.ts';

export function check(alert: Alert): Finding[] {
  return [
    ...checkHeader(alert),
    ...checkLanguages(alert.info.map((info) => ({ ...info, language: info.language ?? defaultLanguage }))),
    ...alert.info.flatMap((info, i) => checkInfo(info, alert, `/alert/info[${i + 1}]`)),
    ...alert.info.flatMap((info, i) =>
      info.area.flatMap((area, j) => checkArea(area, `/alert/info[${i + 1}]/area[${j + 1}]`)),
    ),
  ];
}
