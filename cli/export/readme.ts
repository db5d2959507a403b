/** The page that lies in an export, for whoever opens it years later. */

interface About {
  readonly centre: string;
  readonly origin: string;
  readonly logs: readonly string[];
  readonly party: string;
  readonly at: string;
  readonly purposes: readonly string[];
  readonly personal: boolean;
}

export function readmeText({ centre, origin, logs, party, at, purposes, personal }: About): string {
  return `What a party could see at a centre

Centre      ${centre}
Log         ${origin}
Party       ${party}
Taken       ${at}
Read for    ${purposes.join(', ')}
Persons     ${personal ? 'personal data is among it, with a justification that the centre recorded' : 'personal data that needs a justification was left out'}

Files
  manifest.json      what this is, and the public keys of the log
  statements.jsonl   a receipt a line (format parley-receipt/1): the signed statement, the chain of keys from its
                     party's first key, its record, the proof that the log holds it, and the parts that were open.
                     A statement comes again where another purpose opened more of its parts
  rooms/             for each room a STIX 2.1 bundle of what was shared there, byte for byte, all versions
  files/             files that were shared, by party, statement and number; their salts stand in the receipts. What
                     they are called stands in the objects of their statement
  rooms.json         the rooms with their terms; parties.json, devices.json: who was known
  accesses.jsonl     what this party has read, with its justifications
  digests.jsonl      its leaves in the centre's hourly commitments to all accesses
  recalls.json       what it took back, and who has answered; tasks.json: what it owed

How to check it
  "parley export --check FOLDER" checks every receipt without any centre. The formats are open: a receipt is JSON, the
  statement a DSSE envelope signed with Ed25519, the proof a C2SP tlog-proof with its checkpoint.
  The log's keys:
${logs.map((key) => `    ${key}`).join('\n')}
  They stand here because the centre named them: compare them with a party that you trust, or a witness.

What it does not prove
  That nothing was left out: what was locked, taken back or never shown to this party is not here.
`;
}
