/** Writes the table of `spec/errors.md` from the closed list: `node tools/make-errors.ts`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { allCodes, classOf, titleOf } from '@parley/core/errors.ts';

const file = new URL('../spec/errors.md', import.meta.url);
const heading = '| code | class | meaning |\n| --- | --- | --- |\n';
const [before = ''] = readFileSync(file, 'utf8').split(heading);
const rows = allCodes.map((code) => `| \`${code}\` | ${classOf(code)} | ${titleOf(code)} |\n`);
writeFileSync(file, before + heading + rows.join(''));
