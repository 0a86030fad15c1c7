// From single runs to figures: the steady rate between two sizes, CPU seconds per million records, cold start, memory, ratios.
import { median, type Row, rounded } from '../harness/report.ts';
import type { Check } from './result-check.ts';
import type { Size } from './workloads.ts';

/** One run of one program. */
export interface Run {
  readonly peer: string;
  readonly size: Size;
  /** Runs of one pass stand near to each other in time: only they are taken together. */
  readonly pass: number;
  readonly records: number;
  readonly wallSeconds: number;
  /** Of all processes of the run. */
  readonly cpuSeconds: number;
  readonly peakRssMiB: number;
  /** null: the program failed, or took longer than it may. */
  readonly check: Check | null;
  /** Why it failed. */
  readonly failure?: string;
  /** What the program says of itself. */
  readonly said?: Readonly<Record<string, unknown>>;
}

/** What a peer's runs of one case come to. A figure is null where no right run shows it. */
export interface Summary {
  readonly peer: string;
  /** Records a second without the start: those that L has more than M, by the time they take. */
  readonly steadyRate: number | null;
  readonly startedRate: number | null;
  /** The share of L's time that the difference to M is: a small one makes an uncertain rate. */
  readonly differenceShare: number | null;
  readonly cpuPerMillion: number | null;
  readonly peakRssMiB: number | null;
  readonly coldStartSeconds: number | null;
  /** Runs whose result is not right: they count in no figure. */
  readonly wrongRuns: number;
  readonly failedRuns: number;
}

/** The amount by which the figure grows for each record from the smaller run to the larger one; negative where noise outweighs the records. */
export function perRecord(larger: Run, smaller: Run, figure: (run: Run) => number): number {
  return (figure(larger) - figure(smaller)) / (larger.records - smaller.records);
}

/** Takes a peer's runs of one case together: medians over the passes, right results alone. */
export function summaryOf(peer: string, runs: readonly Run[]): Summary {
  const right = runs.filter(({ check }) => check?.right === true);
  const of = (size: Size) => right.filter((run) => run.size === size);
  const pairs = of('L').flatMap((larger) => {
    const smaller = of('M').find(({ pass }) => pass === larger.pass);
    return smaller === undefined ? [] : [[larger, smaller] as const];
  });
  // All pairs count, whatever their sign: to leave out those below zero would make the rest look slower. A median below zero says nothing.
  const slope = (figure: (run: Run) => number) => {
    const median = middle(pairs.map(([larger, smaller]) => perRecord(larger, smaller, figure)));
    return median !== null && median > 0 ? median : null;
  };
  const secondsPerRecord = slope(({ wallSeconds }) => wallSeconds);
  const cpuPerRecord = slope(({ cpuSeconds }) => cpuSeconds);
  return {
    peer,
    steadyRate: secondsPerRecord === null ? null : 1 / secondsPerRecord,
    startedRate: middle(of('L').map(({ records, wallSeconds }) => records / wallSeconds)),
    differenceShare: middle(pairs.map(([larger, smaller]) => 1 - smaller.wallSeconds / larger.wallSeconds)),
    cpuPerMillion: cpuPerRecord === null ? null : cpuPerRecord * 1e6,
    peakRssMiB: middle(of('L').map(({ peakRssMiB }) => peakRssMiB)),
    coldStartSeconds: middle(of('tiny').map(({ wallSeconds }) => wallSeconds)),
    wrongRuns: runs.filter(({ check }) => check?.right === false).length,
    failedRuns: runs.filter(({ check }) => check === null).length,
  };
}

/** The table of a case, the fastest first; ratios are to millrace, above 1 for who is faster. */
export function tableOf(summaries: readonly Summary[]): Row[] {
  const own = summaries.find(({ peer }) => peer === 'millrace')?.steadyRate ?? null;
  return [...summaries]
    .sort((left, right) => (right.steadyRate ?? 0) - (left.steadyRate ?? 0))
    .map((summary) => ({
      peer: summary.peer,
      'M records/s': shown(summary.steadyRate, 1e-6),
      'to millrace': own === null ? '-' : shown(summary.steadyRate, 1 / own),
      'M records/s with start': shown(summary.startedRate, 1e-6),
      'CPU s / M records': shown(summary.cpuPerMillion),
      'peak RSS MiB': shown(summary.peakRssMiB),
      'cold start s': shown(summary.coldStartSeconds),
      'L - M in % of L': shown(summary.differenceShare, 100),
      'wrong / failed runs': `${summary.wrongRuns} / ${summary.failedRuns}`,
    }));
}

function shown(value: number | null, factor = 1): string | number {
  return value === null ? '-' : rounded(value * factor);
}

function middle(values: readonly number[]): number | null {
  return values.length === 0 ? null : median(values);
}
