// State of every operator, damaged byte by byte: each flipped bit and each cut of each of its files is found.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { MemoryStream, Session } from 'millrace';
import { inspectCheckpoint } from '../../dist/checkpoint/inspection.js';
import { EVENTS, QUERIES } from '../stateful-queries.ts';
import { withPlace } from './profit-query.ts';

const CONF = { 'spark.sql.shuffle.partitions': 1, 'spark.sql.streaming.stateStore.minDeltasForSnapshot': 2 };
/** A prime: over the files together each bit of a byte gets its turn. */
const STEP = 7;
const BATCHES_MIN = 4;
const BATCHES_MAX = 40;

for (const { name, modes, build } of QUERIES) {
  test(`${name}: no damage of its state goes unnoticed`, async () => {
    await withPlace(async ({ checkpoint }) => {
      const session = Session.create({ conf: CONF });
      const [left, right] = [new MemoryStream(session, EVENTS), new MemoryStream(session, EVENTS)];
      const query = await build(left.toDF(), right.toDF())
        .writeStream.outputMode(modes[0])
        .option('checkpointLocation', checkpoint)
        .foreachBatch(() => {})
        .start();
      const stateFiles = () => stateFilesBelow(join(checkpoint, 'state'));
      const hasSnapshot = () => stateFiles().some((path) => path.endsWith('.snapshot'));
      // A batch that begins while a snapshot is taken goes first: now and then it needs another chance.
      for (let batch = 0; batch < BATCHES_MIN || (batch < BATCHES_MAX && !hasSnapshot()); batch += 1) {
        for (const [side, stream] of [left, right].entries()) {
          stream.addData({ ts: new Date(1_767_225_600_000 + batch * 20_000 + side * 5000), id: 'ab'[batch % 2] ?? 'a', amount: batch });
        }
        await query.processAllAvailable();
      }
      await query.stop();
      const problems = () => inspectCheckpoint(checkpoint).problems.map(({ path }) => path);
      assert.deepEqual(problems(), []);
      const files = stateFiles();
      assert.ok(hasSnapshot() && files.some((path) => path.endsWith('.delta')));
      for (const path of newest(files)) {
        const bytes = readFileSync(path);
        for (let position = 0; position < bytes.length; position += STEP) {
          const flipped = Buffer.from(bytes);
          flipped[position] = (flipped[position] ?? 0) ^ (1 << (position % 8));
          writeFileSync(path, flipped);
          assert.equal(problems().length > 0, true, `${path}: bit ${position % 8} of byte ${position}`);
          writeFileSync(path, bytes.subarray(0, position));
          assert.equal(problems().length > 0, true, `${path}: cut at ${position}`);
        }
        writeFileSync(path, bytes);
      }
      assert.deepEqual(problems(), []);
    });
  });
}

/** The newest file of each kind of each operator. */
function newest(files: readonly string[]): string[] {
  const found = new Map<string, string>();
  const versionOf = (path: string) => Number(/(\d+)\.\w+$/.exec(path)?.[1]);
  for (const path of [...files].sort((left, right) => versionOf(left) - versionOf(right))) {
    found.set(path.replace(/\d+\.(\w+)$/, '$1'), path);
  }
  return [...found.values()];
}

/** By their names alone: a snapshot may be on its way from a temporary one. */
function stateFilesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /(^|\/)\d+\.(delta|snapshot)$/.test(name))
    .map((name) => join(folder, name));
}
