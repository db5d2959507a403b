/** What a device may do within the rights it has: in its rooms only, and with or without personal data. */
import { Refusal } from '@parley/core/errors.ts';
import { onPersons } from '@parley/core/persons.ts';
import { type AnyHeader, handlingOf, isA, refsIn } from '@parley/core/statement.ts';
import type { DeviceState, Readers } from './readers.ts';
import { noCase } from './supervision.ts';

/**
 * Before any rule looks further: what lies beyond the limits of a device is not told to it.
 * @throws device.limited, target.unknown
 */
export async function checkLimits(header: AnyHeader, device: DeviceState, readers: Readers): Promise<void> {
  const { rooms, personal } = device;
  if (rooms !== null && header.room === undefined)
    throw new Refusal('device.limited', {
      at: '/kind',
      detail: 'the device speaks in its rooms only, and this is said in none',
    });
  if (rooms !== null && !rooms.includes(header.room ?? ''))
    throw new Refusal('device.limited', { at: '/room', detail: 'the device does not speak in this room' });
  if (personal) return;
  if (header.room === undefined)
    throw new Refusal('device.limited', {
      at: '/kind',
      detail: 'a device without personal data speaks in rooms only, and this is said in none',
    });
  if (handlingOf(header)?.personal)
    throw new Refusal('device.limited', {
      at: '/body/handling/personal',
      detail: 'the device does not share personal data',
    });
  await checkNamed(header, readers);
}

/** What a device may not see, it cannot ask for, pass on, take back, answer or complain of: as if it were not there. */
async function checkNamed(header: AnyHeader, { log }: Readers): Promise<void> {
  const named = refsIn(header);
  const places = named.length === 0 ? [] : await log.findAll(named.map(({ ref }) => ref));
  const records = await log.records([...new Set(places.filter((place) => place !== null))]);
  const beyond = await onPersons(records, log);
  const first = named.find((_, i) => beyond.has(places[i] ?? -1));
  if (first && isA(header, 'supervision.open/1')) throw new Refusal('supervision.no-case', noCase);
  if (first) throw unknownAt(first.at);
}

/** As the rules of the kinds say it of what is not there. */
function unknownAt(at: string): Refusal {
  const answers = ['/body/ask', '/body/notice', '/body/request', '/body/complaint'];
  return new Refusal(answers.includes(at) ? 'answer.unasked' : 'target.unknown', { at });
}
