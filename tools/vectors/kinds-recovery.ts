/** What is said when keys are lost. */
import { base64 } from '@parley/core/bytes.ts';
import { enrolConsent } from '@parley/core/keys.ts';
import { actor, centre, embassy, harbour } from './cast.ts';
import { examples, later, short } from './kind.ts';
import { fresh, next, printed } from './recovery.ts';

const party = harbour.device;
const watch = actor('watch');

const recoverBody = {
  key: fresh.key,
  ends: later,
  consent: base64(fresh.signNow(enrolConsent(centre, party))),
  by: 'recovery' as const,
  recovery: next.key,
  revoke: true,
};
const pair: [string, string] = [embassy.device, watch.device];

export const recoveryKinds = {
  'party.recovery/1': examples(
    'party.recovery/1',
    { by: harbour, body: { recovery: printed.key, guardians: { parties: pair, delay: 72 } } },
    [{ body: { recovery: null } }, { body: { guardians: null } }],
    [
      [
        'one guardian',
        'header.malformed',
        '/body/guardians/parties',
        { body: { guardians: { parties: [pair[0]], delay: 72 } } },
      ],
      [
        'a guardian twice',
        'header.malformed',
        '/body/guardians/parties',
        { body: { guardians: { parties: [pair[0], pair[0]], delay: 72 } } },
      ],
      [
        'no delay',
        'header.malformed',
        '/body/guardians/delay',
        { body: { guardians: { parties: pair, delay: 0 } } },
      ],
      [
        'the printed code instead of its key',
        'header.malformed',
        '/body/recovery',
        { body: { recovery: 'RK-7K3QX' } },
      ],
    ],
  ),
  'party.recover/1': examples(
    'party.recover/1',
    { by: printed, body: recoverBody, parts: [{ name: 'New desk' }] },
    [{ body: { ends: null, recovery: null, revoke: false } }, { body: { by: 'guardians' } }],
    [
      ['by nobody', 'header.malformed', '/body/by', { body: { by: 'host' } }],
      ['a short key', 'header.malformed', '/body/key', { body: { key: short } }],
      ['not saying what ends', 'header.malformed', '/body/revoke', { body: { revoke: null } }],
      ['a nameless device', 'part.malformed', '/parts/0/name', { parts: [{ name: '' }] }],
    ],
  ),
  'party.readmit/1': examples(
    'party.readmit/1',
    { by: embassy, body: { party, key: fresh.key } },
    [],
    [['a name for a party', 'header.malformed', '/body/party', { body: { party: 'Harbour' } }]],
  ),
  'party.object/1': examples(
    'party.object/1',
    { by: harbour, body: { key: fresh.key } },
    [],
    [['a fingerprint for a key', 'header.malformed', '/body/key', { body: { key: fresh.device } }]],
  ),
};
