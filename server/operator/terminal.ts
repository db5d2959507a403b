/** What the operator's commands are lent by whoever puts the program together: the terminal, and a device's home. */
import type { Signer } from '@parley/core/statement.ts';
import type { Command } from 'commander';
import type { Config } from '../config.ts';
import type { Place } from '../place.ts';
import type { Vault } from '../vault/vault.ts';

export interface Progress {
  readonly done: number;
  /** Null: nobody knows. */
  readonly total: number | null;
  readonly step?: string;
}

export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The answer of a command: JSON on one line where `--json` asks for it, or the text for people. */
  answer(command: Command, value: unknown, human: string): Promise<void>;
  /** With a bar where a person looks. */
  progress<T>(what: string, work: (report: (progress: Progress) => void) => Promise<T>): Promise<T>;
  /** Aborts on SIGINT or SIGTERM. */
  stopping(): AbortSignal;
  /** A command as it must be typed here, with the home that was given. */
  typed(command: Command, words: string): string;
  /** One word of a command, as a shell takes it. */
  quoted(word: string): string;
  /** Ends the process at once. */
  exit(status: number): void;
  /** Texts under the help of a command. */
  example(...lines: readonly string[]): string;
  shape(text: string): string;
  /** A heading and aligned names with their values. */
  card(title: string, rows: readonly (readonly [string, string | null])[]): string;
  /** A key that is made in the home of `--home`, and stays there. @throws home.present */
  newDevice(command: Command): Promise<NewDevice>;
}

export interface NewDevice {
  readonly signer: Signer;
  /** The directory that keeps it. */
  readonly dir: string;
  /** To be called before the key is known to anybody. */
  keep(about: DeviceProfile): void;
  /** Only for a key that never came to be known. */
  discard(): void;
}

export interface DeviceProfile {
  readonly url: string;
  readonly centre: string;
  readonly origin: string;
  readonly party: string;
  readonly name: string;
  readonly deviceName: string;
}

export interface Opened {
  readonly config: Config;
  readonly folder: string;
  readonly vault: Vault | null;
  /** Both, and where the rest lies. */
  readonly place: Place;
}

interface ConfigOptions {
  readonly config?: string;
  readonly folder?: string;
  readonly database?: string;
}

export function withConfig(command: Command): Command {
  return command
    .option(
      '--config <file>',
      'the configuration (default: PARLEY_CONFIG); docs/configuration.md lists the keys',
    )
    .option('--folder <dir>', 'the folder of the centre, over the one of the configuration')
    .option('--database <url>', 'its PostgreSQL database, over the one of the configuration');
}

/** @throws config.unknown, config.value, file.unreadable */
export async function configFrom(terminal: Terminal, command: Command): Promise<Config> {
  // What a command needs is loaded when it is called: `parley whoami` shall not wait for a server.
  const { loadConfig } = await import('../config.ts');
  const { config, folder, database } = command.opts<ConfigOptions>();
  const given = {
    ...(folder === undefined ? {} : { folder }),
    ...(database === undefined ? {} : { database }),
  };
  return loadConfig(config, terminal.env, given);
}

/** @throws as `configFrom`, and config.value where no folder is named */
export async function folderFrom(terminal: Terminal, command: Command): Promise<string> {
  const { needed } = await import('../config.ts');
  return needed(await configFrom(terminal, command), 'folder');
}

/** The folder, and what seals it. @throws as `folderFrom`, and encryption.… */
export async function openedFrom(terminal: Terminal, command: Command): Promise<Opened> {
  const { vaultOf } = await import('../at-rest.ts');
  const { databaseOf } = await import('../database.ts');
  const { placeAt } = await import('../place.ts');
  const config = await configFrom(terminal, command);
  const folder = await folderFrom(terminal, command);
  const vault = vaultOf(config, terminal.env);
  return { config, folder, vault, place: placeAt(folder, { vault, database: databaseOf(config) }) };
}
