/** Whether a folder is encrypted, and what opens it. Fails closed: configuration and folder must say the same. */
import { existsSync } from 'node:fs';
import type { Bytes } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import { type Config, needed } from './config.ts';
import { pathsIn } from './paths.ts';
import { openVault } from './vault/data-key.ts';
import { type OuterKey, outerKeyFrom } from './vault/outer-key.ts';
import type { Vault } from './vault/vault.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where the key is kept; null: nothing is encrypted. */
export function keySourceOf(config: Config): OuterKey | null {
  const [file, variable, command] = [
    config['encryption.keyFile'],
    config['encryption.keyEnv'],
    config['encryption.keyCommand'],
  ];
  if (file !== null) return { file };
  if (variable !== null) return { variable };
  return command && { command };
}

/** The key that is kept apart from this folder; null: none is configured. @throws encryption.key */
export function outerKeyOf(config: Config, env: Environment, folder: string): Bytes | null {
  const source = keySourceOf(config);
  return source && outerKeyFrom(source, folder, env);
}

/**
 * What seals a folder; null: it stands plain, and is said to.
 * @param folder the configured one, or a backup of it
 * @throws encryption.needed, encryption.absent, encryption.key, encryption.wrong-key, file.unreadable
 */
export function vaultOf(config: Config, env: Environment, folder = needed(config, 'folder')): Vault | null {
  const { vault, log, centreKey } = pathsIn(folder);
  const own = config.database !== null && folder === config.folder;
  const source = keySourceOf(config);
  const present = existsSync(vault);
  if (!source && !present) return null;
  if (!existsSync(own ? centreKey : log)) throw new Refusal('store.absent', { at: folder });
  if (!source)
    throw new Refusal('encryption.needed', {
      at: folder,
      detail: 'name encryption.keyFile, encryption.keyEnv or encryption.keyCommand',
    });
  if (!present)
    throw new Refusal('encryption.absent', {
      at: folder,
      detail: 'stop the centre and encrypt it first: parley encrypt',
    });
  return openVault(vault, outerKeyFrom(source, folder, env));
}
