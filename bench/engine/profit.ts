// The profit job on 5 million trades from files: records a second, CPU time, memory; each run a process of its own.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { tradeFiles } from '../data/trade-files.ts';
import { median, type Row, report, rounded } from '../harness/report.ts';
import type { JobReport } from '../job/profit.ts';

const RECORDS = 5_000_000;
const RUNS = 5;
const JOB = fileURLToPath(new URL('../job/profit.ts', import.meta.url));
const REGISTER = fileURLToPath(new URL('../../dist/cli/register.js', import.meta.url));

/** A way to run the job. */
interface Variant {
  readonly name: string;
  readonly workers: number;
  readonly words: readonly string[];
}

const BY_WINDOW_AND_ID = 'window and id, update';
const VARIANTS: readonly Variant[] = [
  { name: BY_WINDOW_AND_ID, workers: 1, words: [] },
  { name: BY_WINDOW_AND_ID, workers: 2, words: [] },
  { name: `${BY_WINDOW_AND_ID}, 8 batches`, workers: 1, words: ['--files-per-batch=1'] },
  { name: `${BY_WINDOW_AND_ID}, 8 batches`, workers: 2, words: ['--files-per-batch=1'] },
  { name: 'window, complete', workers: 1, words: ['--windows-only', '--mode=complete'] },
  { name: 'window, complete', workers: 2, words: ['--windows-only', '--mode=complete'] },
];

const files = tradeFiles(RECORDS);

function run({ workers, words }: Variant): JobReport {
  const job = [JOB, `--input=${files.input}`, `--reference=${files.reference}`, `--workers=${workers}`, ...words];
  const printed = execFileSync(process.execPath, ['--import', REGISTER, ...job], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const found = JSON.parse(printed) as JobReport;
  if (found.records !== files.records) throw new Error(`${found.records} records were read, ${files.records} are there`);
  return found;
}

function rowOf({ name, workers }: Variant, runs: readonly JobReport[]): Row {
  const millions = files.records / 1e6;
  const middle = (figure: (run: JobReport) => number) => median(runs.map(figure));
  const cpuSeconds = middle((one) => one.query.cpuMs) / 1000;
  return {
    'grouped by, mode': name,
    workers,
    'M records/s': rounded(millions / (middle((one) => one.query.wallMs) / 1000)),
    'M records/s with start': rounded(millions / (middle((one) => one.process.wallMs) / 1000)),
    'CPU s / M records': rounded(cpuSeconds / millions),
    'M / CPU s': rounded(millions / cpuSeconds),
    'M / CPU s with start': rounded(millions / (middle((one) => one.process.cpuMs) / 1000)),
    'CPU spread %': Math.round((100 * (Math.max(...cpus(runs)) - Math.min(...cpus(runs)))) / (cpuSeconds * 1000)),
    'peak RSS MiB': Math.round(middle((one) => one.rssMaxMiB)),
  };
}

const cpus = (runs: readonly JobReport[]) => runs.map((one) => one.query.cpuMs);

// In turn, not one variant after the other: what else the machine does then falls on all of them.
const runs = VARIANTS.map((): JobReport[] => []);
for (let pass = 0; pass < RUNS; pass += 1) {
  for (const [at, variant] of VARIANTS.entries()) runs[at]?.push(run(variant));
}

report(
  'engine/profit',
  VARIANTS.map((variant, at) => rowOf(variant, runs[at] ?? [])),
  VARIANTS.map((variant, at) => ({
    ...variant,
    words: variant.words.join(' '),
    records: files.records,
    inputBytes: files.bytes,
    runs: runs[at],
  })),
);
