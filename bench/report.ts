/** What a run found: rows for machines, a table for people. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';

/** One figure. `ratio` is what the target is about; `value` and `reference` are what it was made of. */
export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The limit, measured in the same run, or what it is compared with; null where the target is absolute. */
  readonly reference: number | null;
  readonly ratio: number | null;
  readonly target: string;
  readonly met: boolean | null;
  /** What was measured, and what limits it. */
  readonly note: string;
}

/** The ratio is at least, or at most, so much. */
export function byRatio(
  about: { name: string; unit: string; note: string },
  value: number,
  reference: number,
  { least, most }: { readonly least?: number; readonly most?: number },
): Row {
  const ratio = value / reference;
  const met = (least === undefined || ratio >= least) && (most === undefined || ratio <= most);
  const target = least === undefined ? `≤ ${most} of the reference` : `≥ ${least} of the reference`;
  return { ...about, value, reference, ratio, target, met };
}

export function byValue(
  about: { name: string; unit: string; note: string },
  value: number,
  { least, most }: { readonly least?: number; readonly most?: number },
): Row {
  const met = (least === undefined || value >= least) && (most === undefined || value <= most);
  const target = least === undefined ? `≤ ${shown(most ?? 0)}` : `≥ ${shown(least)}`;
  return { ...about, value, reference: null, ratio: null, target, met };
}

/** What has no target, but is worth knowing. */
export function known(about: { name: string; unit: string; note: string }, value: number): Row {
  return { ...about, value, reference: null, ratio: null, target: '', met: null };
}

/** What could not be measured here, and why. */
export function skipped(name: string, note: string): Row {
  return { name, value: 0, unit: '', reference: null, ratio: null, target: '', met: null, note };
}

export function table(rows: readonly Row[]): string {
  const head = '| figure | value | unit | reference | ratio | target | met | what was measured |';
  const lines = rows.map(({ name, value, unit, reference, ratio, target, met, note }) => {
    const [of, share] = [reference, ratio].map((n) => (n === null ? '' : shown(n)));
    const left = unit === '';
    const verdict = left ? 'skipped' : met === null ? '' : met ? 'yes' : 'no';
    return `| ${[name, left ? '' : shown(value), unit, of, share, target, verdict, note].join(' | ')} |`;
  });
  return [head, `|${' --- |'.repeat(8)}`, ...lines].join('\n');
}

export function shown(n: number): string {
  if (Math.abs(n) >= 100) return Math.round(n).toLocaleString('en');
  return String(Number(n.toPrecision(3)));
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Nearest rank. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))] ?? Number.NaN;
}

/** The machine and what was measured on it, in one line. */
export function machine(): string {
  const [first] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} × ${first?.model ?? 'unknown'}, ${memory} GiB, Linux ${release()}, Node ${process.versions.node}, commit ${commit()}`;
}

function commit(): string {
  try {
    const run = (...args: string[]) =>
      execFileSync('git', args, {
        cwd: import.meta.dirname,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
    const changed = run('status', '--porcelain', '--untracked-files=no').trim() === '' ? '' : ' with changes';
    return run('rev-parse', '--short=12', 'HEAD').trim() + changed;
  } catch {
    return 'unknown';
  }
}

/** Memory of a process that stands in no file: `RssAnon` of Linux, in bytes. */
export function anonymousMemory(pid: number): number {
  const status = readFileSync(join('/proc', String(pid), 'status'), 'utf8');
  return Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) * 1024;
}

/** Seconds of processor that a process with all its threads has used. */
export function processorTime(pid: number): number {
  const stat = readFileSync(join('/proc', String(pid), 'stat'), 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
