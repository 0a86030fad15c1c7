// npm run bench:latency -- [--rate=50000] [--seconds=60] [--warm-up=10] [--starts=7] [--record]: from an event's hand-over to the producer to its
// result row in foreachBatch, through a real broker, with a checkpoint and the default trigger; and how long a cold start takes.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { KafkaBroker } from '../../test/kafka/broker.ts';
import { tradeFiles } from '../data/trade-files.ts';
import { keepRecord, type Row, rounded, tableOf } from '../harness/report.ts';
import type { JobReport } from '../job/profit.ts';
import { latenciesOf, percentile, type Sent } from './event-latency.ts';
import { sendSteadily } from './event-producer.ts';
import type { DeliveredBatch } from './latency-job.ts';

const TOPIC = 'trades';
const PARTITIONS = 4;
const COLD_RECORDS = 10_000;
const REGISTER = fileURLToPath(new URL('../../dist/cli/register.js', import.meta.url));
const programOf = (path: string) => ['--import', REGISTER, fileURLToPath(new URL(path, import.meta.url))];

const { values: options } = parseArgs({
  options: {
    rate: { type: 'string', default: '50000' },
    seconds: { type: 'string', default: '60' },
    'warm-up': { type: 'string', default: '10' },
    starts: { type: 'string', default: '7' },
    record: { type: 'boolean', default: false },
  },
});
const [rate, seconds, warmUp] = [Number(options.rate), Number(options.seconds), Number(options['warm-up'])];

const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-latency-'));
const broker = await KafkaBroker.start();
try {
  await broker.createTopic(TOPIC, PARTITIONS);
  const { sent, batches } = await measured();
  const rows = [...latencyRows(sent, batches), ...stageRows(batches), ...coldStartRows()];
  console.log(`\nlatency, ${rate} events/s for ${seconds} s after ${warmUp} s\n${tableOf(rows)}`);
  const command = `npm run bench:latency -- ${process.argv.slice(2).join(' ')}`.trim();
  if (options.record) keepRecord('latency', command, rows, { rate, seconds, warmUp, batches: batches.length });
} finally {
  await broker.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function measured(): Promise<{ sent: Sent[]; batches: DeliveredBatch[] }> {
  const words = [`--bootstrap=${broker.bootstrapServers}`, `--topic=${TOPIC}`, `--checkpoint=${join(folder, 'checkpoint')}`];
  const job = spawn(process.execPath, [...programOf('./latency-job.ts'), ...words], { stdio: ['pipe', 'pipe', 'inherit'] });
  const printed = (async () => {
    let text = '';
    for await (const piece of job.stdout) text += String(piece);
    return text;
  })();
  const sent = await sendSteadily(broker.bootstrapServers, TOPIC, PARTITIONS, rate, seconds + warmUp);
  // The last events are to be delivered before the job stops.
  await new Promise((resolve) => setTimeout(resolve, 2000));
  job.stdin.end();
  return { sent, batches: JSON.parse(await printed) as DeliveredBatch[] };
}

function latencyRows(sent: readonly Sent[], batches: readonly DeliveredBatch[]): Row[] {
  const first = sent.reduce((least, { sentMs }) => Math.min(least, sentMs), Number.POSITIVE_INFINITY);
  const { whole, untilBatch, inBatch, missing } = latenciesOf(sent, batches, first + warmUp * 1000);
  if (missing > 0) throw new Error(`${missing} events were in no batch`);
  return [
    rowOf('event to result row', whole),
    rowOf('of it until its batch is triggered', untilBatch),
    rowOf('of it from the trigger to foreachBatch', inBatch),
    rowOf(
      'besides: the producer behind its rate',
      sent.filter(({ sentMs }) => sentMs >= first + warmUp * 1000).map(({ lateMs }) => lateMs),
    ),
  ];
}

/** The stages of the batches after the warm-up, by what they take. */
function stageRows(batches: readonly DeliveredBatch[]): Row[] {
  const from = (batches[0]?.triggeredMs ?? 0) + warmUp * 1000;
  const warm = batches.filter(({ triggeredMs }) => triggeredMs >= from);
  const stages = [...new Set(warm.flatMap(({ durationMs }) => Object.keys(durationMs)))] as (keyof DeliveredBatch['durationMs'])[];
  return stages
    .map((stage) =>
      rowOf(
        `a batch's ${stage}`,
        warm.map(({ durationMs }) => durationMs[stage] ?? 0),
      ),
    )
    .sort((left, right) => Number(right['p50 ms']) - Number(left['p50 ms']));
}

/** The profit job over 10,000 records in files, a process each time, its result checked: until it ended, from the birth of the process. */
function coldStartRows(): Row[] {
  const files = tradeFiles(COLD_RECORDS);
  const starts = Array.from({ length: Number(options.starts) }, () => {
    const words = [`--input=${files.input}`, `--reference=${files.reference}`];
    const printed = execFileSync(process.execPath, [...programOf('../job/profit.ts'), ...words], { encoding: 'utf8' });
    return (JSON.parse(printed) as JobReport).process;
  });
  return [
    rowOf(
      'cold start of the profit job to its result, wall',
      starts.map(({ wallMs }) => wallMs),
    ),
    rowOf(
      'cold start of the profit job to its result, CPU',
      starts.map(({ cpuMs }) => cpuMs),
    ),
  ];
}

function rowOf(what: string, values: readonly number[]): Row {
  const at = (share: number) => rounded(percentile(values, share));
  return { what, 'p50 ms': at(0.5), 'p99 ms': at(0.99), 'p99.9 ms': at(0.999), 'max ms': at(1), of: values.length };
}
