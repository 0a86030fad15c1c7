// What checkpoints cost: the profit job in 8 batches with and without one, and how fast a restart brings back two million groups.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tradeFiles } from '../data/trade-files.ts';
import { median, report, rounded } from '../harness/report.ts';
import type { JobReport } from '../job/profit.ts';
import type { RecoveryReport } from '../job/recovery.ts';

const RECORDS = 5_000_000;
const ROWS_PER_BATCH = 500_000;
const RUNS = 7;
const REGISTER = fileURLToPath(new URL('../../dist/cli/register.js', import.meta.url));

const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-checkpoint-'));
try {
  const files = tradeFiles(RECORDS);
  const profit = (...words: readonly string[]) =>
    run<JobReport>('profit', `--input=${files.input}`, `--reference=${files.reference}`, '--workers=1', '--files-per-batch=1', ...words);
  const [without, withOne]: [JobReport[], JobReport[]] = [[], []];
  for (let pass = 0; pass < RUNS; pass += 1) {
    without.push(profit());
    withOne.push(profit(`--checkpoint=${join(folder, `profit-${pass}`)}`));
  }

  const checkpoint = `--checkpoint=${join(folder, 'recovery')}`;
  const filled = run<RecoveryReport>('recovery', checkpoint, `--rows=${ROWS_PER_BATCH}`, '--batches=4');
  const recoveries: RecoveryReport[] = [];
  // A start with next to nothing to bring back: what a start costs anyway.
  const starts: RecoveryReport[] = [];
  for (let pass = 0; pass < RUNS; pass += 1) {
    recoveries.push(run<RecoveryReport>('recovery', checkpoint, '--rows=1', '--batches=1'));
    starts.push(run<RecoveryReport>('recovery', `--checkpoint=${join(folder, 'empty')}`, '--rows=1', '--batches=1'));
  }

  const cpu = (reports: readonly JobReport[]) => median(reports.map(({ query }) => query.cpuMs));
  const wall = (reports: readonly JobReport[]) => median(reports.map(({ query }) => query.wallMs));
  const recoveryMs = median(recoveries.map(({ cpuMs }) => cpuMs)) - median(starts.map(({ cpuMs }) => cpuMs));
  report(
    'engine/checkpoint',
    [
      { figure: 'CPU time of the profit job with a checkpoint / without', value: rounded(cpu(withOne) / cpu(without)) },
      { figure: 'wall time of the profit job with a checkpoint / without', value: rounded(wall(withOne) / wall(without)) },
      { figure: 'M groups brought back', value: rounded(filled.groups / 1e6) },
      { figure: 'MB of state brought back', value: rounded(filled.stateBytes / 1e6) },
      { figure: 'MB of state brought back / CPU s', value: rounded(filled.stateBytes / 1e3 / recoveryMs) },
    ],
    { without, with: withOne, filled, recoveries, starts },
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function run<Report>(job: string, ...words: readonly string[]): Report {
  const program = ['--import', REGISTER, fileURLToPath(new URL(`../job/${job}.ts`, import.meta.url)), ...words];
  return JSON.parse(execFileSync(process.execPath, program, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })) as Report;
}
