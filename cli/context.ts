/** What every command has at hand: the terminal, the global options, the home. */
import { Refusal } from '@parley/core/errors.ts';
import type { Command } from 'commander';
import { type Home, homeAt, homeDir } from './home.ts';
import { type Io, write } from './io.ts';
import { type Typed, typedWith } from './typed.ts';

interface GlobalOptions {
  readonly json?: boolean;
  readonly home?: string;
  readonly purpose?: string;
  readonly person?: string;
}

export interface Context {
  readonly io: Io;
  readonly json: boolean;
  readonly home: Home;
  /** The purpose of this call, where it was given. */
  readonly purpose: string | undefined;
  /** A command as it must be typed here. */
  readonly typed: Typed;
  /** How wide the terminal is; Infinity where nobody looks, so that other programs find a line for a row. */
  readonly columns: number;
  /** The pseudonym of who sits here, where it was given. */
  readonly person?: string | null;
  /** The answer of a command: one JSON value on one line, or the text for people. */
  readonly answer: (value: unknown, human: string) => Promise<void>;
}

/** @param command the one that was called, which knows the options of its parents */
export function contextOf(io: Io, command: Command): Context {
  const {
    json = false,
    home,
    purpose,
    person = io.env.PARLEY_PERSON,
  } = command.optsWithGlobals<GlobalOptions>();
  return {
    io,
    json,
    home: homeAt(homeDir(home, io.env)),
    purpose,
    person: person || null,
    typed: typedWith(io.env, home),
    columns: (io.stdout.isTTY && io.stdout.columns) || Number.POSITIVE_INFINITY,
    answer: (value, human) => write(io.stdout, json ? `${JSON.stringify(value)}\n` : human),
  };
}

/**
 * Where something is said, `--purpose` names what it is allowed for, as a list, and nothing about the session.
 * @throws command.usage
 */
export function purposesOf(context: Context): {
  readonly context: Context;
  readonly purposes: string[] | undefined;
} {
  const purposes = context.purpose?.split(',').map((id) => id.trim());
  if (purposes?.includes(''))
    throw new Refusal('command.usage', { detail: '--purpose takes ids with commas between them' });
  return { context: { ...context, purpose: undefined }, purposes };
}
