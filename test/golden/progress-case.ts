// Vectors of progress documents, statuses, failures and rate-micro-batch rows: their values are samples, their names and shapes are not.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as functions from 'millrace';
import { col, count, type DataFrame, lit, Session, type StreamingQuery, sum, window } from 'millrace';
import { collectInto, compareError, type SinkBatch } from './batch-comparison.ts';
import { NotExpressible } from './query-tree.ts';

type Json = any;

const SCHEMA = 'ts TIMESTAMP, k STRING, v INT';
const FILES = [
  [0, 4],
  [5, 10],
  [20, 23],
];

/** The queries that the vectors name, over files of three rows. */
const QUERIES: Readonly<Record<string, (files: (name: string) => DataFrame<any>) => DataFrame<any>>> = {
  file_window_append: (files) =>
    files('in')
      .withWatermark('ts', '10 seconds')
      .groupBy(window('ts', '10 seconds'), col('k'))
      .agg(count(lit(1)).alias('n'), sum('v').alias('s')),
  file_stateless: (files) => files('in').filter(col('v').geq(0)),
  file_dedup_availableNow: (files) => (files('in').withWatermark('ts', '10 seconds') as Json).dropDuplicates(['k', 'ts']),
  file_dedup_within: (files) => (files('in').withWatermark('ts', '10 seconds') as Json).dropDuplicatesWithinWatermark(['k']),
  file_session: (files) =>
    files('in')
      .withWatermark('ts', '10 seconds')
      .groupBy((functions as Json).sessionWindow('ts', '5 seconds'), col('k'))
      .agg(count(lit(1)).alias('n')),
  file_observe: (files) => files('in').observe('m', count(lit(1)).alias('rows'), (functions as Json).max('v').alias('maxv')),
  file_join: (files) => {
    const left = files('in').withWatermark('ts', '10 seconds').alias('l');
    const right = files('in').withWatermark('ts', '10 seconds').alias('r');
    return left
      .join(
        right,
        col('l.k')
          .eq(col('r.k'))
          .and(col('l.ts').eq(col('r.ts'))),
      )
      .select(col('l.k'), col('l.v'));
  },
};

/** Replays a case of Kprogress; tells what differs from Spark. */
export async function runProgressCase(golden: Json): Promise<string[]> {
  if (golden.batches !== undefined) return compareRateRows(golden);
  if (golden['awaitTermination raises'] !== undefined) return compareFailure(golden['awaitTermination raises']);
  if (golden.events !== undefined) return compareEvents(golden);
  const folder = mkdtempSync(join(tmpdir(), 'millrace-progress-'));
  const session = Session.create({ timeZone: 'UTC' });
  const query = await startNamed(session, golden.query, folder);
  try {
    if (golden.query.endsWith('availableNow')) await query.awaitTermination();
    else if (golden.query.startsWith('rate')) await query.awaitTermination(2300);
    else await query.processAllAvailable();
    if (golden.status !== undefined) return compareStatus(golden.status, query);
    const wanted = golden.progress;
    const sameKind = query.recentProgress.filter((found) => (found.numInputRows === 0) === (wanted.numInputRows === 0));
    const found = sameKind.at(-1);
    return found === undefined ? ['no progress of this kind'] : differencesOf(shapeOf(wanted), shapeOf(found), '$');
  } finally {
    await query.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function startNamed(session: Session, name: string, folder: string): Promise<StreamingQuery> {
  const files = (directory: string) => {
    placeFiles(join(folder, directory));
    return session.readStream.schema(SCHEMA).option('maxFilesPerTrigger', 1).json(join(folder, directory)) as DataFrame<any>;
  };
  const frame = frameOf(session, name, files);
  const writer = frame.writeStream.queryName(name).foreachBatch(() => {});
  return (name.endsWith('availableNow') ? writer.trigger({ availableNow: true }) : writer).start();
}

function frameOf(session: Session, name: string, files: (directory: string) => DataFrame<any>): DataFrame<any> {
  if (name === 'rate') return session.readStream.format('rate').option('rowsPerSecond', 10).load();
  if (name === 'rate_micro_batch') return session.readStream.format('rate-micro-batch').option('rowsPerBatch', 5).load();
  const make = QUERIES[name];
  if (make === undefined) throw new NotExpressible(`the query ${name}`);
  return make(files);
}

function placeFiles(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const [number, seconds] of FILES.entries()) {
    const rows = seconds.map((second, index) =>
      JSON.stringify({ ts: new Date(Date.UTC(2026, 0, 1, 0, 0, second)), k: 'ab'[index], v: second }),
    );
    writeFileSync(join(folder, `f${number}.json`), `${rows.join('\n')}\n`);
  }
}

/** A status is that of an instant: its words are Spark's, whichever they are just now. */
function compareStatus(expected: Json, query: StreamingQuery): string[] {
  const words =
    /^(Initializing sources|Getting offsets from .+|Processing new data|No new data but cleaning up state|Waiting for (data to arrive|next trigger)|Stopped)$/;
  const found = query.status;
  const differences = differencesOf(shapeOf(expected), shapeOf(found), '$');
  if (!words.test(found.message) || !words.test(expected.message)) differences.push(`status: ${found.message}`);
  return differences;
}

async function compareRateRows(golden: Json): Promise<string[]> {
  const batches: SinkBatch[] = [];
  const session = Session.create({ timeZone: 'UTC' });
  const reader = session.readStream.format('rate-micro-batch');
  for (const [name, value] of Object.entries<number>(golden.options)) reader.option(name, value);
  const frame = reader.load();
  const enough = new Promise<void>((resolve) => {
    const watch = setInterval(() => {
      if (batches.length < golden.batches.length) return;
      clearInterval(watch);
      resolve();
    }, 5);
  });
  const query = await frame.writeStream.foreachBatch(collectInto(batches)).start();
  await enough;
  await query.stop();
  return golden.batches.flatMap((batch: Json, index: number) => {
    const found = batches[index];
    const rows = JSON.stringify(found?.rows, (_name, value) => (typeof value === 'bigint' ? Number(value) : value));
    return rows === JSON.stringify(batch.output) && found?.batchId === batch.batchId
      ? []
      : [`batch ${batch.batchId}: expected ${JSON.stringify(batch.output)}, got ${rows}`];
  });
}

async function compareFailure(expected: Json): Promise<string[]> {
  const session = Session.create({ timeZone: 'UTC' });
  const differences: string[] = [];
  const failing = () => {
    throw new Error('from the user function');
  };
  const query = await session.readStream
    .format('rate-micro-batch')
    .option('rowsPerBatch', 1)
    .load()
    .writeStream.foreachBatch(failing)
    .start();
  await query.awaitTermination().then(
    () => differences.push('expected a failure, got none'),
    (error: unknown) => compareError(expected, error, differences),
  );
  return differences;
}

/** The events of one query come in the order of the vectors, with the same names. */
async function compareEvents(golden: Json): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-events-'));
  const session = Session.create({ timeZone: 'UTC', conf: { 'spark.sql.streaming.noDataProgressEventInterval': '1 millisecond' } });
  const events: string[] = [];
  const fields: string[] = [];
  session.streams.addListener({
    onQueryStarted(event) {
      events.push('QueryStarted');
      fields.push(...Object.keys(event));
    },
    onQueryProgress: () => void events.push('QueryProgress'),
    onQueryIdle: () => void events.push('QueryIdle'),
    onQueryTerminated: () => void events.push('QueryTerminated'),
  });
  const query = await startNamed(session, 'file_window_append', folder);
  await query.processAllAvailable();
  // A look without data that comes at least a millisecond after the last batch.
  await new Promise((resolve) => setTimeout(resolve, 5));
  await query.processAllAvailable();
  await query.stop();
  await new Promise((resolve) => setTimeout(resolve, 20));
  rmSync(folder, { recursive: true, force: true });
  const wanted = golden.events.filter((event: Json) => event.name === 'lst' || event.name === undefined).map((event: Json) => event.event);
  // How often a query is idle is a matter of time.
  const once = events.filter((event, index) => event !== 'QueryIdle' || events[index - 1] !== 'QueryIdle');
  const differences = differencesOf(wanted, once, 'events');
  // jobTags are those of a cluster's jobs.
  const wantedFields = golden.events[0].fields.filter((field: string) => field !== 'jobTags');
  return [...differences, ...differencesOf(wantedFields.sort(), fields.sort(), 'QueryStarted')];
}

/** Names and kinds of values; what a state store counts beside Spark's own fields is its own affair. */
function shapeOf(value: Json): Json {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])];
  if (typeof value !== 'object' || value === null) return typeof value;
  // Spark's reports have no such field.
  const ours = Object.entries(value).filter(([name]) => name !== 'rowCounts');
  const fields = ours.map(([name, field]) => [name, name === 'customMetrics' ? 'metrics' : shapeOf(field)]);
  return Object.fromEntries(fields.sort(([left], [right]) => ((left as string) < (right as string) ? -1 : 1)));
}

function differencesOf(expected: Json, found: Json, place: string): string[] {
  return JSON.stringify(expected) === JSON.stringify(found)
    ? []
    : [`${place}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(found)}`];
}
