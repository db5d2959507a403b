/** Connectors: let a client that cannot sign work with a token, see those there are, and ask why one is refused. */
import { Refusal } from '@parley/core/errors.ts';
import type { Handling } from '@parley/core/handling.ts';
import type { DeviceId } from '@parley/core/keys.ts';
import type { ConnectorView } from '@parley/sdk/connectors.ts';
import type { RoomView } from '@parley/sdk/session.ts';
import { Command, InvalidArgumentError } from 'commander';
import { collect, collectList, example, laterTime, shape, usage } from '../arguments.ts';
import { verdictInWords, verdictOn } from '../connector-statement.ts';
import { ruleInWords } from '../connector-words.ts';
import { type Context, contextOf, purposesOf } from '../context.ts';
import { type Desk, purposeFor, withSession } from '../desk.ts';
import { count, plain, short, table, time, titleOf } from '../format.ts';
import {
  type HandlingOptions,
  handlingFrom,
  handlingText,
  withHandlingOptions,
} from '../handling-options.ts';
import type { Io } from '../io.ts';
import { partyNamed } from '../names.ts';
import { answerSaid, saidShape } from '../said.ts';

export function connectorCommand(io: Io): Command {
  return new Command('connector')
    .description('let a client that cannot sign work with a token, for which the centre signs')
    .addCommand(addCommand(io))
    .addCommand(listCommand(io))
    .addCommand(whyCommand(io))
    .addCommand(revokeCommand(io));
}

interface AddOptions extends HandlingOptions {
  readonly name: string;
  readonly room: string[];
  readonly for: string;
  readonly access: string[];
  readonly ends: string;
  readonly persons?: boolean;
  readonly justification?: string;
}

function addCommand(io: Io): Command {
  return withHandlingOptions(
    new Command('add')
      .description('a new one; its token is shown this once')
      .requiredOption('--name <name>', 'what it is called')
      .requiredOption('--room <room>', 'a room that it is for; may be given several times', collect)
      .requiredOption('--for <purpose>', 'the one purpose that it reads for')
      .requiredOption('--ends <when>', 'when it ends: 26w, 2027-05-31', laterTime)
      .option('--access <access>', 'read, write, or both with a comma (default: read)', accessList)
      .option('--persons', 'it also sees and shares personal data')
      .option('--justification <text>', 'why it reads personal data: it stands beside each of its reads'),
  )
    .addHelpText(
      'after',
      `${example(
        'parley connector add --name "Sensor feed" --room "Summit 2026" --for event-security --ends 26w',
        'parley connector add --name "Gate feed" --room "Summit 2026" --for event-security --ends 26w --access read,write --tlp amber --until 30d',
      )}
The client sends the token as "Authorization: Bearer TOKEN", or as the password of HTTP Basic under any name.
Options of handling are for what it shares; --purpose takes what that is allowed for, with commas.
${shape(`{"device","token","name","rooms","purpose","access","ends","handling","warnings":[TEXT],…} and as every statement:\n${saidShape}`)}`,
    )
    .action(async (options: AddOptions, command: Command) => {
      const { context, purposes } = purposesOf(contextOf(io, command));
      const { name, for: purpose, access = ['read'], ends, persons = false, justification } = options;
      await withSession(context, 'office', async (desk) => {
        const rooms = await Promise.all(options.room.map(desk.room));
        const handling = access.includes('write') ? await handlingOf(options, purposes, desk) : undefined;
        const { device, token, receipt } = await desk.session.connectors.add({
          ...{ name, rooms: rooms.map(({ room }) => room), purpose, ends },
          ...{ reads: access.includes('read'), personal: persons },
          ...(handling ? { handling } : {}),
          ...(justification === undefined ? {} : { justification }),
        });
        const shares = handling ? `It shares ${handlingText(handling, await desk.names())}.\n` : '';
        const [first] = rooms;
        const warnings = warningsFor(rooms, options);
        const human = `The connector ${plain(name)} (${short(device)}) may ${access.join(' and ')} for ${purpose} in ${rooms.map((room) => `"${titleOf(room)}"`).join(', ')} until ${time(ends)}. Everyone sees that the centre signs for it.\n${shares}${warnings.map((each) => `Warning: ${each}\n`).join('')}
Its token, shown this once:

  ${token}

For example:

  curl --user any:${token} ${new URL(`api/v1/rooms/${first?.room ?? ''}/parts`, desk.centre.url)}
`;
        const about = { name, rooms: rooms.map(({ room }) => room), purpose, access, ends };
        await answerSaid(context, receipt, human, {
          ...{ device, token, ...about },
          ...{ handling: handling ?? null, warnings },
        });
      });
    });
}

/** It is added all the same: terms can change, and a connector may only write. */
function warningsFor(
  rooms: readonly RoomView[],
  { for: purpose, access = ['read'], persons, justification }: AddOptions,
): string[] {
  if (!access.includes('read')) return [];
  const allowed = rooms.some(({ accepted }) => accepted?.terms.purposes.includes(purpose));
  const titles = rooms.map((room) => `"${titleOf(room)}"`).join(', ');
  return [
    ...(allowed
      ? []
      : [`the terms that you accepted in ${titles} do not allow ${purpose}: it will read nothing there`]),
    ...(persons && justification === undefined
      ? ['without a --justification it will see no personal data of others']
      : []),
  ];
}

/** No end where none was given: in a room that keeps nothing for ever, the centre names the latest with each share. */
async function handlingOf(
  options: AddOptions,
  purposes: string[] | undefined,
  desk: Desk,
): Promise<Handling> {
  const room = await desk.room(options.room[0] ?? '');
  const handling = await handlingFrom(options, purposes, room.terms, desk.party);
  if (handling.personal && !options.persons) throw usage('what holds personal data needs --persons');
  return { ...handling, until: options.until ?? null };
}

const accesses: readonly string[] = ['read', 'write'];

function accessList(value: string, before: readonly string[] | undefined): string[] {
  const list = collectList(value, before);
  if (!list.every((one) => accesses.includes(one)))
    throw new InvalidArgumentError(`expected some of ${accesses.join(', ')}`);
  return accesses.filter((one) => list.includes(one));
}

function listCommand(io: Io): Command {
  return new Command('list')
    .description('the connectors of your party')
    .addHelpText(
      'after',
      example('parley connector list') +
        shape(
          '{"connectors":[{"device","name","purpose","access","rights","rooms","handling","justification","enrolled","ends","revoked","used"}]}',
        ),
    )
    .action(async (_options: object, command: Command) => {
      const context = contextOf(io, command);
      await withSession(context, 'office', async ({ session, rooms }) => {
        const connectors = await session.connectors.list();
        const titles = new Map((await rooms()).map((room) => [room.room, titleOf(room)]));
        const rows = connectors.map((each) => [
          each.name,
          short(each.device),
          each.rights.map((right) => (right === 'speak' ? 'write' : right)).join(', '),
          each.purpose,
          each.rooms.map((room) => titles.get(room) ?? short(room)).join(', '),
          each.used === null ? 'never' : time(each.used),
          stateOf(each),
        ]);
        const head = ['name', 'connector', 'may', 'for', 'rooms', 'last used', 'state'];
        await context.answer({ connectors }, table(head, rows, 'No connectors.'));
      });
    });
}

function stateOf({ revoked, ends }: ConnectorView): string {
  if (revoked !== null) return `revoked ${time(revoked)}`;
  const over = ends !== null && Date.parse(ends) <= Date.now();
  return over ? `ended ${time(ends)}` : `live until ${time(ends)}`;
}

function whyCommand(io: Io): Command {
  return new Command('why')
    .description('what the centre refused it, and by which rule, newest first')
    .argument('<connector>', 'its name, its fingerprint, or 8 or more of the first digits')
    .option(
      '--statement <statement>',
      'why it does not see this one: PARTY/ID, or the first digits of the id; you read it for the purpose of the connector, which is recorded',
    )
    .addHelpText(
      'after',
      example('parley connector why "Gate feed"', 'parley connector why "Gate feed" --statement 3f2a91cc') +
        shape(
          '{"device","refusals":[{"first","last","count","route","code","title","rule","words","place","detail"}]}\nor with --statement {"device","statement":{"party","id"} or null,"purpose","verdict","words"}',
        ),
    )
    .action(async (text: string, { statement }: { statement?: string }, command: Command) => {
      const context = contextOf(io, command);
      if (statement !== undefined) return whyNot(context, text, statement);
      await withSession(context, 'office', async ({ session }) => {
        const device = connectorNamed(text, await session.connectors.list(), true);
        const found = await session.connectors.why(device);
        const refusals = found.map((each) => ({ ...each, words: ruleInWords(each.rule) }));
        const pieces = refusals.map(({ last, count: n, route, code, title, words, place, detail }) => {
          const where = [place, detail].filter((one) => one !== '').join(': ');
          return `${time(last)}  ${route}  ${count(n, 'time')} within the hour\n  ${title} (${code})${where ? `\n  ${plain(where)}` : ''}\n  ${words}\n`;
        });
        const human = pieces.length > 0 ? pieces.join('\n') : 'Nothing was refused to it.\n';
        await context.answer({ device, refusals }, human);
      });
    });
}

/** As the party sees it for the one purpose that the connector has: nothing is asked for the connector. */
async function whyNot(context: Context, text: string, named: string): Promise<void> {
  const connector = await withSession(context, 'office', async ({ session }) => {
    const all = await session.connectors.list();
    const device = connectorNamed(text, all, true);
    return all.find((each) => each.device === device) as ConnectorView;
  });
  const { device, purpose } = connector;
  const kept = purposeFor(context, 'office');
  const reading = kept.purpose === purpose ? kept : { purpose, justification: null };
  const look = async ({ session, statement }: Desk) => {
    const ref = await absentIsNull(statement(named));
    return { ref, seen: ref && (await absentIsNull(session.statement(ref))) };
  };
  const { ref, seen } = await withSession(context, 'content', look, reading);
  const verdict = verdictOn(connector, seen, Date.now());
  const words = verdictInWords(verdict);
  await context.answer({ device, statement: ref, purpose, verdict, words }, `For ${purpose}: ${words}\n`);
}

async function absentIsNull<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    const absent = error instanceof Refusal && ['absent', 'target.unknown'].includes(error.code);
    if (!absent) throw error;
    return null;
  }
}

function revokeCommand(io: Io): Command {
  return new Command('revoke')
    .description('end it at once: its token opens nothing more, and the centre throws its key away')
    .argument('<connector>', 'its name, its fingerprint, or 8 or more of the first digits')
    .addHelpText('after', example('parley connector revoke "Gate feed"') + shape(saidShape))
    .action(async (text: string, _options: object, command: Command) => {
      const context = contextOf(io, command);
      await withSession(context, 'office', async ({ session }) => {
        const device = connectorNamed(text, await session.connectors.list(), false);
        await answerSaid(context, await session.revoke(device), `The connector ${short(device)} is revoked.`);
      });
    });
}

/** @param ended whether one that was revoked is meant, too, where no live one has the name */
function connectorNamed(text: string, connectors: readonly ConnectorView[], ended: boolean): DeviceId {
  const live = connectors.filter(({ revoked }) => revoked === null);
  const named = (list: readonly ConnectorView[]) =>
    partyNamed(
      text,
      list.map(({ device, name }) => ({ party: device, name })),
    );
  const unknown = (error: unknown) => error instanceof Refusal && error.code === 'party.unknown';
  try {
    return named(live);
  } catch (error) {
    if (!unknown(error)) throw error;
    if (ended && live.length < connectors.length) return connectorNamed(text, revived(connectors), false);
    throw new Refusal('device.unknown', { detail: `"${text}"; "parley connector list" shows them` });
  }
}

function revived(connectors: readonly ConnectorView[]): ConnectorView[] {
  return connectors.map((each) => ({ ...each, revoked: null }));
}
