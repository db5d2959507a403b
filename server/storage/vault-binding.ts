/** Which data key a database belongs to stands in it, so that no key, no other key and no encryption is taken for it. */
import { Refusal } from '@parley/core/errors.ts';
import type { Vault } from '../vault/vault.ts';
import type { Connection } from './sqlite-connection.ts';

/** Marks a database without any table as sealed. Within the caller's transaction. */
export function bindEmpty(connection: Connection, vault: Vault | null): void {
  const { tables } = connection.get<{ tables: number }>('select count(*) as tables from sqlite_schema') ?? {};
  if (tables !== 0 || !vault) return;
  connection.run('create table vault (one integer primary key check (one = 1), id text not null)');
  connection.run('insert into vault values (1, ?)', vault.id);
}

/** @throws encryption.needed, encryption.wrong-key, encryption.absent */
export function checkBinding(connection: Connection, vault: Vault | null, at: string): void {
  const marked = connection.get(`select 1 from sqlite_schema where type = 'table' and name = 'vault'`);
  checkVaultId(marked ? (connection.get<{ id: string }>('select id from vault')?.id ?? '') : null, vault, at);
}

/** @param found the key that stands in the database; null: none does */
export function checkVaultId(found: string | null, vault: Vault | null, at: string): void {
  if (!vault && found !== null) throw new Refusal('encryption.needed', { at });
  if (vault && found === null) throw new Refusal('encryption.absent', { at });
  if (vault && found !== vault.id) throw new Refusal('encryption.wrong-key', { at });
}
