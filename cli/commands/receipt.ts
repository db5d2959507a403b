/** Receipts: fetched from the centre, and checked without it. */
import { parseCheckpoint } from '@parley/core/checkpoint.ts';
import type { StatementRef } from '@parley/core/fields.ts';
import type { Hash } from '@parley/core/merkle.ts';
import { parseNote } from '@parley/core/note.ts';
import { filePart, type Part } from '@parley/core/parts.ts';
import { parsePolicy } from '@parley/core/policy.ts';
import { parseProof } from '@parley/core/proof.ts';
import { parseReceipt, type Receipt, receiptJson } from '@parley/core/receipt.ts';
import { Command } from 'commander';
import { collect, collectNumbers, example, numberedFile, shape, usage } from '../arguments.ts';
import { type Context, contextOf } from '../context.ts';
import { centreOptions, type Desk, withSession } from '../desk.ts';
import { card, partsWord, ranges, time } from '../format.ts';
import { type Io, readAll, saveFile, write } from '../io.ts';
import { partyNamed } from '../names.ts';
import { checkReceipt, type ReceiptReport } from '../receipt.ts';

export function receiptCommand(io: Io): Command {
  return new Command('receipt')
    .description('proofs of what was said and when it came')
    .addCommand(getCommand(io))
    .addCommand(verifyCommand(io));
}

interface GetOptions {
  readonly part?: number[];
  readonly out?: string;
}

function getCommand(io: Io): Command {
  return new Command('get')
    .description('fetch the receipt of a statement, with the newest cosignatures')
    .argument('<statement>', 'PARTY/ID, or the first digits of the id')
    .option(
      '--part <numbers>',
      'bring these parts along, such as 0,2-4; that is a read, and recorded',
      collectNumbers,
    )
    .option('--out <file>', 'write it here, not to the standard output')
    .addHelpText(
      'after',
      example('parley receipt get 3f2a91cc --part 0 --out report.receipt.json') +
        shape('the receipt (spec/receipt.md); with --out {"file","party","id","parts":[N]}'),
    )
    .action(async (statement: string, options: GetOptions, command: Command) => {
      const context = contextOf(io, command);
      await withSession(context, options.part ? 'content' : 'office', async (desk) => {
        const receipt = await getReceipt(desk, statement, options.part ?? []);
        const text = `${JSON.stringify(receiptJson(receipt))}\n`;
        if (options.out === undefined) return write(io.stdout, text);
        await saveFile(options.out, text);
        const { party, id } = receipt.statement.header;
        const parts = [...receipt.parts.keys()];
        await context.answer(
          { file: options.out, party, id, parts },
          `Receipt of ${party}/${id} in ${options.out}\n`,
        );
      });
    });
}

async function getReceipt(desk: Desk, text: string, wanted: readonly number[]): Promise<Receipt> {
  const ref = await desk.statement(text);
  const receipt = await desk.session.receipt(ref);
  if (wanted.length === 0) return receipt;
  const { parts } = await desk.session.statement(ref);
  const brought = new Map<number, Part>();
  for (const { n, part } of parts)
    if (wanted.includes(n)) brought.set(n, part.file ? await saltOf(desk, ref, n, part.file) : part);
  const missing = wanted.filter((n) => !brought.has(n));
  if (missing.length > 0) throw usage(`you may not see ${partsWord(missing)} now, or there is none`);
  return { ...receipt, parts: brought };
}

/** Of a file a receipt brings the salt alone: with it, the file that lies beside it proves what was said. */
async function saltOf(desk: Desk, ref: StatementRef, n: number, leaf: Hash): Promise<Part> {
  const { salt, close } = await desk.session.file(ref, n);
  await close();
  return filePart(salt, leaf);
}

interface VerifyOptions {
  readonly logKey?: string[];
  readonly party: string;
  readonly part?: ReadonlyMap<number, string>;
  readonly policy?: string;
}

function verifyCommand(io: Io): Command {
  return new Command('verify')
    .description('check a receipt offline, with the public key of the log and the fingerprint of the party')
    .argument('<file>', 'the receipt, or - for the standard input')
    .option(
      '--log-key <vkey>',
      'a public key of the log; again for each (default: those that this home has seen)',
      collect,
    )
    .requiredOption(
      '--party <fingerprint>',
      'of the party, as compared with it: 64 digits, spaces do not count',
    )
    .option('--part <n=file>', 'this file is what was said as part N; again for each', numberedFile)
    .option('--policy <file>', 'a C2SP tlog-policy: keys of logs, witnesses, and how many must have cosigned')
    .addHelpText(
      'after',
      example(
        'parley receipt verify report.receipt.json --log-key centre.example/log/1+1b2c3d4e+AV… --party "3f2a 91cc …" --part 0=report.json',
      ) + shape(reportShape),
    )
    .action(async (file: string, options: VerifyOptions, command: Command) => {
      const context = contextOf(io, command);
      const receipt = parseReceipt(await readAll(io, file));
      const logKeys = options.logKey ?? (await keysKnown(context, receipt));
      if (logKeys.length === 0 && options.policy === undefined)
        throw usage('name the key of the log with --log-key VKEY, or a --policy that has it');
      const policy =
        options.policy === undefined
          ? null
          : parsePolicy(Buffer.from(await readAll(io, options.policy)).toString());
      const held = new Map<number, Uint8Array<ArrayBuffer>>();
      for (const [n, path] of options.part ?? []) held.set(n, await readAll(io, path));
      const check = { party: partyNamed(options.party, []), logKeys, policy, held };
      const report = await checkReceipt(receipt, check);
      await context.answer(report, humanReport(report));
    });
}

/** Of its log, which may have ended since, as this device has seen it. */
async function keysKnown({ home }: Context, receipt: Receipt): Promise<readonly string[]> {
  const { origin } = parseCheckpoint(parseNote(parseProof(receipt.proof).checkpoint).text);
  return (await centreOptions(home).memory.load(origin))?.logs ?? [];
}

const reportShape = `{"party","id","kind","centre","room","device","from","said","came","index",
 "log":{"origin","size","signatures":[{"key","result"}]},
 "witnesses":[{"name","at"}],"policy":{"cosigned","of","needed"} or null,
 "parts":{"count","proven":[N]}}`;

/** What whoever believes it should know of the key; nothing where it is as usual. */
function fromText(from: ReceiptReport['from']): string | null {
  if (from === 'recovery')
    return 'which came back with the recovery key, after the party’s devices were lost';
  if (from === 'readmission')
    return 'for which two guardians of the party vouched, after its devices were lost';
  return from === 'recovery-key' ? 'the recovery key of the party' : null;
}

function humanReport(report: ReceiptReport): string {
  const { log, witnesses, policy, parts } = report;
  const signatures = log.signatures.map(({ key, result }) =>
    result === 'valid' ? key : `${key} (${result})`,
  );
  const proven =
    parts.proven.length > 0
      ? `#${ranges(parts.proven)}, of ${parts.count}`
      : `none brought along, of ${parts.count}`;
  return card('The receipt is valid.', [
    ['statement', `${report.party}/${report.id}`],
    ['kind', report.kind],
    ['room', report.room],
    ['device', report.device],
    ['', fromText(report.from)],
    ['speaker says', time(report.said)],
    ['centre says', `${time(report.came)}, record ${report.index}`],
    ['log', `${log.origin}, size ${log.size}, signed with ${signatures.join(' and ')}`],
    [
      'witnessed',
      policy === null
        ? 'not checked: give a --policy'
        : `by ${policy.cosigned} of ${policy.of}, ${policy.needed} needed`,
    ],
    ...witnesses.map(({ name, at }) => ['', `${name} at ${time(at)}`] as const),
    ['parts proven', parts.count === 0 ? 'it has none' : proven],
  ]);
}
