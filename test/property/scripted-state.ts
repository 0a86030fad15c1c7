// Random programs over state per key: rows that say what is done with it, between which the clock is moved and the query stopped.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { MemoryStream, Session, schema } from 'millrace';
import { ManualClock } from '../../dist/engine/clock.js';
import { startStream } from '../../dist/engine/stream-execution.js';
import { collectInto, compareBatches, inputRow, type SinkBatch } from '../golden/batch-comparison.ts';
import { INSTRUCTIONS } from '../reference/scripted-groups.ts';
import { type BatchAnswer, START_MS, type StreamCase } from '../reference/stream.ts';
import { isoTime } from '../reference/value.ts';
// @ts-expect-error: a module of a program, without types.
import * as scripted from './scripted-processor.mjs';

const COLUMNS: [string, string][] = [
  ['ts', 'timestamp'],
  ['k', 'string'],
  ['op', 'string'],
  ['n', 'int'],
  ['mode', 'string'],
];
const Out = schema({ k: 'string', what: 'string' });
const BASE_MS = Date.parse('2026-01-01T00:00:00Z');
const MODULE = new URL('./scripted-processor.mjs', import.meta.url);

/** Cases of programs by rows, for `transformWithState` and for `flatMapGroupsWithState`. */
export function scriptedCases(): fc.Arbitrary<StreamCase> {
  const asked = fc.record({
    api: fc.constantFrom('transformWithState', 'transformWithState', 'flatMapGroupsWithState'),
    timeMode: fc.constantFrom('none', 'eventTime', 'processingTime', 'processingTime'),
    ttlMs: fc.constantFrom(null, 3_000, 20_000),
    delay: fc.constantFrom('0 seconds', '10 seconds'),
    isWatched: fc.boolean(),
    isModule: fc.boolean(),
    shards: fc.constantFrom(1, 1, 2, 5),
    workers: fc.constantFrom(0, 2),
  });
  return asked.chain(({ api, timeMode, ttlMs, delay, isWatched, isModule, shards, workers }) => {
    const isProcessor = api === 'transformWithState';
    const source = { op: 'source', name: 's' };
    const isByTime = timeMode === 'eventTime' || isWatched;
    const input = isByTime ? { op: 'withWatermark', input: source, eventTime: 'ts', delay } : source;
    const ttl = isProcessor && timeMode === 'processingTime' && ttlMs !== null ? { ttlMs } : {};
    const query = { op: 'stateful', input, api, keys: ['k'], function: 'script', timeMode, isModule, ...ttl };
    const names: readonly string[] = INSTRUCTIONS[isProcessor ? 'processor' : 'function'];
    const allowed = names
      .filter((name) => timeMode !== 'none' || !name.startsWith('time'))
      // A put counts anew in its shard: with one shard alone it is known in which.
      .filter((name) => shards === 1 || name !== 'list put');
    const steps = fc.array(step(allowed, isProcessor, timeMode), { minLength: 1, maxLength: 8 });
    const conf = { 'spark.sql.shuffle.partitions': shards, 'millrace.workers': workers, 'millrace.inlineBytesMax': '0' };
    return steps.map(
      (given): StreamCase => ({
        sources: [{ name: 's', schema: COLUMNS }],
        query,
        outputMode: 'update',
        config: { conf },
        steps: given,
      }),
    );
  });
}

function step(instructions: readonly string[], isProcessor: boolean, timeMode: string) {
  const time = fc.integer({ min: -10, max: 70 }).map((second) => isoTime(BigInt(BASE_MS + second * 1000) * 1000n));
  // The older functions refuse a timeout that is not behind now.
  const number = fc.integer({ min: isProcessor ? -3 : 1, max: 25 });
  const row = fc.tuple(time, fc.constantFrom('a', 'b', 'c', null), fc.constantFrom(...instructions), number, fc.constant(timeMode));
  return fc.record({
    input: fc.oneof(fc.record({ s: fc.array(row, { minLength: 1, maxLength: 8 }) }), fc.constant({ s: [] })),
    advanceMs: fc.constantFrom(0, 1, 999, 1_000, 1_001, 3_000, 10_000, 30_000),
    restart: fc.constantFrom(false, false, false, true),
  });
}

/** Runs a case; tells what differs from these answers. */
export async function runScripted({ query: tree, config, steps }: StreamCase, answers: readonly BatchAnswer[][]): Promise<string[]> {
  const session = Session.create({ conf: config.conf as never });
  const events = new MemoryStream<any>(session, schema(Object.fromEntries(COLUMNS) as never) as never);
  const input: any = tree['input']['op'] === 'withWatermark' ? events.toDF().withWatermark('ts', tree['input']['delay']) : events.toDF();
  const frame = scriptedFrame(input, tree);
  const batches: SinkBatch[] = [];
  const collect = collectInto(batches);
  const sink = {
    description: 'test',
    async write(id: number, batch: any): Promise<number> {
      collect(batch, id);
      return batch.numRows;
    },
  };
  const clock = new ManualClock(START_MS);
  const checkpointLocation = mkdtempSync(join(tmpdir(), 'millrace-scripted-'));
  const start = () =>
    startStream(
      {
        name: null,
        plan: frame.plan,
        sources: frame.sources,
        sink,
        outputMode: 'update',
        trigger: null,
        checkpointLocation,
        conf: session.conf.getAll(),
      } as never,
      clock,
    );
  const differences: string[] = [];
  let running = await start();
  try {
    for (const [at, { input: given, advanceMs = 0, restart }] of steps.entries()) {
      if (restart) {
        await running.stop();
        running = await start();
      }
      const rows = (given['s'] ?? []) as unknown[][];
      if (rows.length > 0) events.addData(...rows.map((row) => inputRow(row, COLUMNS)));
      batches.length = 0;
      await running.processAllAvailable();
      if (advanceMs > 0) clock.advance(advanceMs);
      await running.processAllAvailable();
      compareBatches(`step ${at}`, answers[at] ?? [], batches, running.recentProgress, differences);
    }
  } finally {
    await running.stop();
    rmSync(checkpointLocation, { recursive: true, force: true });
  }
  return differences;
}

function scriptedFrame(input: any, tree: StreamCase['query']): any {
  const { timeMode, ttlMs, isModule } = tree as Record<string, any>;
  const grouped = input.groupByKey((row: any) => row.k);
  if (tree['api'] === 'flatMapGroupsWithState') {
    return grouped.flatMapGroupsWithState(
      { outputMode: 'update', timeout: timeMode, state: 'int', output: Out },
      isModule ? MODULE : scripted.default,
    );
  }
  const ttl = ttlMs === undefined ? {} : { ttl: ttlMs };
  const state = {
    value: { type: 'value', of: 'int', ...ttl },
    list: { type: 'list', of: 'int', ...ttl },
    map: { type: 'map', key: 'int', of: 'int', ...ttl },
  };
  const { handleInputRows, handleExpiredTimer } = scripted;
  const functions = isModule ? { module: MODULE } : { handleInputRows, handleExpiredTimer };
  return grouped.transformWithState({ timeMode, state, output: Out, ...functions });
}
