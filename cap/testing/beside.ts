/** What lies beside the project or on the machine, and may be absent: the schema of OASIS, sample messages, xmlsec1. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { validateXML } from 'xmllint-wasm';

const folder = join(import.meta.dirname, '../../../shared/data/cap');

export const noData = existsSync(folder)
  ? false
  : 'the sample messages and the schema are not beside this folder';
export const noXmlsec = spawnSync('xmlsec1', ['--version']).status === 0 ? false : 'there is no xmlsec1 here';

export function beside(name: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(join(folder, name)));
}

/** What the schema of OASIS has against them, each with its number. */
export async function schemaFaults(messages: readonly Uint8Array[]): Promise<string[]> {
  const { valid, errors, rawOutput } = await validateXML({
    xml: messages.map((contents, i) => ({ fileName: `${i}.xml`, contents })),
    schema: [{ fileName: 'cap12.xsd', contents: beside('cap12.xsd') }],
    initialMemoryPages: 512,
  });
  if (valid) return [];
  return errors.length > 0 ? errors.map(({ rawMessage }) => rawMessage) : [rawOutput];
}
