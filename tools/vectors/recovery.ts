/** How a party comes back: chains with a recovery key and with guardians, forged ones too. */
import { base64 } from '@parley/core/bytes.ts';
import { enrolConsent } from '@parley/core/keys.ts';
import type { EnvelopeJson } from '@parley/core/statement.ts';
import {
  type Actor,
  actor,
  bad,
  centre,
  type Example,
  embassy,
  good,
  harbour,
  header,
  host,
  partsOf,
  signed,
  spokenAt,
} from './cast.ts';
import { enrol, found } from './chain.ts';

export const printed = actor('recovery');
export const next = actor('recovery/next');
export const fresh = actor('fresh');
const other = actor('other');
/** A second guardian, beside the embassy. */
const watch = actor('watch');
const party = harbour.device;
const hour = 3_600_000;

const after = (hours: number): string => new Date(Date.parse(spokenAt) + hours * hour).toISOString();
const at = (value: Record<string, unknown>, hours: number) => ({ ...value, at: after(hours) });

interface Arranged {
  readonly key?: Actor | null;
  readonly guardians?: readonly Actor[] | null;
  readonly by?: Actor;
}

function arrange({ key = printed, guardians = null, by = harbour }: Arranged = {}): Promise<EnvelopeJson> {
  const named = guardians && { parties: guardians.map(({ device }) => device), delay: 72 };
  const value = header('party.recovery/1', by, { recovery: key?.key ?? null, guardians: named }, { party });
  return signed(value, by);
}

interface Recovered {
  readonly device?: Actor;
  readonly by?: 'recovery' | 'guardians';
  /** Whom the header names. */
  readonly as?: Actor;
  readonly signer?: Actor;
  readonly recovery?: Actor | null;
  readonly revoke?: boolean;
  readonly hours?: number;
  readonly consent?: Actor;
}

function recover(key: Actor | null, about: Recovered = {}): Promise<EnvelopeJson> {
  const { device = fresh, by = key ? 'recovery' : 'guardians', as = key ?? device, signer = as } = about;
  const { recovery = next, revoke = true, hours = 100, consent = device } = about;
  const agreed = base64(consent.signNow(enrolConsent(centre, party)));
  const body = {
    key: device.key,
    ends: null,
    consent: agreed,
    by,
    recovery: recovery?.key ?? null,
    revoke,
  };
  const parts = partsOf('recover', ['{"name":"New desk"}']);
  const name = `recover ${device.device} ${hours}`;
  return signed(at(header('party.recover/1', as, body, { parts, party, name }), hours), {
    ...signer,
    device: as.device,
  });
}

function vouch(
  guardian: Actor,
  about: { device?: Actor; hours?: number; for?: string } = {},
): Promise<EnvelopeJson> {
  const { device = fresh, hours = 1, for: of = party } = about;
  const value = header(
    'party.readmit/1',
    guardian,
    { party: of, key: device.key },
    { name: `readmit ${guardian.device}` },
  );
  return signed(at(value, hours), guardian);
}

const objection = await signed(at(header('party.object/1', harbour, { key: fresh.key }), 2), harbour);
const founding = await found(harbour);
const printedAtOnce = await found(harbour, { recovery: printed.key });
const guards = [await found(embassy), await found(watch)] as const;
const guarded = [founding, await arrange({ key: null, guardians: [embassy, watch] })] as const;
/** The party back by its recovery key. */
export const byKey = [printedAtOnce, await recover(printed)];
const readmitted = [
  ...guards,
  ...guarded,
  await vouch(embassy),
  await vouch(watch, { hours: 20 }),
  await recover(null),
];

const chain = (links: readonly EnvelopeJson[]): object => ({ party, links });
const broken = (place: number | string, name: string, links: readonly EnvelopeJson[]): Example =>
  bad(name, 'chain.broken', typeof place === 'number' ? `/chain/${place}` : place, chain(links));
const keys = (...of: Actor[]): string[] => of.map(({ device }) => device);

export const recoveries: Example[] = [
  good('a party with a recovery key', { ...chain([printedAtOnce]), devices: keys(harbour, printed) }),
  good('back by the key that it named when it joined', {
    ...chain(byKey),
    devices: keys(harbour, fresh, printed, next),
  }),
  good('back by the key that it named later', {
    ...chain([founding, await arrange(), await recover(printed)]),
    devices: keys(harbour, fresh, printed, next),
  }),
  good('who came back enrols others', {
    ...chain([...byKey, await enrol(fresh, other, party)]),
    devices: keys(harbour, fresh, other, printed, next),
  }),
  good('back twice, each time by another key', {
    ...chain([...byKey, await recover(next, { device: other, recovery: null })]),
    devices: keys(harbour, fresh, other, printed, next),
  }),
  good('the other devices stay', {
    ...chain([printedAtOnce, await recover(printed, { revoke: false }), await enrol(harbour, other, party)]),
    devices: keys(harbour, fresh, other, printed, next),
  }),
  good('readmitted by both guardians after the delay', {
    ...chain(readmitted),
    devices: keys(harbour, fresh, next),
  }),
  good('a guardian’s own device vouches', {
    ...chain([
      ...guards,
      await enrol(watch, other, watch.device, { rights: ['govern'] }),
      ...guarded,
      await vouch(embassy),
      await signed(
        at({ ...header('party.readmit/1', other, { party, key: fresh.key }), party: watch.device }, 2),
        other,
      ),
      await recover(null),
    ]),
    devices: keys(harbour, fresh, next),
  }),
  broken(1, 'a recovery key that the party never named', [printedAtOnce, await recover(next)]),
  broken(1, 'no recovery key at all', [founding, await recover(printed)]),
  broken(2, 'a recovery key that was used before', [...byKey, await recover(printed, { device: other })]),
  broken(2, 'a recovery key that was replaced', [
    printedAtOnce,
    await arrange({ key: next }),
    await recover(printed),
  ]),
  broken(1, 'a recovery key that names itself as the next', [
    printedAtOnce,
    await recover(printed, { recovery: printed }),
  ]),
  broken(2, 'a device that the recovery ended enrols another', [
    ...byKey,
    await enrol(harbour, other, party),
  ]),
  broken(1, 'the recovery key enrols a device', [printedAtOnce, await enrol(printed, other, party)]),
  broken(1, 'a device that recovers without a recovery key', [founding, await recover(harbour)]),
  broken(0, 'back before it was founded', [await recover(printed)]),
  bad(
    'signed by another than the recovery key',
    'signature.invalid',
    undefined,
    chain([printedAtOnce, await recover(printed, { signer: host })]),
  ),
  bad(
    'a device that did not agree',
    'signature.invalid',
    undefined,
    chain([printedAtOnce, await recover(printed, { consent: harbour })]),
  ),
  broken(5, 'one guardian only', [...guards, ...guarded, await vouch(embassy), await recover(null)]),
  broken(6, 'guardians who vouch for different keys', [
    ...guards,
    ...guarded,
    await vouch(embassy),
    await vouch(watch, { device: other }),
    await recover(null),
  ]),
  broken(6, 'before the delay was over', [
    ...guards,
    ...guarded,
    await vouch(embassy),
    await vouch(watch, { hours: 30 }),
    await recover(null),
  ]),
  broken(7, 'against an objection', [...readmitted.slice(0, 6), objection, await recover(null)]),
  broken(7, 'under an arrangement that was replaced', [
    ...readmitted.slice(0, 6),
    await arrange({ key: null, guardians: [embassy, watch] }),
    await recover(null),
  ]),
  broken(3, 'vouched for by who is no guardian', [
    founding,
    guards[0],
    await arrange({ guardians: [host, watch] }),
    await vouch(embassy),
  ]),
  broken(3, 'vouched for before it was arranged', [
    ...guards,
    founding,
    await vouch(embassy),
    await arrange({ guardians: [embassy, watch] }),
  ]),
  broken(6, 'signed by another key than the one vouched for', [
    ...readmitted.slice(0, 6),
    await recover(null, { as: other }),
  ]),
  broken(1, 'links of a party that vouched for nobody', [founding, guards[0]]),
];

const speaks = async (links: readonly EnvelopeJson[], statement: Promise<EnvelopeJson>): Promise<object> => ({
  ...chain(links),
  statement: await statement,
});
const notNow = async (name: string, links: readonly EnvelopeJson[], statement: Promise<EnvelopeJson>) =>
  bad(name, 'chain.broken', undefined, await speaks(links, statement));

/** What a recovery key signs, by the chain as it stands. */
export const recoverySpeakers: Example[] = [
  good('the recovery key in force brings a device', await speaks([printedAtOnce], recover(printed))),
  good('the recovery by which the key was spent', await speaks(byKey, recover(printed))),
  await notNow('another recovery by a spent key', byKey, recover(printed, { device: other })),
  await notNow(
    'a recovery by a key that was replaced',
    [printedAtOnce, await arrange({ key: next })],
    recover(printed),
  ),
  await notNow(
    'a recovery key that says it comes by guardians',
    [printedAtOnce],
    recover(printed, { by: 'guardians' }),
  ),
];
