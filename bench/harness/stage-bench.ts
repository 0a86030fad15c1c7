// Measures the cases of one stage with tinybench, in CPU time: each answers rightly before its time counts.
import { Bench, type TimestampProvider } from 'tinybench';
import { type Row, report, rounded } from './report.ts';

/** One thing to measure. */
export interface Case {
  readonly name: string;
  /** What one is: `row`, `call`, `batch`. */
  readonly unit: string;
  /** How many of them a run does. */
  readonly units: number;
  /** Throws where the answer is wrong. Runs once, before the measurement. */
  readonly check: () => void | Promise<void>;
  readonly run: () => void | Promise<void>;
  /** Gives back what the case holds. */
  readonly close?: () => void | Promise<void>;
}

const MS_PER_CASE = 1_000;
const WARMUP_MS = 200;
const ITERATIONS_MIN = 8;
const NS_PER_MS = 1e6;

/** CPU time of the process, all threads: a machine that does other work too lengthens wall time and hardly this. */
const CPU_CLOCK: TimestampProvider = {
  name: 'cpuUsage',
  fn: () => {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
  toMs: (micros) => Number(micros) / 1000,
  fromMs: (ms) => ms * 1000,
};

/** Checks and measures the cases one after another and reports them as `name`. */
export async function stageBench(name: string, cases: readonly (() => Case | Promise<Case>)[]): Promise<void> {
  const rows: Row[] = [];
  for (const open of cases) {
    const opened = await open();
    await opened.check();
    rows.push(await measure(opened));
    await opened.close?.();
  }
  report(name, rows);
}

async function measure({ name, unit, units, run }: Case): Promise<Row> {
  const bench = new Bench({
    timestampProvider: CPU_CLOCK,
    time: MS_PER_CASE,
    warmupTime: WARMUP_MS,
    warmupIterations: 2,
    iterations: ITERATIONS_MIN,
    throws: true,
  });
  bench.add(name, run);
  await bench.run();
  const result = bench.tasks[0]?.result;
  if (result?.state !== 'completed') throw new Error(`${name}: ${result?.state}`);
  const nsPerUnit = (ms: number) => rounded((ms * NS_PER_MS) / units);
  const { latency } = result;
  return {
    case: name,
    per: unit,
    'CPU ns, median': nsPerUnit(latency.p50),
    'CPU ns, least': nsPerUnit(latency.min),
    'M / CPU s': rounded(1000 / nsPerUnit(latency.p50)),
    runs: latency.samplesCount,
    'units a run': units,
  };
}
