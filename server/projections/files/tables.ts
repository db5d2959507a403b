/** Which parts are files, and what they are called where their bytes lie. A name is used once, and stays. */
import type { TableSet } from '../folding.ts';

export interface FilesTables {
  shared_file: { part: number; name: string };
}

export const filesTables: TableSet = {
  create: ({ text }) => [`create table shared_file (part bigint primary key, name ${text} not null unique)`],
  tables: [{ name: 'shared_file', key: ['part'] }],
};
