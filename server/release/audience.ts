/**
 * Who could read an item now, and which rule denies the others: asked by its author, answered by `decide` itself, party
 * by party, for each purpose that the item allows.
 */
import { Refusal } from '@parley/core/errors.ts';
import type { StatementRef } from '@parley/core/fields.ts';
import { handlingOf, isA } from '@parley/core/statement.ts';
import { evidenceOn } from './content.ts';
import type { Decision, Rule } from './decide.ts';
import { type Evidence, gather } from './evidence.ts';
import { type Released, released } from './released.ts';
import { rosterOf, supervisorOf } from './roster.ts';
import type { RecordFacts, Sources } from './sources.ts';
import { type Look, look, lookOfParty, publicViewer, type Viewer } from './viewer.ts';

/**
 * Those of `decide`, and in place of `not-addressed`: `not-named`; `joined-later` than it was said, under terms that hide
 * the past; `not-for-this-role`, of who observes or supervises. `roster`: whether the party is in, and so whether it
 * could, is not for the author to know.
 */
export type AudienceRule = Rule | 'not-named' | 'joined-later' | 'not-for-this-role' | 'roster';

/** For some parts, what holds for one party. */
export interface Ability {
  /** Null: anybody. */
  readonly party: string | null;
  /** Part numbers, rising. */
  readonly parts: readonly number[];
  readonly could: boolean;
  /** That opens it, or that denies it. */
  readonly rule: AudienceRule;
  /** For which of them it could. */
  readonly purposes: readonly string[];
  /** Whether it must justify the reading. */
  readonly justification: boolean;
}

const nothingOpen = { open: [], closed: [] };

/** @throws absent, target.not-author, target.kind */
export async function releaseAudience(
  viewer: Viewer,
  ref: StatementRef,
  sources: Sources,
): Promise<Released<{ audience: readonly Ability[] }>> {
  const look_ = await look(viewer, sources);
  const { record } = await evidenceOn(look_, ref);
  if (record.header.party !== look_.party?.id) throw new Refusal('target.not-author');
  if (!isA(record.header, 'share/1')) throw new Refusal('target.kind', { detail: record.header.kind });
  const { known, unknown } = await candidates(look_, record);
  const audience: Ability[] = [];
  if (record.header.body.handling.to === 'public')
    audience.push(...(await abilitiesOf(await look(publicViewer, sources), record)));
  for (const [party, role] of known) {
    const theirs = await lookOfParty(party, sources);
    const abilities = theirs ? await abilitiesOf(theirs, record) : [];
    audience.push(...abilities.map((each) => whyNot(each, role, record)));
  }
  for (const party of unknown) audience.push(...(await abilitiesOfHidden(party, record, sources)));
  return released({ audience });
}

interface Candidates {
  /** Who stands in the room, as far as the author sees it, and as what. */
  readonly known: ReadonlyMap<string, 'member' | 'observer' | 'supervisor'>;
  /** Named by the author, or granted to, but not shown to it there. */
  readonly unknown: readonly string[];
}

/** The roster that the author sees, and no other: who has left, or is invited, is not told of here either. */
async function candidates(look_: Look, record: RecordFacts): Promise<Candidates> {
  const { sources, party } = look_;
  const known = new Map<string, 'member' | 'observer' | 'supervisor'>();
  const room = await sources.rooms.room(record.header.room ?? '');
  const stays = room ? look_.rooms.get(room.no)?.stays : undefined;
  if (room && stays?.some((stay) => stay.to === null && stay.role === 'member')) {
    const { members, observers } = await rosterOf(look_, room);
    for (const each of members ?? []) known.set(each.party, 'member');
    for (const each of observers ?? []) known.set(each.party, 'observer');
    const supervisor = await supervisorOf(look_, room);
    if (supervisor?.accepted) known.set(supervisor.party, 'supervisor');
  }
  known.delete(party?.id ?? '');
  const to = handlingOf(record.header)?.to;
  const named = typeof to === 'object' ? to.parties : [];
  const granted = await Promise.all(
    (await sources.objects.grantees(record.index)).map(async (no) => (await sources.parties.byNumber(no)).id),
  );
  const unknown = new Set([...named, ...granted].filter((id) => id !== party?.id && !known.has(id)));
  return { known: new Map([...known].sort()), unknown: [...unknown].sort() };
}

/** Which part of "not addressed" it is, for who stands in the room. */
function whyNot(ability: Ability, role: string, record: RecordFacts): Ability {
  if (ability.rule !== 'not-addressed' || ability.party === null) return ability;
  const to = handlingOf(record.header)?.to;
  const unnamed = typeof to === 'object' && !to.parties.includes(ability.party);
  const rule = unnamed ? 'not-named' : role === 'member' ? 'joined-later' : 'not-for-this-role';
  return { ...ability, rule };
}

/** A grant of the author's own is no secret to it; whether the party is also a member is. */
async function abilitiesOfHidden(id: string, record: RecordFacts, sources: Sources): Promise<Ability[]> {
  const theirs = await lookOfParty(id, sources);
  const asGrantee = theirs ? await abilitiesOf({ ...theirs, rooms: new Map() }, record) : [];
  const reached = asGrantee.filter(({ could }) => could);
  const parts = partsOf(record).filter((n) => !reached.some((ability) => ability.parts.includes(n)));
  const rest: Ability = {
    party: id,
    parts,
    could: false,
    rule: 'roster',
    purposes: [],
    justification: false,
  };
  return parts.length > 0 ? [...reached, rest] : reached;
}

async function abilitiesOf(theirs: Look, record: RecordFacts): Promise<Ability[]> {
  const handling = handlingOf(record.header);
  if (!handling) return [];
  const judge = async (purpose: string | null): Promise<Evidence | undefined> => {
    const looker = { ...theirs.looker, purpose, justified: true };
    return (await gather({ ...theirs, looker }, nothingOpen, [record.index])).get(record.index);
  };
  const without = await judge(null);
  const byPurpose = new Map<string, Evidence | undefined>();
  const purposes = theirs.looker.party === null ? [publicViewer.purpose] : handling.purposes;
  for (const purpose of purposes) byPurpose.set(purpose, await judge(purpose));
  const groups = new Map<string, Ability & { parts: number[] }>();
  for (const n of partsOf(record)) {
    const one = abilityIn(n, without?.decide(n), byPurpose);
    const key = JSON.stringify(one);
    const group = groups.get(key);
    if (group) group.parts.push(n);
    else
      groups.set(key, {
        party: theirs.looker.party,
        parts: [n],
        ...one,
        justification: one.could && handling.personal !== false,
      });
  }
  return [...groups.values()];
}

/** @param without what is decided where no purpose is stated: `locked`, unless a rule denies it for all */
function abilityIn(
  n: number,
  without: Decision | undefined,
  byPurpose: ReadonlyMap<string, Evidence | undefined>,
): Pick<Ability, 'could' | 'rule' | 'purposes'> {
  const open = [...byPurpose].flatMap(([purpose, evidence]) => {
    const decision = evidence?.decide(n);
    return decision?.verdict === 'permit' ? [{ purpose, rule: decision.rule }] : [];
  });
  const [first] = open;
  if (first) return { could: true, rule: first.rule, purposes: open.map(({ purpose }) => purpose) };
  return { could: false, rule: without?.rule ?? 'not-addressed', purposes: [] };
}

function partsOf(record: RecordFacts): number[] {
  return Array.from({ length: record.header.parts?.count ?? 0 }, (_, n) => n);
}
