/** What the marks of a handling mean: Europol's codes, PAP, levels of classification. Nobody is asked for it. */
import { equivalents } from '@parley/core/classification.ts';
import { handlingCodes } from '@parley/core/codes.ts';
import { type Pap, papLabels } from '@parley/core/handling.ts';
import type { Language } from '@parley/core/purposes.ts';
import { Command } from 'commander';
import { choice, example, shape } from '../arguments.ts';
import { contextOf } from '../context.ts';
import { table } from '../format.ts';
import type { Io } from '../io.ts';

const actions: Readonly<Record<Pap, string>> = {
  clear: 'anything',
  green: 'active actions: ping it, block it, configure a honeypot for it',
  amber: 'passive checks: services of third parties, a honeypot that only watches',
  red: 'only what nobody outside can notice, such as reading one’s own logs',
};

export function codesCommand(io: Io): Command {
  const languages: readonly Language[] = ['en', 'de', 'fr'];
  return new Command('codes')
    .description('Europol’s handling codes, PAP labels and levels of classification, and what they mean here')
    .addOption(choice('--language <language>', 'of what the codes say', languages).default('en'))
    .addHelpText(
      'after',
      `${example('parley codes', 'parley share report.json --room "Summit 2026" --code H1,H2 --pap amber --classification restricted')}
${shape(
  '{"codes":[{"id","title":{"en","de","fr"},"purposes":[ID],"onward":[RULE]}],"pap":[{"label","allows"}],"classifications":[{"level","eu","nato","national":{COUNTRY}}]}',
)}`,
    )
    .action(async ({ language }: { language: Language }, command: Command) => {
      const pap = papLabels.map((label) => ({ label, allows: actions[label] }));
      const value = { codes: handlingCodes, pap, classifications: equivalents };
      await contextOf(io, command).answer(value, human(language));
    });
}

function human(language: Language): string {
  const codes = handlingCodes.map(({ id, title, purposes, onward }) => [
    id,
    title[language],
    purposes.join(', '),
    onward.join(', '),
  ]);
  const levels = equivalents.map(({ level, eu, nato, national }) => [
    level,
    eu,
    nato,
    national.DE,
    national.FR || '—',
  ]);
  return `${table(['code', 'says', 'purposes', 'onward'], codes, '')}
H3, restrictions in words, is refused: say it by recipients, purposes, end and passing on.

${table(
  ['pap', 'a reader may do'],
  papLabels.map((label) => [label, actions[label]]),
  '',
)}
${table(['level', 'EU', 'NATO', 'Germany', 'France'], levels, '')}`;
}
