/** C2SP tlog-policy: which logs and witnesses somebody believes, and how many cosignatures are enough. */
import { equal } from './bytes.ts';
import type { Trust } from './checkpoint.ts';
import { Refusal } from './errors.ts';
import { cosignatureType, ed25519Type, isBy, mlDsa44Type, parseVkey, type Vkey } from './note.ts';

export type PolicyLog = { readonly vkey: Vkey; readonly url: string | null };

/** `name` is for this policy alone; a cosignature is matched by name and id of the key. */
export type PolicyWitness = { readonly name: string; readonly vkey: Vkey; readonly url: string | null };

type Group = { readonly needed: number; readonly members: readonly Rule[] };
type Rule = PolicyWitness | Group;

export type Policy = {
  readonly logs: readonly PolicyLog[];
  readonly witnesses: readonly PolicyWitness[];
  /** `null` is `quorum none`: no cosignature is needed. */
  readonly quorum: Rule | null;
};

/**
 * `cosigned` of the `of` witnesses that the quorum counts have cosigned, and no fewer than `needed` can
 * meet it. Where the quorum is a group of groups, `needed` of them may still be the wrong ones.
 */
export type Tally = { readonly cosigned: number; readonly of: number; readonly needed: number };

type Cosigner = { readonly name: string; readonly keyId: string };

/** The specification asks for 32 of each. */
const definitionLimit = 1024;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the specification forbids exactly these.
const controls = /[\u0000-\u0008\u000b-\u001f\u007f]/;

/** What the lines so far have defined. Names refer backwards only, so there are no circles. */
type Draft = {
  logs: PolicyLog[];
  witnesses: PolicyWitness[];
  rules: Map<string, Rule>;
  grouped: Set<string>;
  quorum?: Rule | null;
};

/** @throws policy.malformed, with the number of the line */
export function parsePolicy(text: string): Policy {
  const draft: Draft = { logs: [], witnesses: [], rules: new Map(), grouped: new Set() };
  for (const [i, line] of text.split('\n').entries()) {
    try {
      readLine(draft, line);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      throw new Refusal('policy.malformed', {
        at: `line ${i + 1}`,
        detail: error.detail ?? '',
        cause: error,
      });
    }
  }
  if (draft.quorum === undefined) throw malformed('no quorum line');
  return { logs: draft.logs, witnesses: draft.witnesses, quorum: draft.quorum };
}

function readLine(draft: Draft, line: string): void {
  if (controls.test(line)) throw malformed('a control character');
  const [word, ...items] = line.split(/[ \t]+/).filter((item) => item !== '');
  if (word === undefined || word.startsWith('#')) return;
  if (draft.logs.length + draft.rules.size >= definitionLimit) throw malformed('too many definitions');
  if (word === 'log') addLog(draft, items);
  else if (word === 'witness') addWitness(draft, items);
  else if (word === 'group') addGroup(draft, items);
  else if (word === 'quorum') setQuorum(draft, items);
  else throw malformed('log, witness, group or quorum');
}

function addLog({ logs }: Draft, [key, url, ...more]: string[]): void {
  if (key === undefined || more.length > 0) throw malformed('log <vkey> [<url>]');
  logs.push({ vkey: newKey(key, ed25519Type, logs), url: url ?? null });
}

function addWitness({ witnesses, rules }: Draft, [name, key, url, ...more]: string[]): void {
  if (name === undefined || key === undefined || more.length > 0) {
    throw malformed('witness <name> <vkey> [<url>]');
  }
  const witness = { name, vkey: newKey(key, cosignatureType, witnesses), url: url ?? null };
  define(rules, name, witness);
  witnesses.push(witness);
}

/** One public key is one log or witness, whatever it is called: no quorum counts it twice. */
function newKey(text: string, type: number, before: readonly { vkey: Vkey }[]): Vkey {
  const vkey = parseVkey(text);
  if (vkey.type !== type && vkey.type !== mlDsa44Type) throw malformed('not a type of key for this');
  if (before.some((other) => equal(other.vkey.publicKey, vkey.publicKey))) throw malformed('a key twice');
  return vkey;
}

function addGroup({ rules, grouped }: Draft, [name, threshold, ...names]: string[]): void {
  if (name === undefined || threshold === undefined || names.length === 0) {
    throw malformed('group <name> <k|any|all> <name>...');
  }
  const members = names.map((member) => {
    const rule = lookUp(rules, member);
    if (grouped.has(member)) throw malformed(`${member} is in a group already`);
    grouped.add(member);
    return rule;
  });
  define(rules, name, { needed: thresholdOf(threshold, members.length), members });
}

function thresholdOf(text: string, members: number): number {
  if (text === 'any') return 1;
  if (text === 'all') return members;
  const k = /^[1-9]\d*$/.test(text) ? Number(text) : 0;
  if (k < 1 || k > members) throw malformed(`a threshold between 1 and ${members}`);
  return k;
}

function setQuorum(draft: Draft, [name, ...more]: string[]): void {
  if (name === undefined || more.length > 0) throw malformed('quorum <name>');
  if (draft.quorum !== undefined) throw malformed('a second quorum line');
  draft.quorum = name === 'none' ? null : lookUp(draft.rules, name);
}

function define(rules: Map<string, Rule>, name: string, rule: Rule): void {
  if (name === 'none' || rules.has(name)) throw malformed(`${name} is defined already`);
  rules.set(name, rule);
}

function lookUp(rules: ReadonlyMap<string, Rule>, name: string): Rule {
  const rule = rules.get(name);
  if (rule === undefined) throw malformed(`${name} is not defined above`);
  return rule;
}

/** Whom to believe about one log. A log's key is called as its origin (tlog-policy, Defining a log). */
export function trustIn({ logs, witnesses }: Policy, origin: string): Trust {
  const keys = logs.map(({ vkey }) => vkey).filter(({ name }) => name === origin);
  return { origin, logs: keys, witnesses: witnesses.map(({ vkey }) => vkey) };
}

/**
 * That enough witnesses have cosigned.
 * @param cosigned of `openCheckpoint`
 * @throws policy.unmet, with the tally in its parameters
 */
export function meets(policy: Policy, cosigned: readonly Cosigner[]): Tally {
  const tally = tallyOf(policy, cosigned);
  if (policy.quorum !== null && !holds(policy.quorum, cosigned)) {
    throw new Refusal('policy.unmet', {
      detail: `${tally.cosigned} of ${tally.of}, needed ${tally.needed}`,
      params: { ...tally },
    });
  }
  return tally;
}

/** "Witnessed by k of n", enough or not. Without a quorum, all witnesses count. */
export function tallyOf({ quorum, witnesses }: Policy, cosigned: readonly Cosigner[]): Tally {
  const counted = quorum === null ? witnesses : witnessesOf(quorum);
  return {
    cosigned: counted.filter((witness) => holds(witness, cosigned)).length,
    of: counted.length,
    needed: quorum === null ? 0 : fewest(quorum),
  };
}

function holds(rule: Rule, cosigned: readonly Cosigner[]): boolean {
  if ('vkey' in rule) return cosigned.some((cosigner) => isBy(cosigner, rule.vkey));
  return rule.members.filter((member) => holds(member, cosigned)).length >= rule.needed;
}

function witnessesOf(rule: Rule): readonly PolicyWitness[] {
  return 'vkey' in rule ? [rule] : rule.members.flatMap(witnessesOf);
}

/** No name is in two groups, so the cheapest members add up. */
function fewest(rule: Rule): number {
  if ('vkey' in rule) return 1;
  const cheapest = rule.members.map(fewest).sort((a, b) => a - b);
  return cheapest.slice(0, rule.needed).reduce((sum, n) => sum + n, 0);
}

function malformed(detail: string): Refusal {
  return new Refusal('policy.malformed', { detail });
}
