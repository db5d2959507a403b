/** `npm run bench`: every figure with its limit, measured in one run. What it finds wrong ends it with an error. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { accept } from './figures/accept.ts';
import { beside } from './figures/beside.ts';
import { page } from './figures/page.ts';
import { scale } from './figures/scale.ts';
import { share } from './figures/share.ts';
import { starting } from './figures/start.ts';
import { tlog } from './figures/tlog.ts';
import { machine, type Row, table } from './report.ts';
import { type Options, small, whole } from './sizes.ts';

const figures = { accept, page, share, start: starting, beside, tlog, scale } as const;
type Name = keyof typeof figures;
/** Milliseconds of one figure, with the making of its stores: load that does not end by itself is ended. */
const longest = 3 * 3_600_000;

const usage = `npm run bench -- [--only NAME]... [--small] [--json] [--write] [--cache DIR] [--records N] [--objects N] [--database URL]
  --only     one of ${Object.keys(figures).join(', ')}; again for each
  --small    a quick run, which shows that everything works and measures little
  --json     a row for each figure, one JSON object a line
  --write    puts the table into bench/RESULTS.md, over the one that is there
  --cache    where large stores are made and kept (default: parley-bench in the folder for temporary files)
  --records  of the long log (default 1000000; making it takes minutes, once)
  --objects  in the large room (default 1000192)
  --database postgres://… of a server on which a database may be made, for what instances and database carry
`;

const smallWord =
  'Small sizes show that everything works, and measure little: a target that is missed here says nothing. Run it without --small, on a machine that does nothing else.';

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    small: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
    cache: { type: 'string', default: join(tmpdir(), 'parley-bench') },
    records: { type: 'string' },
    objects: { type: 'string' },
    database: { type: 'string' },
  },
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop(signal));
if (values.help) process.stdout.write(usage);
else await run();

async function run(): Promise<void> {
  const wanted = values.only ?? Object.keys(figures);
  for (const name of wanted)
    if (!Object.hasOwn(figures, name)) throw new Error(`no figure ${name}\n${usage}`);
  mkdirSync(values.cache, { recursive: true, mode: 0o700 });
  const options: Options = {
    size: sizeOf(),
    cache: values.cache,
    database: values.database ?? null,
    say: (text) => console.error(text),
  };
  const rows: Row[] = [];
  for (const name of wanted as Name[]) {
    options.say(`measuring: ${name}`);
    const timer = setTimeout(() => stop(`${name} did not end`), longest);
    rows.push(...(await figures[name](options)));
    clearTimeout(timer);
  }
  const text = values.json
    ? rows.map((row) => JSON.stringify(row)).join('\n')
    : `${table(rows)}\n\n${machine()}${values.small ? `\n\n${smallWord}` : ''}`;
  console.log(text);
  if (values.write) write(rows);
}

/** Processes of the benchmark end with this one, where it ends by `exit`. */
function stop(why: string): never {
  console.error(why);
  process.exit(1);
}

function sizeOf(): Options['size'] {
  const base = values.small ? small : whole;
  const { records, objects } = values;
  return {
    ...base,
    records: { ...base.records, ...(records === undefined ? {} : { many: Number(records) }) },
    objects: { ...base.objects, ...(objects === undefined ? {} : { many: Number(objects) }) },
  };
}

/** Between two marks, so that what people wrote around it stays. */
function write(rows: readonly Row[]): void {
  const [begin, end] = ['<!-- measured -->', '<!-- /measured -->'];
  const path = join(import.meta.dirname, 'RESULTS.md');
  const text = readFileSync(path, 'utf8');
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${path} lacks its marks`);
  const day = new Date().toISOString().slice(0, 10);
  const measured = `${begin}\n${day}, ${machine()}\n\n${table(rows)}\n`;
  writeFileSync(path, text.slice(0, from) + measured + text.slice(to));
}
