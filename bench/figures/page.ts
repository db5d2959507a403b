/** A page of 1,000 for a viewer who may see a tenth of the room: what it costs must not depend on the rest. */
import { type Built, built } from '../built.ts';
import { type Order, openReading, pageSize, placesIn, type Reading, readPage } from '../pages.ts';
import { anonymousMemory, byRatio, byValue, median, type Row, shown } from '../report.ts';
import type { Options } from '../sizes.ts';
import { start } from '../stage.ts';

export async function page({ size, cache, say }: Options): Promise<Row[]> {
  const { few, many } = size.objects;
  const [small, large] = [await built(cache, few, 256, say), await built(cache, many, 256, say)];
  const [short, long] = [await start(small.config), await start(large.config)];
  try {
    const readings = [await readingOf(small, short.url), await readingOf(large, long.url)] as const;
    const rows: Row[] = [];
    for (const order of ['newest', 'oldest'] as const)
      rows.push(...(await compared(order, readings, [small, large], size.pageRounds)));
    const memory = anonymousMemory(long.pid) / 1e6;
    const note = `RssAnon of the centre with ${large.objects} objects, after these pages`;
    return [...rows, byValue({ name: 'memory-serving', unit: 'MB', note }, memory, { most: 400 })];
  } finally {
    await Promise.all([short.stop(), long.stop()]);
  }
}

function readingOf({ centre, room, parties }: Built, url: string): Promise<Reading> {
  const [viewer] = parties;
  if (!viewer) throw new Error('a store without parties');
  return openReading(url, centre, room, viewer);
}

/** In turns, so that what else the machine does hits both. */
async function compared(
  order: Order,
  [short, long]: readonly [Reading, Reading],
  [small, large]: readonly [Built, Built],
  rounds: number,
): Promise<Row[]> {
  const [inShort, inLong] = [await placesIn(short, order), await placesIn(long, order)];
  const rows: Row[] = [];
  for (const [place, after] of Object.entries(inLong)) {
    const before = inShort[place] ?? null;
    const times: { short: number[]; long: number[] } = { short: [], long: [] };
    for (let round = -3; round < rounds; round++) {
      const [one, other] = [await full(short, order, before), await full(long, order, after)];
      if (round < 0) continue;
      times.short.push(one);
      times.long.push(other);
    }
    const note = `a page of ${pageSize} of ${shown(large.objects)} objects, a tenth of them open, with its access record; reference: of ${shown(small.objects)}`;
    const about = { name: `page-${order}-${place}`, unit: 'ms', note };
    rows.push(byRatio(about, median(times.long), median(times.short), { most: 1.5 }));
  }
  return rows;
}

async function full(reading: Reading, order: Order, after: string | null): Promise<number> {
  const { took, parts } = await readPage(reading, order, after);
  if (parts !== pageSize) throw new Error(`a page of ${parts}`);
  return took;
}
