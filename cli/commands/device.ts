/** The devices of one's own party. */
import { base64 } from '@parley/core/bytes.ts';
import { Refusal } from '@parley/core/errors.ts';
import type { DeviceId } from '@parley/core/keys.ts';
import { type Right, rights } from '@parley/core/kinds.ts';
import { openCentre } from '@parley/sdk/centre.ts';
import { enrolmentRequest, readEnrolmentRequest } from '@parley/sdk/enrolment.ts';
import type { DeviceView } from '@parley/sdk/shapes.ts';
import { generateKey } from '@parley/sdk/signer.ts';
import { Command, InvalidArgumentError } from 'commander';
import { collect, collectList, example, shape, time, usage } from '../arguments.ts';
import { contextOf } from '../context.ts';
import { centreOptions, withSession } from '../desk.ts';
import { fingerprintLines, nothing, plain, short, time as shown, table } from '../format.ts';
import { type Io, readAll } from '../io.ts';
import { partyNamed } from '../names.ts';
import { answerSaid, saidShape } from '../said.ts';

export function deviceCommand(io: Io): Command {
  return new Command('device')
    .description('devices of your party: bring one in, list them, revoke one')
    .addCommand(requestCommand(io))
    .addCommand(enrolCommand(io))
    .addCommand(listCommand(io))
    .addCommand(revokeCommand(io));
}

function requestCommand(io: Io): Command {
  return new Command('request')
    .description('on the new device: make its key, and print the request that another device enrols')
    .argument('<url>', 'where the centre is')
    .requiredOption('--party <fingerprint>', 'of your party: 64 digits, as "parley whoami" shows it')
    .requiredOption('--name <name>', 'what this device is called')
    .addHelpText(
      'after',
      example('parley device request https://centre.example --party "3f2a 91cc …" --name "Field laptop"') +
        shape('{"request","device","party","name"}'),
    )
    .action(async (url: string, options: { party: string; name: string }, command: Command) => {
      const context = contextOf(io, command);
      const { home } = context;
      home.needEmpty();
      const party = partyNamed(options.party, []);
      const centre = await openCentre(url, centreOptions(home, context));
      const { centre: name, origin } = centre.info;
      const { signer, pkcs8 } = await generateKey();
      const { device } = signer;
      home.create({
        format: 'parley-home/1',
        ...{ url: centre.url, centre: name, origin, party, name: null },
        ...{ device, deviceName: options.name, pkcs8: base64(pkcs8) },
      });
      const request = await enrolmentRequest({ signer, centre: name, party, name: options.name });
      const human = `Give this to a device of your party that may govern:\n\n${request}\n\nand compare there the fingerprint of this device:\n\n${fingerprintLines(device, '  ')}\n`;
      await context.answer({ request, device, party, name: options.name }, human);
    });
}

interface EnrolOptions {
  readonly rights: string[];
  readonly ends?: string;
  readonly room?: string[];
  /** False with `--no-personal`. */
  readonly personal: boolean;
}

function enrolCommand(io: Io): Command {
  return new Command('enrol')
    .description('let a new device speak and read for your party')
    .argument('<request>', 'what "parley device request" printed, or - to read it from the standard input')
    .requiredOption('--rights <rights>', 'read, speak, govern, with commas', rightList)
    .option('--ends <when>', 'when the device ends: 52w, 2027-05-31; without it, never', time)
    .option(
      '--room <room>',
      'speak in this room and see it, and no other; it enrols nobody; again for each',
      collect,
    )
    .option(
      '--no-personal',
      'share and see no personal data, nor what is said about it, not even by your own party; it enrols nobody',
    )
    .addHelpText(
      'after',
      example(
        'parley device enrol parley-enrol-1.eyJ… --rights read,speak --ends 52w',
        'parley device enrol parley-enrol-1.eyJ… --rights read,speak --room "Summit 2026" --no-personal',
      ) +
        shape(
          '{"device","name","rights","ends","rooms","personal",…} and as every statement:\n{"party","id","kind","room","index","came"}',
        ),
    )
    .action(async (request: string, options: EnrolOptions, command: Command) => {
      const context = contextOf(io, command);
      const text = request === '-' ? Buffer.from(await readAll(io, '-', 65_536)).toString() : request;
      const { device, name } = await readEnrolmentRequest(text).catch((error: unknown) => {
        if (error instanceof Refusal && error.code === 'body.malformed')
          throw usage('not a request: give the word parley-enrol-1.… that "parley device request" printed');
        throw error;
      });
      const granted = rights.filter((right) => options.rights.includes(right));
      await withSession(context, 'office', async ({ session, room: resolve }) => {
        const rooms = options.room ? await Promise.all(options.room.map(resolve)) : null;
        const limits = { rooms: rooms?.map(({ room }) => room) ?? null, personal: options.personal };
        const about = { rights: granted, ends: options.ends ?? null, ...limits };
        const receipt = await session.enrol(text, about);
        const where = rooms
          ? ` in ${rooms.map(({ terms }) => plain(terms?.title ?? '')).join(', ')} only`
          : '';
        const what = options.personal ? '' : ', without personal data';
        const human = `${plain(name)} may ${granted.join(', ')}${where}${what}${about.ends ? ` until ${shown(about.ends)}` : ''}. Compare its fingerprint:\n\n${fingerprintLines(device, '  ')}\n`;
        await answerSaid(context, receipt, human, { device, name, ...about });
      });
    });
}

function rightList(value: string, before: readonly string[] | undefined): Right[] {
  const list = collectList(value, before);
  const known = rights.filter((right) => list.includes(right));
  if (known.length !== new Set(list).size)
    throw new InvalidArgumentError(`expected some of ${rights.join(', ')}`);
  return known;
}

function listCommand(io: Io): Command {
  return new Command('list')
    .description('the devices of your party')
    .addHelpText(
      'after',
      example('parley device list') +
        shape(
          '{"devices":[{"device","name","rights","ends","enrolled","revoked","rooms","personal","from"}]}',
        ),
    )
    .action(async (_options: object, command: Command) => {
      const context = contextOf(io, command);
      await withSession(context, 'office', async ({ session, profile, rooms }) => {
        const devices = await session.devices();
        const titles = new Map((await rooms()).map(({ room, terms }) => [room, terms?.title ?? short(room)]));
        const rows = devices.map((each) => [
          `${each.name}${each.device === profile.device ? ' (this one)' : ''}`,
          short(each.device),
          each.rights.join(', '),
          limitsText(each, titles),
          shown(each.enrolled),
          stateOf(each),
        ]);
        await context.answer(
          { devices },
          table(['name', 'device', 'rights', 'limits', 'enrolled', 'state'], rows, 'No devices.'),
        );
      });
    });
}

/** What a device may less than its party. */
export function limitsText(
  { rooms, personal }: Pick<DeviceView, 'rooms' | 'personal'>,
  titles: ReadonlyMap<string, string>,
): string {
  const where = rooms?.map((room) => titles.get(room) ?? short(room)).join(', ');
  return [where, personal ? undefined : 'no personal data'].filter(Boolean).join('; ') || nothing;
}

const backAs: Readonly<Record<string, string>> = {
  recovery: ', by the recovery key',
  readmission: ', readmitted by guardians',
};

function stateOf(device: DeviceView): string {
  return lifeOf(device) + (backAs[device.from] ?? '');
}

function lifeOf({ revoked, ends }: DeviceView): string {
  if (revoked !== null) return `revoked ${shown(revoked)}`;
  if (ends === null) return 'live, no end';
  return Date.parse(ends) <= Date.now() ? `ended ${shown(ends)}` : `live until ${shown(ends)}`;
}

function revokeCommand(io: Io): Command {
  return new Command('revoke')
    .description('end a device at once; what it said before stays proven')
    .argument('<device>', 'its name, its fingerprint, or 8 or more of the first digits')
    .addHelpText('after', example('parley device revoke "Field laptop"') + shape(saidShape))
    .action(async (text: string, _options: object, command: Command) => {
      const context = contextOf(io, command);
      await withSession(context, 'office', async ({ session }) => {
        const device = deviceNamed(text, await session.devices());
        await answerSaid(context, await session.revoke(device), `The device ${short(device)} is revoked.`);
      });
    });
}

/** Revoked ones do not count, so that a name can be used again. */
function deviceNamed(text: string, devices: readonly DeviceView[]): DeviceId {
  const live = devices.filter(({ revoked }) => revoked === null);
  try {
    return partyNamed(
      text,
      live.map(({ device, name }) => ({ party: device, name })),
    );
  } catch (error) {
    if (error instanceof Refusal && error.code === 'party.unknown')
      throw new Refusal('device.unknown', { detail: `"${text}"; "parley device list" shows them` });
    throw error;
  }
}
