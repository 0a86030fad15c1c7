// npm run bench:peers -- PEER… WORKLOAD… [--path=file|parquet|kafka] [--scale=F] [--runs=N] [--sizes=L,M,tiny] [--limit=SECONDS] [--record]:
// the named peers and millrace, run in turn on the same data; each result is checked before its time counts.
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { CACHE_FOLDER } from '../data/trade-files.ts';
import { keepRecord, tableOf as textOf } from '../harness/report.ts';
import { type Run, type Summary, summaryOf, tableOf } from './figures.ts';
import { type Command, type Measured, measure } from './measured-run.ts';
import { peerChart } from './peer-chart.ts';
import { formOf, PeerData, readThrough } from './peer-data.ts';
import { PEERS, type Peer, type Task } from './peers.ts';
import { checkResult } from './result-check.ts';
import { Topics } from './topics.ts';
import { familyOf, INPUT_PATHS, type InputPath, recordCount, SIZES, type Size, type Workload, workloadsNamed } from './workloads.ts';

const CHART_FOLDER = fileURLToPath(new URL('../../docs/charts/', import.meta.url));

const { values: options, positionals: words } = parseArgs({
  allowPositionals: true,
  options: {
    path: { type: 'string', multiple: true, default: [...INPUT_PATHS] },
    scale: { type: 'string', default: '1' },
    runs: { type: 'string', default: '3' },
    sizes: { type: 'string', default: SIZES.join(',') },
    limit: { type: 'string', default: '600' },
    record: { type: 'boolean', default: false },
  },
});

/** A peer made ready for a case. */
interface Contender {
  readonly peer: Peer;
  readonly scale: number;
  readonly data: PeerData;
  readonly commandOf: (task: Task) => Command;
}

const scale = Number(options.scale);
const sizes = SIZES.filter((size) => options.sizes.split(',').includes(size));
const peers = PEERS.filter(({ name }) => name === 'millrace' || words.includes(name));
const workloads = workloadsNamed(words);
refuseUnknownWords();
const runFolder = join(CACHE_FOLDER, 'runs', String(process.pid));
const logFile = join(runFolder, 'errors.log');
mkdirSync(runFolder, { recursive: true });
const topics = new Topics();
try {
  for (const workload of workloads) {
    for (const path of INPUT_PATHS) {
      if (options.path.includes(path) && workload.paths.includes(path)) await runCase(workload, path);
    }
  }
} finally {
  await topics.stop();
}

function refuseUnknownWords(): void {
  const known = new Set([...PEERS.map(({ name }) => name), ...workloads.flatMap(({ name }) => [name, familyOf(name)])]);
  const strangers = words.filter((word) => !known.has(word));
  if (strangers.length === 0 && workloads.length > 0) return;
  console.error(
    `npm run bench:peers -- PEER… WORKLOAD…\n  peers: ${PEERS.map(({ name }) => name).join(', ')}\n  workloads: W1, W2, W3 or W3-q5counts …, W4`,
  );
  if (strangers.length > 0) console.error(`  not known: ${strangers.join(', ')}`);
  process.exit(1);
}

async function runCase(workload: Workload, path: InputPath): Promise<void> {
  const contenders: Contender[] = [];
  for (const peer of peers.filter(({ can }) => can(workload, path))) contenders.push(await ready(peer, path));
  const runs: Run[] = [];
  // In turn, not one peer after the other: what else the machine does then falls on all of them.
  for (let pass = 0; pass < Number(options.runs); pass += 1) {
    for (const size of sizes) {
      for (const contender of contenders) {
        const run = await runOnce(contender, workload, path, size, pass);
        console.error(lineOf(workload, path, run));
        runs.push(run);
      }
    }
  }
  tell(workload, path, contenders, runs);
}

async function ready(peer: Peer, path: InputPath): Promise<Contender> {
  const own = Math.min(scale, peer.scaleMax ?? scale);
  return { peer, scale: own, data: new PeerData(own), commandOf: await peer.install(path) };
}

async function runOnce(
  { peer, scale, data, commandOf }: Contender,
  workload: Workload,
  path: InputPath,
  size: Size,
  pass: number,
): Promise<Run> {
  const scratch = join(runFolder, `${peer.name}-${workload.name}-${path}-${size}-${pass}`);
  mkdirSync(scratch, { recursive: true });
  const form = peer.form?.(path) ?? formOf(path);
  const input = path === 'kafka' ? await topics.topic(workload, size, scale, data) : await data.input(workload, form, size);
  const reference = await data.reference(workload, size);
  const task: Task = { workload, path, input, records: recordCount(workload.data, size, scale), result: join(scratch, 'result'), scratch };
  const command = commandOf(task);
  const environment = {
    ...command.environment,
    BOOTSTRAP: topics.bootstrapServers,
    ...(workload.data === 'W2' ? { ADS: await data.ads() } : {}),
  };
  if (path !== 'kafka') await readThrough(input);
  appendFileSync(logFile, `\n=== ${scratch}\n`);
  const measured = await measure({ ...command, environment }, logFile, Number(options.limit));
  const base = { peer: peer.name, size, pass, records: task.records, wallSeconds: measured.wallSeconds };
  const run: Run = {
    ...base,
    cpuSeconds: measured.cpuSeconds,
    peakRssMiB: measured.peakRssMiB,
    ...(await verdict()),
    said: saidBy(measured),
  };
  rmSync(scratch, { recursive: true, force: true });
  return run;

  async function verdict(): Promise<Pick<Run, 'check' | 'failure'>> {
    if (measured.exitCode === null) return { check: null, failure: `longer than ${options.limit} s` };
    if (measured.exitCode !== 0) return { check: null, failure: `exit code ${measured.exitCode}, see ${logFile}` };
    return { check: await checkResult(task.result, reference, peer.emitsUpdates) };
  }
}

function saidBy({ output }: Measured): Record<string, unknown> {
  const line = output.split('\n').find((text) => text.startsWith('PEER '));
  return line === undefined ? {} : (JSON.parse(line.slice('PEER '.length)) as Record<string, unknown>);
}

function lineOf(workload: Workload, path: InputPath, { peer, size, wallSeconds, cpuSeconds, peakRssMiB, check, failure }: Run): string {
  const found =
    check === null ? `FAILED: ${failure}` : check.right ? `right, ${check.rows} rows` : `WRONG: ${check.wrongRows} rows, ${check.example}`;
  // A time without a right result says nothing.
  const times = check?.right === true ? `${wallSeconds.toFixed(2)} s, ${cpuSeconds.toFixed(2)} CPU s, ${peakRssMiB} MiB` : 'not timed';
  return `${workload.name} ${path} ${size} ${peer}: ${found}; ${times}`;
}

function tell(workload: Workload, path: InputPath, contenders: readonly Contender[], runs: readonly Run[]): void {
  const name = `peers/${workload.name}-${path}`;
  const summaries: Summary[] = contenders.map(({ peer }) =>
    summaryOf(
      peer.name,
      runs.filter((run) => run.peer === peer.name),
    ),
  );
  const rows = tableOf(summaries);
  console.log(`\n${name}\n${textOf(rows)}`);
  const chart = peerChart(`${workload.name} from ${path}`, summaries);
  const folder = options.record ? CHART_FOLDER : runFolder;
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `peers-${workload.name}-${path}.svg`);
  writeFileSync(file, chart);
  console.log(`chart: ${file}`);
  if (!options.record) return;
  const command = `npm run bench:peers -- ${process.argv.slice(2).join(' ')}`;
  const machines = contenders.map(({ peer, scale }) => ({ peer: peer.name, scale, records: recordCount(workload.data, 'L', scale) }));
  keepRecord(name, command, rows, { contenders: machines, runs });
}
