// npm run bench:scaling -- [workers] [keys] [overlap] [state] [--runs=3] [--keys-max=10000000] [--record]: rows a second against workers, keys and
// overlapping windows, and what a checkpoint and a restart cost against the size of the state; each run a process of its own.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { CACHE_FOLDER } from '../data/trade-files.ts';
import { type LineChart, lineChart } from '../harness/line-chart.ts';
import { keepRecord, median, type Row, rounded, tableOf } from '../harness/report.ts';
import type { RecoveryReport } from '../job/recovery.ts';
import type { ScalingReport } from './scaling-job.ts';

const REGISTER = fileURLToPath(new URL('../../dist/cli/register.js', import.meta.url));
const DOCS_CHARTS = fileURLToPath(new URL('../../docs/charts/', import.meta.url));
const { values: options, positionals: words } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '3' },
    'keys-max': { type: 'string', default: '10000000' },
    record: { type: 'boolean', default: false },
  },
});

const KEYS = [10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000].filter((keys) => keys <= Number(options['keys-max']));
const OVERLAPS = [1, 2, 5, 10, 20, 60];
const GROUPS = [10_000, 100_000, 1_000_000, 4_000_000].filter((groups) => groups <= Number(options['keys-max']));
/** A map task takes a million rows: four of them for two workers to share. */
const ROWS_FOR_WORKERS = 4_000_000;
const BATCHES_OF_STATE = 4;

const STUDIES: Readonly<Record<string, () => void>> = {
  workers: () =>
    throughput(
      'workers',
      'workers',
      [1, 2].map((workers) => [workers, [`--workers=${workers}`, `--rows=${ROWS_FOR_WORKERS}`]]),
      false,
    ),
  keys: () =>
    throughput(
      'keys',
      'keys',
      KEYS.map((keys) => [keys, [`--keys=${keys}`]]),
      true,
    ),
  overlap: () =>
    throughput(
      'overlap',
      'windows that each row is in (size / slide)',
      OVERLAPS.map((overlap) => [overlap, [`--overlap=${overlap}`]]),
      false,
    ),
  state: stateSize,
};
for (const [name, study] of Object.entries(STUDIES)) if (words.length === 0 || words.includes(name)) study();

/** Rows a second, all and by CPU second, against one thing that grows. */
function throughput(name: string, xLabel: string, variants: readonly (readonly [number, readonly string[]])[], isLogX: boolean): void {
  const runs = inTurn(variants, (words) => job<ScalingReport>('./scaling-job.ts', words));
  const rate = ({ rows, wallMs }: ScalingReport) => rows / wallMs / 1000;
  const cpuRate = ({ rows, cpuMs }: ScalingReport) => rows / cpuMs / 1000;
  const middle = (at: number, figure: (run: ScalingReport) => number) => median((runs[at] ?? []).map(figure));
  const rows = variants.map(([x], at): Row => {
    const figures = { 'M rows/s': rounded(middle(at, rate)), 'M rows / CPU s': rounded(middle(at, cpuRate)) };
    return {
      [name]: x,
      ...figures,
      groups: middle(at, ({ groups }) => groups),
      'peak RSS MiB': Math.round(middle(at, ({ rssMaxMiB }) => rssMaxMiB)),
    };
  });
  tell(name, rows, runs, {
    title: `Rows a second against ${name}`,
    xLabel,
    yLabel: 'M rows a second, and M rows a CPU second',
    isLogX,
    lines: [
      { label: 'a second', points: variants.map(([x], at) => ({ x, y: middle(at, rate) })) },
      { label: 'a CPU second', points: variants.map(([x], at) => ({ x, y: middle(at, cpuRate) })) },
    ],
  });
}

/** A state of some size is written in four batches; then a query brings it back. */
function stateSize(): void {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-scaling-'));
  try {
    const once = (words: readonly string[]) => {
      const checkpoint = `--checkpoint=${mkdtempSync(join(folder, 'state-'))}`;
      const filled = job<RecoveryReport>('../job/recovery.ts', [checkpoint, ...words]);
      return { filled, recovered: job<RecoveryReport>('../job/recovery.ts', [checkpoint, '--rows=1', '--batches=1']) };
    };
    const variants = GROUPS.map((groups) => [groups, [`--rows=${groups / BATCHES_OF_STATE}`, `--batches=${BATCHES_OF_STATE}`]] as const);
    const runs = inTurn(variants, once);
    const middle = (at: number, figure: (run: ReturnType<typeof once>) => number) => median((runs[at] ?? []).map(figure));
    const rows = variants.map(
      ([groups], at): Row => ({
        groups,
        'state MB': rounded(middle(at, ({ filled }) => filled.stateBytes / 1e6)),
        'files MB': rounded(middle(at, ({ filled }) => filled.fileBytes / 1e6)),
        'checkpoint ms': rounded(middle(at, ({ filled }) => filled.commitMs)),
        'restart to first batch ms': rounded(middle(at, ({ recovered }) => recovered.wallMs)),
        'restart CPU ms': rounded(middle(at, ({ recovered }) => recovered.cpuMs)),
      }),
    );
    tell('state', rows, runs, {
      title: 'Checkpoint and restart against the size of the state',
      xLabel: 'groups in the state',
      yLabel: 'milliseconds',
      isLogX: true,
      lines: [
        { label: 'restart', points: variants.map(([x], at) => ({ x, y: middle(at, ({ recovered }) => recovered.wallMs) })) },
        { label: 'checkpoint', points: variants.map(([x], at) => ({ x, y: middle(at, ({ filled }) => filled.commitMs) })) },
      ],
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Each variant once, then each again: what else the machine does falls on all of them. */
function inTurn<R>(variants: readonly (readonly [number, readonly string[]])[], run: (words: readonly string[]) => R): R[][] {
  const found = variants.map((): R[] => []);
  for (let pass = 0; pass < Number(options.runs); pass += 1) {
    for (const [at, [x, words]] of variants.entries()) {
      console.error(`pass ${pass + 1}: ${x} …`);
      found[at]?.push(run(words));
    }
  }
  return found;
}

function job<Report>(path: string, words: readonly string[]): Report {
  const program = ['--import', REGISTER, fileURLToPath(new URL(path, import.meta.url)), ...words];
  return JSON.parse(execFileSync(process.execPath, program, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })) as Report;
}

function tell(name: string, rows: readonly Row[], runs: unknown, chart: LineChart): void {
  console.log(`\nscaling/${name}\n${tableOf(rows)}`);
  const folder = options.record ? DOCS_CHARTS : join(CACHE_FOLDER, 'charts');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `scaling-${name}.svg`);
  writeFileSync(file, lineChart(chart));
  console.log(`chart: ${file}`);
  if (options.record) keepRecord(`scaling/${name}`, `npm run bench:scaling -- ${process.argv.slice(2).join(' ')}`.trim(), rows, runs);
}
