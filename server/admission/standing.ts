/** As what a party comes into a room, on what ground, at what level; and being suspended and restored. */
import { Refusal } from '@parley/core/errors.ts';
import { type KindName, kinds, type RoomRole } from '@parley/core/kinds.ts';
import { readPart } from '@parley/core/parts.ts';
import type { Terms } from '@parley/core/terms.ts';
import { groundFor } from '@parley/core/transfer.ts';
import type { PartyState, RoomState, StandingState } from './readers.ts';
import { ownerOf, type RuleOf, type Saying } from './said.ts';

/** Terms bind the owner that says them: what it could not accept, it cannot offer. */
export async function checkOffered(
  { header, parts, party, readers }: Saying<'room.open/1' | 'room.terms/1'>,
  room: RoomState | null,
): Promise<void> {
  const part = parts[0];
  if (!part || !party) return;
  const terms = readPart<Terms>(kinds['room.terms/1'].parts.one, part.bytes);
  checkLevel(party, terms, '/parts/0/level');
  checkGround(header.party, terms, '/parts/0/protection');
  const { supervisor = null } = terms;
  if (supervisor === null) return;
  const standing = room && (await readers.standing(room.no, supervisor));
  const takesPart = standing && standing.role !== 'supervisor' && isIn(standing.state);
  if (supervisor === header.party || takesPart)
    throw new Refusal('room.supervisor', {
      at: '/parts/0/supervisor',
      detail: takesPart ? 'it takes part in the room' : 'a room is not supervised by its owner',
    });
}

/** The owner may have invited it before the terms changed: so it is asked again when it accepts. */
export function checkComing(
  party: PartyState,
  role: RoomRole,
  { terms }: RoomState['terms'],
  at: { readonly party: string; readonly as: string },
): void {
  if ((terms.supervisor === party.id) !== (role === 'supervisor'))
    throw new Refusal('room.supervisor', {
      at: at.as,
      detail:
        role === 'supervisor' ? 'the terms do not name it' : 'the terms name it: invite it as supervisor',
    });
  if (role !== 'supervisor') checkLevel(party, terms, at.party);
}

function checkLevel({ level }: PartyState, terms: Terms, at: string): void {
  const { level: of = null } = terms;
  if (level !== null && of !== null && level !== of)
    throw new Refusal('party.level', {
      at,
      detail: `the party takes part at the level ${level}, the room is ${of}`,
      params: { level, room: of },
    });
}

/** @throws terms.no-ground */
export function checkGround(party: string, { protection }: Terms, at: string): void {
  if (protection && groundFor(protection, party) === null)
    throw new Refusal('terms.no-ground', {
      at,
      detail: `the terms name grounds for the transfer of personal data, and none for ${party}: add it to transfers, or fill others`,
    });
}

/** Who stands in the room, or will again. */
function isIn(state: StandingState['state']): boolean {
  return state === 'member' || state === 'suspended';
}

/** One that the owner can suspend or put out: not itself, and not whom the terms set over it. */
export async function standingToEnd(
  saying: Saying<Extract<KindName, 'room.remove/1' | 'room.suspend/1'>>,
): Promise<StandingState> {
  const room = await ownerOf(saying);
  const { party } = saying.header.body;
  if (party === room.owner) throw new Refusal('room.owner', { at: '/body/party' });
  const standing = await saying.readers.standing(room.no, party);
  if (!standing || !isIn(standing.state))
    throw new Refusal('party.unknown', { at: '/body/party', detail: 'it is no member' });
  if (standing.role === 'supervisor' && room.terms.terms.supervisor === party)
    throw new Refusal('room.supervisor', {
      at: '/body/party',
      detail: 'as long as the terms name it, the owner does not put it out',
    });
  return standing;
}

export const suspend: RuleOf<'room.suspend/1'> = async (saying) => {
  const { state, role } = await standingToEnd(saying);
  if (state === 'suspended')
    throw new Refusal('state.already', { at: '/body/party', detail: 'it is suspended already' });
  if (role === 'supervisor')
    throw new Refusal('room.supervisor', { at: '/body/party', detail: 'it takes no part: remove it' });
};

/** Under the terms that it had accepted: new ones it can accept after that. */
export const restore: RuleOf<'room.restore/1'> = async (saying) => {
  const room = await ownerOf(saying);
  const standing = await saying.readers.standing(room.no, saying.header.body.party);
  if (standing?.state !== 'suspended')
    throw new Refusal('party.unknown', { at: '/body/party', detail: 'it is not suspended' });
};
