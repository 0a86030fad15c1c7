// A progress report has Spark's fields, in Spark's order and shapes (names as recorded from Spark 4.3).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { progressOf } from '../../dist/engine/progress.js';
import { StageTimer } from '../../dist/engine/stage-timer.js';

const PROGRESS = [
  'id',
  'runId',
  'name',
  'timestamp',
  'batchId',
  'batchDuration',
  'numInputRows',
  'inputRowsPerSecond',
  'processedRowsPerSecond',
  'durationMs',
  'eventTime',
  'stateOperators',
  'sources',
  'sink',
  // Ours.
  'rowCounts',
];
const DURATIONS = ['addBatch', 'commitOffsets', 'getBatch', 'latestOffset', 'queryPlanning', 'triggerExecution', 'walCommit'];
const OPERATOR = [
  'operatorName',
  'numRowsTotal',
  'numRowsUpdated',
  'allUpdatesTimeMs',
  'numRowsRemoved',
  'allRemovalsTimeMs',
  'commitTimeMs',
  'memoryUsedBytes',
  'numRowsDroppedByWatermark',
  'numShufflePartitions',
  'numStateStoreInstances',
  'customMetrics',
];
const SOURCE = ['description', 'startOffset', 'endOffset', 'latestOffset', 'numInputRows', 'inputRowsPerSecond', 'processedRowsPerSecond'];

/** A query and a batch as far as a report looks at them. */
function reportOf({ batchId = 2, hasWatermark = true, rows = true, previousTriggerMs = 1_000 as number | null } = {}) {
  const source = { description: 'FileStreamSource[file:/in]' };
  const position = { number: 0, source, initial: { logOffset: -1 }, committed: { logOffset: 1 } };
  const query = {
    id: 'a',
    runId: 'b',
    definition: { name: 'q' },
    description: { watermarks: hasWatermark ? [{ node: 0, delayMs: 10_000, source: 0 }] : [] },
    sink: { description: 'ForeachBatchSink' },
    state: { previousTriggerMs },
  };
  const operator = {
    operatorName: 'stateStoreSave',
    numRowsTotal: 5,
    numRowsUpdated: 2,
    numRowsRemoved: 0,
    numRowsDroppedByWatermark: 1,
    numLateInputRows: 3,
    memoryUsedBytes: 64,
    numShards: 8,
  };
  const batch = {
    range: {
      batchId,
      hasData: rows,
      sources: [{ position, from: { logOffset: 1 }, end: { logOffset: 2 }, hasData: rows }],
      watermarkMs: 1_767_225_602_698,
      lateWatermarkMs: 0,
      timestampMs: 3_000,
    },
    triggerMs: 3_000,
    splits: rows ? [{ spec: { source: 0, format: 'json' }, byteLength: 1 }] : [],
    reports: rows ? [{ numInputRows: 2, inputBytes: 10 }] : [],
    eventTimes: rows
      ? [{ node: 0, count: 2, minMs: 1_767_225_620_739, maxMs: 1_767_225_623_413, avgMs: (1_767_225_620_739 + 1_767_225_623_413) / 2 }]
      : [],
    result: {
      counters: { stateOperators: [operator], numInputRows: 9, numProcessedRows: 4, numFilteredRows: 2, numLateRows: 3, numBadRows: 0 },
    },
    numOutputRows: -1,
    observedMetrics: null,
    timer: new StageTimer(),
  };
  return progressOf(query as never, batch as never);
}

test('every field is there under Spark’s name, in Spark’s order', () => {
  const progress = reportOf();
  assert.deepEqual(Object.keys(progress), PROGRESS);
  assert.deepEqual(Object.keys(progress.durationMs), DURATIONS);
  assert.deepEqual(Object.keys(progress.stateOperators[0] ?? {}), OPERATOR);
  assert.deepEqual(Object.keys(progress.sources[0] ?? {}), SOURCE);
  assert.deepEqual(Object.keys(progress.sink), ['description', 'numOutputRows']);
  assert.equal(progress.timestamp, '1970-01-01T00:00:03.000Z');
});

test('event times are those of the batch, the watermark the one in force in it (golden KP00)', () => {
  assert.deepEqual(reportOf().eventTime, {
    avg: '2026-01-01T00:00:22.076Z',
    max: '2026-01-01T00:00:23.413Z',
    min: '2026-01-01T00:00:20.739Z',
    watermark: '2026-01-01T00:00:02.698Z',
  });
  assert.deepEqual(reportOf({ rows: false }).eventTime, { watermark: '2026-01-01T00:00:02.698Z' });
  assert.equal('eventTime' in reportOf({ hasWatermark: false }), false);
});

test('the first batch starts from no offset and has no rate before it', () => {
  const first = reportOf({ batchId: 0, previousTriggerMs: null });
  assert.equal(first.sources[0]?.startOffset, null);
  assert.equal(first.inputRowsPerSecond, 0);
  const later = reportOf();
  assert.deepEqual(later.sources[0]?.startOffset, { logOffset: 1 });
  assert.equal(later.inputRowsPerSecond, 1);
  assert.equal(later.sources[0]?.latestOffset, null);
});
