// Vectors of Kafka's sinks: rows are written by the product and read back by Kafka's own consumer.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Session, type StreamingQuery } from 'millrace';
import { optionsOf, projected } from './kafka-case.ts';
import { bytesValue, compareJson, compareKafkaError, compareRows } from './kafka-comparison.ts';
import type { KafkaStage } from './kafka-script.ts';

type Json = any;

/** `df.write.format('kafka')` of rows in memory. */
export async function runSinkCase(golden: Json, stage: KafkaStage): Promise<string[]> {
  const differences: string[] = [];
  try {
    const { schema, rows } = golden.input;
    const input: Json = Session.create().createDataFrame(rows.map(inputRow), schema);
    const writer = projected(input, golden.select).write.format('kafka').options(optionsOf(golden.options, stage));
    if (golden.mode !== undefined) writer.mode(golden.mode);
    await writer.save();
    if (golden.error !== undefined) differences.push(`expected the error ${golden.error.message}, got none`);
  } catch (error) {
    compareKafkaError(golden.error, error, 'save', differences);
  }
  const created = (golden.setup ?? []).filter(({ op }: Json) => op === 'createTopic');
  const topics = created.map(({ topic }: Json) => topic);
  const isSpread = created.some(({ partitions }: Json) => partitions > 1);
  await compareWritten(golden.written, topics, stage, differences, isSpread ? freeValues(golden.input) : []);
  return differences;
}

/** Values of rows that say neither key nor partition: which partition they go to is the client's choice, and no part of the reference. */
function freeValues({ schema, rows }: Json): string[] {
  const names: string[] = schema.split(', ').map((column: string) => column.split(' ')[0]);
  const [key, partition, value] = ['key', 'partition', 'value'].map((name) => names.indexOf(name)) as [number, number, number];
  const free = rows.filter((row: Json[]) => (row[key] ?? null) === null && (row[partition] ?? null) === null);
  return free.map((row: Json[]) => Buffer.from(inputValue(row[value]) ?? '').toString('base64'));
}

/** A stream from Kafka to Kafka. */
export async function runSinkStreamCase(golden: Json, stage: KafkaStage): Promise<string[]> {
  const differences: string[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'millrace-golden-'));
  let query: StreamingQuery | null = null;
  let place = 'load';
  try {
    const frame: Json = Session.create().readStream.format('kafka').options(optionsOf(golden.options, stage)).load();
    place = 'start';
    const writer = projected(frame, golden.select).writeStream.format('kafka').options(optionsOf(golden.sinkOptions, stage));
    if (golden.checkpoint !== false) writer.option('checkpointLocation', folder);
    if (golden.outputMode !== undefined) writer.outputMode(golden.outputMode);
    query = (await writer.trigger({ availableNow: true }).start()) as StreamingQuery;
    place = 'run';
    await query.awaitTermination();
    if (golden.error !== undefined) differences.push(`expected the error ${golden.error.message}, got none`);
    if (golden.sinkProgress !== undefined)
      compareJson('numOutputRows', golden.sinkProgress.numOutputRows, query.lastProgress?.sink.numOutputRows, differences);
  } catch (error) {
    compareKafkaError(golden.error, error, place, differences);
  } finally {
    await query?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  await compareWritten(golden.written, golden.targets, stage, differences);
  return differences;
}

async function compareWritten(
  expected: Json[],
  topics: string[],
  { script }: KafkaStage,
  differences: string[],
  free: readonly string[] = [],
): Promise<void> {
  const { records } = await script.run({ op: 'read', topics });
  const placed = (record: Json): Json =>
    free.length === 0 ? record : { ...record, offset: null, ...(free.includes(record.value) && { partition: null }) };
  const order = ({ topic, partition, offset, value }: Json): string =>
    `${topic} ${String(partition).padStart(9)} ${String(offset).padStart(19)} ${value}`;
  const written = records.map(placed).map((record: Json) => ({
    ...record,
    key: base64Value(record.key),
    value: base64Value(record.value),
    timestamp: BigInt(record.timestamp) * 1000n,
  }));
  written.sort((left: Json, right: Json) => (order(left) < order(right) ? -1 : 1));
  const wanted = expected.map(placed).sort((left, right) => (order(left) < order(right) ? -1 : 1));
  compareRows('written', wanted, written, differences);
}

function base64Value(base64: string | null): Json {
  return base64 === null ? null : bytesValue(Buffer.from(base64, 'base64'));
}

/** A row of the input as createDataFrame takes it. */
function inputRow(row: Json[]): Json[] {
  return row.map(inputValue);
}

function inputValue(value: Json): Json {
  if (Array.isArray(value)) return value.map(([key, bytes]) => ({ key, value: inputValue(bytes) }));
  if (value?.b64 !== undefined) return new Uint8Array(Buffer.from(value.b64, 'base64'));
  if (typeof value === 'object' && value?.repeat !== undefined) return value.repeat.repeat(value.count);
  return value;
}
