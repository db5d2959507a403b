/** The one way in: whether a checked statement may be said here, decided in log order inside the commit. */
import { founds } from '@parley/core/chain.ts';
import { Refusal } from '@parley/core/errors.ts';
import { type Instant, instantOf } from '@parley/core/fields.ts';
import { centreKinds, type KindName, kinds } from '@parley/core/kinds.ts';
import { maxSkew } from '@parley/core/record.ts';
import { type AnyHeader, isA, refOf } from '@parley/core/statement.ts';
import type { Checked } from '../log/checked.ts';
import { accredit } from './accreditation.ts';
import { acknowledge, ask, deny, grant, recall } from './answers.ts';
import { digest, expire, notice } from './centre.ts';
import { unknownDevice } from './check.ts';
import { checkSaidByConnector } from './connectors.ts';
import { answerSubject, endHold, hold, requestSubject, reviewHold } from './law.ts';
import { checkLimits } from './limits.ts';
import {
  beginCentre,
  enrolDevice,
  foundParty,
  inviteParty,
  revokeDevice,
  withdrawInvitation,
} from './parties.ts';
import type { DeviceState, PartyState, Readers } from './readers.ts';
import { arrangeRecovery, objectTo, readmit, recover, returningParty } from './recovery.ts';
import { accept, changeTerms, decline, invite, leave, openRoom, remove, withdraw } from './rooms.ts';
import type { RuleOf, Saying } from './said.ts';
import { share } from './shares.ts';
import { spanOf } from './span.ts';
import { restore, suspend } from './standing.ts';
import { checkOpening, succeed, wasLost } from './succession.ts';
import { answerComplaint, lodge, openContent } from './supervision.ts';
import { resumeUndertaking, stateUndertaking, suspendUndertaking } from './undertakings.ts';

const rules: { readonly [K in KindName]: RuleOf<K> } = {
  'centre.open/1': beginCentre,
  'centre.accredit/1': accredit,
  'centre.succeed/1': succeed,
  'party.invite/1': inviteParty,
  'party.withdraw/1': withdrawInvitation,
  'party.found/1': foundParty,
  'party.recovery/1': arrangeRecovery,
  'party.recover/1': recover,
  'party.readmit/1': readmit,
  'party.object/1': objectTo,
  'device.enrol/1': enrolDevice,
  'device.revoke/1': revokeDevice,
  'room.open/1': openRoom,
  'room.terms/1': changeTerms,
  'room.invite/1': invite,
  'room.withdraw/1': withdraw,
  'room.accept/1': accept,
  'room.decline/1': decline,
  'room.leave/1': leave,
  'room.remove/1': remove,
  'room.suspend/1': suspend,
  'room.restore/1': restore,
  'undertaking.state/1': stateUndertaking,
  'undertaking.suspend/1': suspendUndertaking,
  'undertaking.resume/1': resumeUndertaking,
  'share/1': share,
  'recall/1': recall,
  'ask/1': ask,
  'grant/1': grant,
  'deny/1': deny,
  'ack/1': acknowledge,
  'hold/1': hold,
  'hold.review/1': reviewHold,
  'hold.end/1': endHold,
  'subject.request/1': requestSubject,
  'subject.answer/1': answerSubject,
  'complaint.lodge/1': lodge,
  'complaint.answer/1': answerComplaint,
  'supervision.open/1': openContent,
  'notice/1': notice,
  'expiry/1': expire,
  'access.digest/1': digest,
};

/** @throws Refusal, by the rule that it breaks */
export async function admit(checked: Checked, readers: Readers, instant: Instant): Promise<{ span: number }> {
  const { header } = checked.statement;
  checkCentre(header, readers);
  checkOpening(header, readers);
  const speaker = await speakerOf(header, readers);
  await checkIdentity(header, readers);
  await checkClock(header, instant, readers);
  if (speaker?.device) await checkRight(header, speaker.device, speaker.party, instant, readers);
  const saying = {
    header,
    parts: checked.parts,
    objects: checked.objects,
    party: speaker?.party ?? null,
    instant,
    readers,
  } as Saying;
  const verdict = await (rules[header.kind] as RuleOf<KindName>)(saying);
  return { span: spanOf(header, (verdict?.granted ?? 0) + (verdict?.held ?? 0)) };
}

function checkCentre(header: AnyHeader, readers: Readers): void {
  if (header.centre !== readers.centre)
    throw new Refusal('header.centre', { at: '/centre', detail: `this is ${readers.centre}` });
}

interface Speaker {
  /** Null where a party comes back: `returningParty` has looked at what it speaks with. */
  readonly device: DeviceState | null;
  readonly party: PartyState;
}

/** The device is one of the party's. Null for a founding, which speaks for itself: its key is the party. */
async function speakerOf(header: AnyHeader, readers: Readers): Promise<Speaker | null> {
  if (founds(header)) return null;
  if (isA(header, 'party.recover/1')) return { device: null, party: await returningParty(header, readers) };
  const device = await readers.device(header.device);
  const party = await readers.party(header.party);
  if (!device || !party || device.party !== party.no) throw unknownDevice();
  return { device, party };
}

/**
 * (party, id) is the identity. Asked only for a device of that party: the ids of the centre's own statements follow
 * from their causes, so that others could ask whom it has told. Before the clock: bytes of long ago were said, too.
 */
async function checkIdentity(header: AnyHeader, readers: Readers): Promise<void> {
  if ((await readers.find(refOf(header))) !== null) throw new Refusal('statement.id-known', { at: '/id' });
}

async function checkClock(header: AnyHeader, instant: Instant, readers: Readers): Promise<void> {
  const at = instantOf(header.at);
  const skew = at - instant;
  if (Math.abs(skew) > maxSkew && !(await wasLost(at, maxSkew, instant, readers)))
    throw new Refusal('clock.skew', { at: '/at', params: { seconds: Math.round(skew / 1_000_000) } });
}

/** A live device, with the right that the kind needs, within its limits. */
async function checkRight(
  header: AnyHeader,
  device: DeviceState,
  party: PartyState,
  instant: Instant,
  readers: Readers,
): Promise<void> {
  if (device.revoked !== null) throw new Refusal('device.revoked', { at: '/device' });
  if (device.ends !== null && device.ends <= instant) throw new Refusal('device.ended', { at: '/device' });
  const { right } = kinds[header.kind];
  if (!device.rights.includes(right)) throw new Refusal('device.right', { at: '/device', params: { right } });
  if (centreKinds.has(header.kind) && party.role !== 'centre')
    throw new Refusal('centre.only', { at: '/kind' });
  await checkLimits(header, device, readers);
  await checkSaidByConnector(header, device, readers);
}
