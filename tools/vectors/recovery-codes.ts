import { base64 } from '@parley/core/bytes.ts';
import { recoveryCode, recoverySeed } from '@parley/core/keys.ts';
import { actorFrom, bad, type Example, good } from './cast.ts';

const codeOf = (name: string, spelled: string): Example =>
  good(name, { spelled, seed: base64(recoverySeed(spelled)), key: actorFrom(recoverySeed(spelled)).key });
const wrong = (name: string, spelled: string): Example => bad(name, 'key.malformed', undefined, { spelled });
const code = recoveryCode(Uint8Array.from({ length: 25 }, (_, i) => i * 7));

/** Printed recovery keys, as people type them. */
export const recoveryCodes: Example[] = [
  codeOf('as printed', code),
  codeOf('as typed', ` ${code.toLowerCase().replaceAll('-', ' ')} `),
  codeOf('without its beginning', code.slice(3)),
  codeOf('I and L are 1, O is 0', 'RK-ILOil-00000-00000-00000-00000'),
  wrong('a group too few', code.slice(0, -6)),
  wrong('a letter that is none', 'RK-UUUUU-00000-00000-00000-00000'),
  wrong('nothing', ''),
];
