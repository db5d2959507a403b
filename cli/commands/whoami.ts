/** Who this device is, without asking anybody unless it is told to. */
import { spoken } from '@parley/core/keys.ts';
import { Command } from 'commander';
import { example, shape } from '../arguments.ts';
import { type Context, contextOf } from '../context.ts';
import { withSession } from '../desk.ts';
import { card, fingerprintLines, short, time } from '../format.ts';
import type { Io } from '../io.ts';
import { limitsText } from './device.ts';

export function whoamiCommand(io: Io): Command {
  return new Command('whoami')
    .description('your party and this device, with the fingerprint to compare')
    .addHelpText(
      'after',
      example('parley whoami') +
        shape(
          '{"party","name","device","deviceName","centre","url","origin","purpose","justified","fingerprint","home"};\nwith --live also {"rights","rooms","personal","ends","from"}',
        ),
    )
    .option('--live', 'ask the centre what this device may, too')
    .action(async (options: { live?: boolean }, command: Command) => {
      const context = contextOf(io, command);
      const { home, answer, typed } = context;
      const live = options.live ? await atCentre(context) : null;
      const { party, name, device, deviceName, centre, url, origin } = home.profile();
      const kept = home.purpose();
      const purpose = kept?.purpose ?? null;
      const justified = typeof kept?.justification === 'string';
      const title = card(name ?? 'A device of a party', [
        [
          'device',
          `${deviceName ?? 'without a name'} (${short(device)}${device === party ? ', the first of the party' : ''})`,
        ],
        ['centre', `${centre} at ${url}`],
        [
          'reads for',
          purpose === null
            ? `no purpose kept: ${typed('open --purpose ID')}`
            : `${purpose}${justified ? ', with a justification' : ''}`,
        ],
        ['home', home.dir],
        ...(live?.rows ?? keptRows(context, device === party)),
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
        ...live?.about,
      };
      await answer(
        shown,
        `${title}\nFingerprint of the party, for comparing:\n\n${fingerprintLines(party, '  ')}\n${more}`,
      );
    });
}

/** Where it is known here what the centre said last. The first device of a party has every right. */
function keptRows({ home, typed }: Context, first: boolean): [string, string][] {
  const kept = home.seen(limitsKey);
  if (Array.isArray(kept)) return kept.map((row: [string, string]) => [`${row[0]}`, `${row[1]}`]);
  return first ? [] : [['may', `what your party lets it: ${typed('whoami --live')}`]];
}

const limitsKey = 'limits of this device';

/** What the centre says of this device, kept for the next time. */
function atCentre(context: Context) {
  return withSession(context, 'office', async ({ session, profile, rooms: known }) => {
    const device = (await session.devices()).find((each) => each.device === profile.device);
    if (!device) return null;
    const { rights, rooms, personal, ends, from } = device;
    const titles = new Map((await known()).map(({ room, terms }) => [room, terms?.title ?? short(room)]));
    const rows: [string, string][] = [
      ['rights', rights.join(', ')],
      ['limits', limitsText(device, titles)],
      ['ends', ends === null ? 'never' : time(ends)],
    ];
    await context.home.setSeen(limitsKey, [...rows, ['as of', time(new Date().toISOString())]]);
    return { rows, about: { rights, rooms, personal, ends, from } };
  });
}
