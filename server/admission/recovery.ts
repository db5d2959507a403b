/** Keys that got lost: what a party arranges beforehand, and how it comes back. */
import { Refusal } from '@parley/core/errors.ts';
import { type Instant, textOf } from '@parley/core/fields.ts';
import { fingerprint, publicKeyFrom } from '@parley/core/keys.ts';
import type { Header } from '@parley/core/statement.ts';
import { unknownDevice } from './check.ts';
import { checkEnd } from './parties.ts';
import type { PartyState, Readers } from './readers.ts';
import type { RuleOf, Saying } from './said.ts';

const hour = 3_600_000_000;

export const arrangeRecovery: RuleOf<'party.recovery/1'> = async (saying) => {
  const { header, readers } = saying;
  const party = speaking(saying);
  const { recovery, guardians } = header.body;
  await checkNextKey(recovery, null, party, readers);
  for (const [i, id] of (guardians?.parties ?? []).entries()) {
    const at = `/body/guardians/parties/${i}`;
    const guardian = await readers.party(id);
    if (!guardian || guardian.role === 'centre') throw new Refusal('party.unknown', { at });
    if (guardian.no === party.no)
      throw new Refusal('header.malformed', { at, detail: 'a party is not its own guardian' });
    // It knows that it was named, so this tells it nothing.
    const wards = await readers.guardians(guardian.no);
    if (wards?.parties.includes(party.no))
      throw new Refusal('recovery.circular', {
        at,
        detail: 'that party has named you as its own guardian',
        concerns: [id],
      });
  }
};

/** An unknown party, and one that named others, are refused alike: who guards whom is told to nobody else. */
export const readmit: RuleOf<'party.readmit/1'> = async (saying) => {
  const { header, readers } = saying;
  const guardian = speaking(saying);
  const concerns = [header.body.party];
  const party = await readers.party(header.body.party);
  const named = party ? await readers.guardians(party.no) : null;
  if (!party || !named?.parties.includes(guardian.no))
    throw new Refusal('recovery.not-guardian', { at: '/body/party', concerns });
  if ((await readers.vouches(guardian.no)).length > 0)
    throw new Refusal('recovery.circular', {
      detail: 'your own party is waiting to be readmitted: object to that first, or wait',
      concerns,
    });
  const { key } = header.body;
  if (await readers.objected(party.no, key))
    throw new Refusal('recovery.objected', {
      at: '/body/key',
      detail: 'the party needs another key, if this was a mistake',
      concerns,
    });
  if ((await readers.vouches(party.no)).some((word) => word.guardian === guardian.no && word.key === key))
    throw new Refusal('state.already', { at: '/body/key', detail: 'you have vouched for this key already' });
};

export const objectTo: RuleOf<'party.object/1'> = async (saying) => {
  const { header, readers } = saying;
  const words = await readers.vouches(speaking(saying).no);
  if (!words.some(({ key }) => key === header.body.key))
    throw new Refusal('answer.unasked', { at: '/body/key', detail: 'nobody has vouched for this key' });
};

/**
 * Who comes back speaks without a device: by a recovery key, or by the key that both guardians vouched for. Whoever
 * holds neither learns nothing of the party, not even whether there is one.
 * @throws device.unknown, recovery.unvouched
 */
export async function returningParty(
  header: Header<'party.recover/1'>,
  readers: Readers,
): Promise<PartyState> {
  const party = await readers.party(header.party);
  const { by, key } = header.body;
  if (by === 'recovery') {
    if (!party || !(await readers.recoveryKey(party.no, header.device))) throw unknownDevice([header.party]);
    return party;
  }
  // Said before: the key is a device by now.
  if (party && (await readers.device(header.device))?.party === party.no) return party;
  if (!party || (!(await isVouched(party, key, readers)) && !(await readers.objected(party.no, key))))
    throw new Refusal('recovery.unvouched', { at: '/body/key', concerns: [header.party] });
  return party;
}

async function isVouched(party: PartyState, key: string, readers: Readers): Promise<boolean> {
  const words = await readers.vouches(party.no);
  return words.length === 2 && words.every((word) => word.key === key);
}

export const recover: RuleOf<'party.recover/1'> = async (saying) => {
  const { header, instant, readers } = saying;
  const party = speaking(saying);
  const { by, key, recovery, ends } = header.body;
  if (by === 'recovery') await checkKeyInForce(header, party, readers);
  const id = fingerprint(publicKeyFrom(key));
  if ((await readers.device(id)) || (await readers.recoveryKey(party.no, id)))
    throw new Refusal('device.known', { at: '/body/key' });
  if (by === 'guardians') await checkReadmission(header, party, instant, readers);
  if (recovery === key)
    throw new Refusal('header.malformed', {
      at: '/body/recovery',
      detail: 'the key of a device is no recovery key',
    });
  await checkNextKey(recovery, by === 'recovery' ? header.device : null, party, readers);
  checkEnd(ends, instant);
};

async function checkKeyInForce(
  { device, party: id }: Header<'party.recover/1'>,
  party: PartyState,
  readers: Readers,
): Promise<void> {
  const known = await readers.recoveryKey(party.no, device);
  if (known?.state === 'current') return;
  const detail = known?.state === 'spent' ? 'it was used before' : 'the party has replaced it';
  throw new Refusal('recovery.spent', { at: '/device', detail, concerns: [id] });
}

async function checkReadmission(
  { body: { key }, party: id }: Header<'party.recover/1'>,
  party: PartyState,
  instant: Instant,
  readers: Readers,
): Promise<void> {
  const concerns = [id];
  if (await readers.objected(party.no, key))
    throw new Refusal('recovery.objected', { at: '/body/key', concerns });
  const words = await readers.vouches(party.no);
  const delay = (await readers.guardians(party.no))?.delay ?? 0;
  const ready = Math.max(...words.map(({ at }) => at)) + delay * hour;
  if (instant < ready)
    throw new Refusal('recovery.early', {
      detail: `not before ${textOf(ready)}`,
      params: { seconds: Math.ceil((ready - instant) / 1_000_000) },
      concerns,
    });
}

/** A recovery key that was spent or replaced never comes back; the one in force may be named again. */
async function checkNextKey(
  key: string | null,
  used: string | null,
  party: PartyState,
  readers: Readers,
): Promise<void> {
  if (key === null) return;
  const id = fingerprint(publicKeyFrom(key));
  const at = '/body/recovery';
  if ((await readers.device(id))?.party === party.no)
    throw new Refusal('header.malformed', { at, detail: 'the key of a device is no recovery key' });
  const known = await readers.recoveryKey(party.no, id);
  if (id === used || (known && known.state !== 'current'))
    throw new Refusal('recovery.spent', { at, detail: 'name a fresh one' });
}

function speaking({ party }: Saying): PartyState {
  if (!party) throw new Refusal('device.unknown');
  return party;
}
