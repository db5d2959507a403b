/** The words of what is said about a room, its terms and what was undertaken there, and of complaints. */
import { shortRef, time } from './format.ts';
import type { AllWords } from './telling.ts';

export const roomWords = {
  'room.open/1': () => [['opens', 'a room, under these terms']],
  'room.terms/1': () => [['offers', 'these terms from now on']],
  'room.invite/1': async ({ party, as = 'member' }, { name }) => [
    ['invites', await name(party)],
    ['as', as],
  ],
  'room.withdraw/1': async ({ party }, { name }) => [['withdraws', `the invitation of ${await name(party)}`]],
  'room.accept/1': ({ terms }) => [['accepts', `the terms ${terms}`]],
  'room.decline/1': ({ terms }) => [['declines', `the terms ${terms}`]],
  'room.leave/1': () => [['leaves', 'the room']],
  'room.remove/1': async ({ party }, { name }) => [['removes', await name(party)]],
  'room.suspend/1': async ({ party }, { name }) => [['suspends', await name(party)]],
  'room.restore/1': async ({ party }, { name }) => [['restores', await name(party)]],
  'undertaking.state/1': async ({ undertaking, by, state, evidence }, { name }) => [
    ['undertaking', `${undertaking}, owed by ${await name(by)}`],
    ['state', state === 'holds' ? 'it holds' : 'it was broken'],
    ['evidence', evidence.map(shortRef).join(', ')],
  ],
  'undertaking.suspend/1': async ({ undertaking, because, from }, { name }) => [
    ['suspends', undertaking],
    ['towards', `${await name(from)}, from which what was shared is withheld`],
    ['because of', `${shortRef(because)}, said by ${await name(because.party)}`],
  ],
  'undertaking.resume/1': ({ suspension }) => [['ends', `the suspension ${shortRef(suspension)}`]],
  'complaint.lodge/1': async ({ about, statement }, { name, of }) => [
    ['complains of', await name(about)],
    ['statement', statement && (await of(statement, null))],
  ],
  'complaint.answer/1': ({ complaint, verdict }) => [
    ['answers', `the complaint ${shortRef(complaint)}: ${verdict}`],
  ],
  'supervision.open/1': async ({ complaint, target, parts, until }, { of }) => [
    ['opens', `${await of(target, parts)}, to itself`],
    ['for', `the complaint ${shortRef(complaint)}`],
    ['until', time(until)],
  ],
} satisfies Partial<AllWords>;
