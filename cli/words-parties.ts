/** The words of what parties and the centre say of themselves, their keys and their devices. */
import { count, short, time } from './format.ts';
import { handlingText } from './handling-options.ts';
import { type AllWords, deviceOf, type Row } from './telling.ts';

const ends = (at: string | null): Row => ['ends', at === null ? null : time(at)];
const kept = (key: string | null | undefined) => (key == null ? 'none' : 'a key that is kept offline');

export const partyWords = {
  'centre.open/1': (_, { text }) => [
    ['opens', 'the centre'],
    ['calls itself', text('name')],
  ],
  'centre.accredit/1': ({ highest }) => [['may hold', `what is ${highest}, and nothing above`]],
  'centre.succeed/1': ({ log, before, missing, why }) => [
    ['opens', `the log ${log}, which follows ${before.log}`],
    ['because', why === 'rotation' ? 'its keys were changed' : 'records were lost'],
    [
      'missing',
      missing === null
        ? 'nothing'
        : missing.to === null
          ? `what came after ${count(missing.from, 'record')}; nobody knows how much`
          : `${count(missing.to - missing.from, 'record')}, ${missing.from} to ${missing.to - 1}`,
    ],
  ],
  'access.digest/1': ({ from, to, leaves }) => [
    ['commits to', `the accesses of ${count(leaves, 'party', 'parties')}`],
    ['from', time(from)],
    ['to', time(to)],
  ],
  'party.invite/1': async ({ until, formerly, level }, { name }) => [
    ['invites', formerly === undefined ? 'a party' : `the party that was ${await name(formerly)}`],
    ['until', time(until)],
    ['at the level', level ?? null],
  ],
  'party.withdraw/1': () => [['withdraws', 'an invitation to join']],
  'party.found/1': async ({ ends: end, recovery, formerly }, { name, text }) => [
    ['joins as', text('name')],
    ['was before', formerly === undefined ? null : await name(formerly)],
    ['first device', text('device')],
    ends(end),
    ['recovery key', kept(recovery)],
  ],
  'party.recovery/1': async ({ recovery, guardians }, { names }) => [
    ['recovery key', kept(recovery)],
    ['guardians', guardians === null ? 'none' : await names(guardians.parties)],
    ['delay', guardians === null ? null : count(guardians.delay, 'hour')],
  ],
  'party.recover/1': ({ by, key, ends: end, recovery, revoke }, { text }) => [
    ['comes back by', by === 'recovery' ? 'its recovery key' : 'its guardians'],
    ['new device', [text('name'), deviceOf(key)].filter(Boolean).join(', ')],
    ends(end),
    ['devices before', revoke ? 'are revoked' : 'stay'],
    ['recovery key', kept(recovery)],
  ],
  'party.readmit/1': async ({ party, key }, { name }) => [
    ['vouches for', `the device ${deviceOf(key)} as one of ${await name(party)}`],
  ],
  'party.object/1': ({ key }) => [['objects to', `the device ${deviceOf(key)}: it is not the party's own`]],
  'device.enrol/1': async (body, { room, text, desk }) => {
    const { key, rights, rooms, personal = true, connector } = body;
    const what = [text('name'), deviceOf(key)].filter(Boolean).join(', ');
    return [
      [connector ? 'connector' : 'device', what],
      ['may', connector ? `${connector.access}, for ${connector.purpose}` : rights.join(', ')],
      ['justification', text('justification')],
      ['rooms', rooms ? (await Promise.all(rooms.map(room))).join(', ') : null],
      ['personal data', personal ? null : 'none'],
      ['shares', connector?.handling ? handlingText(connector.handling, await desk.names()) : null],
      ends(body.ends),
    ];
  },
  'device.revoke/1': ({ device }) => [['revokes', `the device ${short(device)}`]],
} satisfies Partial<AllWords>;
