/**
 * How a centre is configured: one JSON file, then the environment, then options of the command, each over the one
 * before. Fails closed: what is not known or not right is refused by name. Secrets stand in files, never here.
 */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { utf8 } from '@parley/core/bytes.ts';
import { classifications } from '@parley/core/classification.ts';
import { Refusal } from '@parley/core/errors.ts';
import { allFileTypes } from '@parley/core/file-types.ts';
import { fileLimit, maxFileBytes } from '@parley/core/files.ts';
import { type Json, parseJson } from '@parley/core/json.ts';
import { centreName } from '@parley/core/statement.ts';
import { z } from 'zod';
import { logLevels } from './api/logging.ts';
import { checkTogether } from './config-together.ts';

interface Setting<S extends z.ZodType> {
  readonly schema: S;
  /** What the key takes, for whoever wrote something else there. */
  readonly takes: string;
  /** What the environment's text means; left out: the text itself. */
  readonly read?: (text: string) => unknown;
  /** The path of a file or folder: relative ones are meant from where they are written. */
  readonly path?: true;
}

function setting<S extends z.ZodType>(schema: S, about: Omit<Setting<S>, 'schema'>): Setting<S> {
  return { schema, ...about };
}

const asNumber = (text: string) => (/^\d{1,15}$/.test(text) ? Number(text) : text);
const asSwitch = (text: string) => (text === 'true' ? true : text === 'false' ? false : text);
const asList = (text: string) => text.split(',').map((item) => item.trim());

const path = z.string().min(1).max(4_096);
const port = z.int().min(0).max(65_535);
const host = z.string().regex(/^[0-9A-Za-z.:_-]{1,253}$/);
const address = z.string().regex(/^[0-9A-Fa-f.:]{2,45}(?:\/\d{1,3})?$/);
const variable = z.string().regex(/^(?!PARLEY_)[A-Za-z_][A-Za-z0-9_]{0,127}$/);
const website = z.url({ protocol: /^https?$/ }).refine((text) => new URL(text).pathname.endsWith('/'));

/** Every key. `docs/configuration.md` says the same for people; a test compares the two. */
export const settings = {
  centre: setting(centreName.nullable().default(null), {
    takes: 'the origin name of the centre, such as centre.example',
  }),
  folder: setting(path.nullable().default(null), {
    takes: 'the folder with keys, and with log and journals unless they lie in a database',
    path: true,
  }),
  database: setting(z.string().min(1).max(2_048).nullable().default(null), {
    takes: 'the URL of a PostgreSQL database, without a password: postgres://user@host/name',
  }),
  databasePasswordFile: setting(path.nullable().default(null), {
    takes: 'a file with the password of the database',
    path: true,
  }),
  url: setting(website.nullable().default(null), {
    takes: 'where others reach the centre: http or https, ending with a slash',
  }),
  accredited: setting(z.enum(classifications).default('unclassified'), {
    takes: `the highest classification that the centre may hold: ${classifications.join(', ')}`,
  }),
  'encryption.keyFile': setting(path.nullable().default(null), {
    takes: 'a file outside of the folder with the key that the store is encrypted with',
    path: true,
  }),
  'encryption.keyEnv': setting(variable.nullable().default(null), {
    takes: 'the name of a variable of the environment that holds that key; not one that begins with PARLEY_',
  }),
  'encryption.keyCommand': setting(z.array(z.string().max(4_096)).min(1).max(64).nullable().default(null), {
    takes: 'a program and its arguments, as a list, that print that key',
    read: asList,
  }),
  'listen.host': setting(host.default('127.0.0.1'), { takes: 'a name or address of this machine' }),
  'listen.port': setting(port.default(8410), {
    takes: 'a number from 0 (any free port) to 65535',
    read: asNumber,
  }),
  'tls.cert': setting(path.nullable().default(null), {
    takes: 'a file with the certificates, PEM',
    path: true,
  }),
  'tls.key': setting(path.nullable().default(null), {
    takes: 'a file with the private key, PEM',
    path: true,
  }),
  trustProxy: setting(z.array(address).max(64).default([]), {
    takes: 'addresses or networks of the proxies before the centre, as a list',
    read: asList,
  }),
  witnesses: setting(path.nullable().default(null), { takes: 'a file with a C2SP tlog-policy', path: true }),
  'replicas.required': setting(z.int().min(0).max(9).default(0), {
    takes: 'how many replicas must hold what is answered, 0 to 9',
    read: asNumber,
  }),
  'replicas.seconds': setting(z.int().min(1).max(600).default(30), {
    takes: 'seconds that a submission waits for them, 1 to 600',
    read: asNumber,
  }),
  'limits.address': setting(z.int().min(1).max(1_000_000).default(3_000), {
    takes: 'requests a minute from one address, 1 to 1000000',
    read: asNumber,
  }),
  'limits.party': setting(z.int().min(1).max(1_000_000).default(6_000), {
    takes: 'requests a minute of one party, 1 to 1000000',
    read: asNumber,
  }),
  'files.bytes': setting(z.int().min(1).max(maxFileBytes).default(fileLimit), {
    takes: `bytes of one file, 1 to ${maxFileBytes}`,
    read: asNumber,
  }),
  'files.waiting': setting(
    z
      .int()
      .min(1)
      .max(1e12)
      .default(2 ** 31),
    {
      takes: 'bytes of one party that wait to be shared, 1 to 1000000000000',
      read: asNumber,
    },
  ),
  'files.types': setting(
    z
      .array(z.enum(allFileTypes))
      .min(1)
      .default([...allFileTypes]),
    {
      takes: `media types that are taken, as a list, of ${allFileTypes.join(', ')}`,
      read: asList,
    },
  ),
  'scanner.command': setting(z.array(z.string().max(4_096)).min(1).max(64).nullable().default(null), {
    takes: 'a program and its arguments, as a list, that read a file and tell by their status',
    read: asList,
  }),
  'scanner.address': setting(z.string().min(1).max(256).nullable().default(null), {
    takes: 'where a clamd listens: HOST:PORT, or the path of its socket',
  }),
  'scanner.seconds': setting(z.int().min(1).max(50).default(30), {
    takes: 'seconds that the scanner may take for a file, 1 to 50',
    read: asNumber,
  }),
  logLevel: setting(z.enum(logLevels).default('info'), {
    takes: 'silent, fatal, error, warn, info or debug',
  }),
  'metrics.on': setting(z.boolean().default(true), { takes: 'true or false', read: asSwitch }),
  'metrics.port': setting(port.nullable().default(null), {
    takes: 'a number from 0 to 65535; without it, metrics are served beside the API',
    read: asNumber,
  }),
  'metrics.token': setting(path.nullable().default(null), {
    takes: 'a file with the token of who fetches the figures; without it, only this machine may',
    path: true,
  }),
} as const;

export type Key = keyof typeof settings;
export type Config = { readonly [K in Key]: z.infer<(typeof settings)[K]['schema']> };
type Given = Partial<Record<Key, unknown>>;
type Environment = Readonly<Record<string, string | undefined>>;

/** Read by the program itself or by its tests, and no settings of a centre. */
const otherVariables: ReadonlySet<string> = new Set([
  'PARLEY_CONFIG',
  'PARLEY_HOME',
  'PARLEY_KILLS',
  'PARLEY_PERSON',
  'PARLEY_SEED',
  'PARLEY_TEST_DATABASE',
  'PARLEY_TEST_GO',
]);

/** `limits.address` is `PARLEY_LIMITS_ADDRESS`, `logLevel` is `PARLEY_LOG_LEVEL`. */
export function variableOf(key: string): string {
  return `PARLEY_${key
    .replace(/[A-Z]/g, (letter) => `_${letter}`)
    .replaceAll('.', '_')
    .toUpperCase()}`;
}

/**
 * @param file of `--config`; without it `PARLEY_CONFIG`; without both there is none
 * @param options of the command, which are over everything
 * @throws config.unknown, config.value, file.unreadable
 */
export function loadConfig(file: string | undefined, env: Environment, options: Given = {}): Config {
  const named = file ?? env.PARLEY_CONFIG;
  const given = {
    ...(named === undefined ? {} : fromFile(named)),
    ...fromEnvironment(env),
    ...pathsFrom(process.cwd(), options),
  };
  const config = Object.fromEntries(keys().map((key) => [key, settled(key, given[key])])) as Config;
  checkTogether(config);
  return config;
}

function keys(): Key[] {
  return Object.keys(settings) as Key[];
}

function settled(key: Key, value: unknown): unknown {
  const { schema, takes } = settings[key] as Setting<z.ZodType>;
  const result = schema.safeParse(value);
  if (!result.success) throw new Refusal('config.value', { at: key, detail: `it takes ${takes}` });
  return result.data;
}

/** @throws file.unreadable, config.unknown */
function fromFile(path: string): Given {
  const value = objectIn(path);
  const flat = flattened(value, '');
  const unknown = Object.keys(flat).find((key) => !Object.hasOwn(settings, key));
  if (unknown !== undefined) throw new Refusal('config.unknown', { at: unknown, detail: `in ${path}` });
  return pathsFrom(dirname(resolve(path)), flat);
}

function objectIn(path: string): { readonly [key: string]: Json } {
  let value: Json;
  try {
    value = parseJson(utf8(readFileSync(path, 'utf8')));
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    const detail =
      cause instanceof Refusal
        ? cause.message
        : code === 'ENOENT'
          ? 'there is no such configuration: name the right one with --config, or do without one: --folder and PARLEY_CENTRE say enough; "parley init" makes a new centre'
          : code;
    throw new Refusal('file.unreadable', { at: path, detail, cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Refusal('file.unreadable', { at: path, detail: 'expected one JSON object' });
  return value;
}

/** `{"listen":{"port":1}}` and `{"listen.port":1}` are two spellings; only the first is taken. */
function flattened(value: { readonly [key: string]: Json }, prefix: string): Given {
  const flat: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(value)) {
    if (name.includes('.')) throw new Refusal('config.unknown', { at: `${prefix}${name}` });
    const key = `${prefix}${name}`;
    const isGroup = prefix === '' && keys().some((known) => known.startsWith(`${key}.`));
    const nested = typeof inner === 'object' && inner !== null && !Array.isArray(inner);
    if (isGroup && !nested) throw new Refusal('config.value', { at: key, detail: 'it takes an object' });
    Object.assign(flat, isGroup && nested ? flattened(inner, `${key}.`) : { [key]: inner });
  }
  return flat;
}

function fromEnvironment(env: Environment): Given {
  const byVariable = new Map(keys().map((key) => [variableOf(key), key]));
  const given: Given = {};
  for (const [variable, text] of Object.entries(env)) {
    if (!variable.startsWith('PARLEY_') || otherVariables.has(variable) || text === undefined) continue;
    const key = byVariable.get(variable);
    if (key === undefined)
      throw new Refusal('config.unknown', { at: variable, detail: 'in the environment' });
    const { read } = settings[key] as Setting<z.ZodType>;
    given[key] = read ? read(text) : text;
  }
  return pathsFrom(process.cwd(), given);
}

function pathsFrom(base: string, given: Given): Given {
  const entries = Object.entries(given).map(([key, value]) => {
    const { path: isPath } = settings[key as Key] as Setting<z.ZodType>;
    return [key, isPath && typeof value === 'string' && value !== '' ? resolve(base, value) : value];
  });
  return Object.fromEntries(entries) as Given;
}

/** What a command cannot do without. @throws config.value */
export function needed<K extends Key>(config: Config, key: K): NonNullable<Config[K]> {
  const value = config[key];
  if (value === null || value === undefined)
    throw new Refusal('config.value', {
      at: key,
      detail: `it takes ${settings[key].takes}; give it in the file or as ${variableOf(key)}`,
    });
  return value;
}
