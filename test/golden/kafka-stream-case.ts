// Streaming vectors of golden/kafka: each run is a start of the query on the same checkpoint, compared with Spark batch by batch.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ResultBatch, Session, type StreamingQuery } from 'millrace';
import { compareTasks, optionsOf } from './kafka-case.ts';
import { compareJson, compareKafkaError, compareRows, kafkaRows } from './kafka-comparison.ts';
import { type KafkaStage, playSteps } from './kafka-script.ts';
import { type TaskLog, watchTasks } from './kafka-tasks.ts';

type Json = any;

/** What one start of a query gave. */
interface RunOutcome {
  readonly rows: Map<number, Json[]>;
  tasks: TaskLog;
  progress: readonly Json[];
}

/** Replays the runs of a case. */
export async function runStreamCase(golden: Json, stage: KafkaStage): Promise<string[]> {
  const differences: string[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'millrace-golden-'));
  try {
    for (const [number, run] of golden.runs.entries()) {
      await playSteps(stage, run.setup ?? []);
      const outcome = await replay(golden, run, stage, folder, `run ${number}`, differences);
      compareRun(golden, run, outcome, folder, `run ${number}`, differences);
    }
    if (golden.sourceLogFile0 !== undefined && differences.length === 0)
      compareLastLine('sources/0/0', golden.sourceLogFile0, join(folder, 'sources', '0', '0'), differences);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return differences;
}

async function replay(
  golden: Json,
  run: Json,
  stage: KafkaStage,
  folder: string,
  name: string,
  differences: string[],
): Promise<RunOutcome> {
  const outcome: RunOutcome = { rows: new Map(), tasks: [], progress: [] };
  const error = run.error ?? golden.error;
  let query: StreamingQuery | null = null;
  let place = 'load';
  try {
    const options = optionsOf({ ...golden.options, ...run.options }, stage);
    const frame: Json = Session.create().readStream.format('kafka').options(options).load();
    outcome.tasks = watchTasks(frame);
    place = 'start';
    const writer = frame.writeStream
      .option('checkpointLocation', folder)
      .foreachBatch((batch: ResultBatch<any>, batchId: number) => void outcome.rows.set(batchId, kafkaRows(batch)));
    if (run.trigger !== null) writer.trigger(run.trigger);
    query = (await writer.start()) as StreamingQuery;
    place = 'run';
    await awaitAll(query, run, stage, name, differences);
    if (error !== undefined) differences.push(`${name}: expected the error ${error.message}, got none`);
  } catch (failure) {
    const found: string[] = [];
    compareKafkaError(error, failure, place, found);
    differences.push(...found.map((difference) => `${name}: ${difference}`));
  } finally {
    outcome.progress = query?.recentProgress ?? [];
    await query?.stop();
  }
  return outcome;
}

/** Until all is processed, and again after each feed. */
async function awaitAll(query: StreamingQuery, run: Json, stage: KafkaStage, name: string, differences: string[]): Promise<void> {
  if (run.trigger !== null) {
    await query.awaitTermination();
    return;
  }
  const firstBatch = (): number => query.recentProgress[0]?.batchId ?? 0;
  const numBatches = (): number => (query.lastProgress === null ? 0 : query.lastProgress.batchId - firstBatch() + 1);
  await query.processAllAvailable();
  for (const [number, feed] of (run.feeds ?? []).entries()) {
    compareJson(`${name} batches before feed ${number}`, feed.batchesBefore, numBatches(), differences);
    await playSteps(stage, feed.setup);
    await query.processAllAvailable();
    compareJson(`${name} batches after feed ${number}`, feed.batchesAfter, numBatches(), differences);
  }
}

function compareRun(golden: Json, run: Json, outcome: RunOutcome, folder: string, name: string, differences: string[]): void {
  const expected: Json[] = run.batches ?? [];
  const done = expected.filter((batch) => batch.rows !== null && batch.rows !== undefined);
  compareJson(
    `${name} batches`,
    done.map(({ batchId }) => batchId),
    outcome.progress.map(({ batchId }) => batchId),
    differences,
  );
  for (const [index, batch] of expected.entries()) {
    const at = `${name} batch ${batch.batchId}`;
    if (batch.offsetsLog !== undefined)
      compareLastLine(`${at} offsets`, batch.offsetsLog, join(folder, 'offsets', String(batch.batchId)), differences);
    const progress = outcome.progress.find(({ batchId }) => batchId === batch.batchId);
    if (!done.includes(batch) || progress === undefined) continue;
    compareRows(at, batch.rows, outcome.rows.get(batch.batchId) ?? [], differences);
    compareJson(`${at} numInputRows`, batch.numInputRows, progress.numInputRows, differences);
    const [source] = progress.sources;
    for (const field of ['startOffset', 'endOffset', 'latestOffset', 'metrics']) {
      if (field in batch) compareJson(`${at} ${field}`, batch[field], source[field], differences);
    }
    if (golden.description !== undefined && run.options === undefined)
      compareJson(`${at} description`, golden.description, source.description, differences);
    if (batch.tasks !== undefined) compareTasks(`${at} tasks`, batch.tasks, outcome.tasks[index], differences);
  }
}

/** Compares offsets as JSON: Scala's hash order of topics is not kept. */
function compareLastLine(place: string, expected: string, path: string, differences: string[]): void {
  if (!existsSync(path)) {
    differences.push(`${place}: there is no ${path}`);
    return;
  }
  const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? '';
  const [wanted, got] = [expected, readFileSync(path, 'utf8')];
  // The checksum is millrace's own.
  const { millrace, ...offsets } = JSON.parse(lastLine(got));
  compareJson(place, JSON.parse(lastLine(wanted)), offsets, differences);
  if (wanted.includes('v1'))
    compareJson(`${place} version`, wanted.slice(0, wanted.indexOf('\n')), got.slice(0, got.indexOf('\n')), differences);
}
