/** Who this device is, without asking anybody. */
import { spoken } from '@parley/core/keys.ts';
import { Command } from 'commander';
import { example, shape } from '../arguments.ts';
import { contextOf } from '../context.ts';
import { card, fingerprintLines } from '../format.ts';
import type { Io } from '../io.ts';

export function whoamiCommand(io: Io): Command {
  return new Command('whoami')
    .description('your party and this device, with the fingerprint to compare')
    .addHelpText(
      'after',
      example('parley whoami') +
        shape(
          '{"party","name","device","deviceName","centre","url","origin","purpose","justified","fingerprint","home"}',
        ),
    )
    .action(async (_options: object, command: Command) => {
      const { home, answer, typed } = contextOf(io, command);
      const { party, name, device, deviceName, centre, url, origin } = home.profile();
      const kept = home.purpose();
      const purpose = kept?.purpose ?? null;
      const justified = typeof kept?.justification === 'string';
      const title = card(name ?? 'A device of a party', [
        ['device', `${deviceName ?? ''} ${device === party ? '(the first of the party)' : ''}`],
        ['centre', `${centre} at ${url}`],
        [
          'reads for',
          purpose === null
            ? `no purpose kept: ${typed('open --purpose ID')}`
            : `${purpose}${justified ? ', with a justification' : ''}`,
        ],
        ['home', home.dir],
      ]);
      const more =
        device === party ? '' : `\nFingerprint of this device:\n\n${fingerprintLines(device, '  ')}\n`;
      const shown = {
        party,
        name,
        device,
        deviceName,
        centre,
        url,
        origin,
        purpose,
        justified,
        fingerprint: spoken(party),
        home: home.dir,
      };
      await answer(
        shown,
        `${title}\nFingerprint of the party, for comparing:\n\n${fingerprintLines(party, '  ')}\n${more}`,
      );
    });
}
