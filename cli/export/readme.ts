/** The page that lies in an export, for whoever opens it years later. */

interface About {
  readonly centre: string;
  readonly origin: string;
  readonly logs: readonly string[];
  readonly party: string;
  readonly at: string;
  readonly purposes: readonly string[];
  readonly justified: boolean;
  readonly personal: number;
}

/** @param has whether a file was written */
export function readmeText(about: About, has: (name: string) => boolean): string {
  const { centre, origin, logs, party, at, purposes } = about;
  return `What a party could see at a centre

Centre      ${centre}
Log         ${origin}
Party       ${party}
Taken       ${at}
Read for    ${purposes.join(', ')}
Persons     ${personsText(about)}

Files
  manifest.json      what this is, and the public keys of the log
  statements.jsonl   a receipt a line (format parley-receipt/1): the signed statement, the chain of keys from its
                     party's first key, its record, the proof that the log holds it, and the parts that were open.
                     A statement comes again where another purpose opened more of its parts
  rooms/             for each room a STIX 2.1 bundle of what was shared there, byte for byte, all versions
  files/             files that were shared, by party, statement and number; their salts stand in the receipts. What
                     they are called stands in the objects of their statement
${besides(has)}
How to check it
  "parley export --check FOLDER" checks every receipt, every file and every bundle without any centre: a bundle must
  hold what the receipts prove, byte for byte, and nothing else. The formats are open: a receipt is JSON, the
  statement a DSSE envelope signed with Ed25519, the proof a C2SP tlog-proof with its checkpoint.
  The log's keys:
${logs.map((key) => `    ${key}`).join('\n')}
  They stand here because the centre named them: compare them with a party that you trust, or a witness.

What is not checked
  Every other file: ${records
    .map(([name]) => name)
    .filter(has)
    .join(', ')}.
  They are what the centre answered when this was taken. What they tell of statements, the receipts prove.

What it does not prove
  That nothing was left out: what was locked, taken back or never shown to this party is not here.
`;
}

/** By the marking of whoever said it. */
function personsText({ justified, personal }: About): string {
  const words = 'reasons in words may name persons, too';
  if (personal === 0)
    return `nothing here was shared as personal data${justified ? '' : '; what needs a justification was left out'}; ${words}`;
  const how = justified
    ? 'opened with a justification that the centre recorded'
    : "such as the party's own; what needs a justification was left out";
  return `personal data is among it (parts so marked: ${personal}), ${how}; ${words}`;
}

const records = [
  ['rooms.json', 'the rooms with their terms'],
  ['parties.json', 'parties that were known'],
  ['devices.json', 'devices of this party'],
  ['connectors.json', 'its connectors'],
  ['recalls.json', 'what it took back, and who has answered'],
  ['tasks.json', 'what it owed'],
  ['complaints.json', 'complaints by it, about it, or for it to decide'],
  ['holds.json', 'legal holds that it saw, and what it kept of what others took back'],
  ['subject-requests.json', 'what persons asked through it, and of it'],
  ['undertakings.json', 'by room: undertakings, their state, and what is suspended in return'],
  ['attempts.json', 'what was tried against it and refused'],
  ['accesses.jsonl', 'what it has read, with its justifications'],
  ['digests.jsonl', "its leaves in the centre's hourly commitments to all accesses"],
] as const;

function besides(has: (name: string) => boolean): string {
  return records
    .filter(([name]) => has(name))
    .map(([name, text]) => `  ${name.padEnd(22)} ${text}\n`)
    .join('');
}
