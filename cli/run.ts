/** Runs a program: what a command throws becomes one message and an exit status. */
import { type Code, classOf, Refusal, type RefusalClass, titleOf } from '@parley/core/errors.ts';
import { type Command, CommanderError } from 'commander';
import { plain } from './format.ts';
import { type Io, write } from './io.ts';
import { retyped, typedWith } from './typed.ts';

/** 0 done, 1 refused or not proven, 2 called wrongly, 3 our own or the centre's fault. */
export type ExitStatus = 0 | 1 | 2 | 3;

const statusOf: Readonly<Record<RefusalClass, ExitStatus>> = {
  malformed: 1,
  unauthenticated: 1,
  refused: 1,
  absent: 1,
  conflict: 1,
  'too-large': 1,
  busy: 1,
  unproven: 1,
  usage: 2,
  fault: 3,
};

/**
 * @param args without the interpreter and the name of the program
 * @returns the exit status; nothing is thrown, and the one message of an error has been written to `stderr`
 */
export async function run(program: Command, args: readonly string[], io: Io): Promise<ExitStatus> {
  let group: Command | undefined;
  const here = (text: string) => retyped(text, typedWith(io.env, program.opts<{ home?: string }>().home));
  const humanHere = (refusal: Refusal) => here(humanError(refusal));
  prepare(
    program,
    (text) => io.stdout.write(here(text)),
    (command) => {
      group = command;
    },
  );
  try {
    if (args.length === 0) program.outputHelp();
    else await program.parseAsync([...args], { from: 'user' });
    return 0;
  } catch (error) {
    if (isHelp(error)) return 0;
    const refusal = refusalOf(error, group);
    await write(io.stderr, asksForJson(args) ? jsonError(refusal) : humanHere(refusal));
    return statusOf[refusal.class];
  }
}

/** Commander would write and exit by itself, differently in each subcommand; here that happens in one place. */
function prepare(
  command: Command,
  writeOut: (text: string) => void,
  onBareGroup: (command: Command) => void,
): void {
  command.exitOverride().configureHelp({ showGlobalOptions: true, sortSubcommands: false });
  command.configureOutput({
    writeOut,
    // Commander shows its help as an error there; the message comes from us.
    writeErr: () => onBareGroup(command),
  });
  for (const sub of command.commands) prepare(sub, writeOut, onBareGroup);
}

function isHelp(error: unknown): boolean {
  return (
    error instanceof CommanderError && ['commander.helpDisplayed', 'commander.version'].includes(error.code)
  );
}

function refusalOf(error: unknown, group: Command | undefined): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof CommanderError)
    return new Refusal('command.usage', { detail: usageText(error, group) });
  return new Refusal('fault', {
    detail: error instanceof Error ? error.message : String(error),
    cause: error,
  });
}

function usageText(error: CommanderError, group: Command | undefined): string {
  if (error.code === 'commander.help')
    return `choose one of: ${group?.commands.map((command) => command.name()).join(', ')}`;
  return error.message.replace(/^error: /, '').replace(/\n/g, ' ');
}

/** Also after a wrong call, when the options were never parsed. */
function asksForJson(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return args.slice(0, end < 0 ? args.length : end).includes('--json');
}

/** `{"error":{"code","title","at","detail","params"}}` on one line. */
export function jsonError({ code, at, detail, params }: Refusal): string {
  return `${JSON.stringify({ error: { code, title: titleOf(code), at: at ?? null, detail: detail ?? null, params } })}\n`;
}

/** What is wrong, where, what would be right, and the code. */
export function humanError(refusal: Refusal): string {
  const { code, at, detail, params } = refusal;
  const figures = Object.entries(params).map(([key, value]) => `${key} ${plain(String(value))}`);
  const hint = detail ? undefined : hintFor(code);
  const lines = [
    `parley: ${titleOf(code)} [${code}]`,
    detail || hint ? `  ${plain(detail ?? hint ?? '')}` : '',
    at ? `  at ${plain(at)}` : '',
    figures.length > 0 ? `  with ${figures.join(', ')}` : '',
  ];
  return `${lines.filter((line) => line !== '').join('\n')}\n`;
}

function hintFor(code: Code): string | undefined {
  if (code === 'device.right')
    return 'this device may not do this; use one that may: "parley device list" tells what each may';
  if (code === 'purpose.unknown' || code === 'handling.purpose')
    return '"parley purposes" lists them; a room may add its own, which begin with x-: "parley room terms ROOM"';
  if (code === 'invitation.unknown')
    return 'look at the code again, a character may be mistyped; if it is right, ask who invited you for another';
  // The call was right: the store is in use, or its key is missing.
  if (code === 'store.held' || code.startsWith('encryption.')) return undefined;
  return hints[classOf(code)];
}

const hints: Partial<Record<RefusalClass, string>> = {
  usage: 'try --help',
  busy: 'try again in a while',
};
