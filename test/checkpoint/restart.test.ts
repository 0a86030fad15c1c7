// A query goes on from its checkpoint as if it had never stopped: whatever the workers, after a crash before any commit, and not when it is another query.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { addFile, type Batches, filesOf, type Place, type RunOptions, runQuery, withPlace } from './profit-query.ts';

const FILES = 6;

async function straight(options: RunOptions): Promise<Batches> {
  const batches: Batches = new Map();
  await withPlace(async (place) => {
    for (let file = 0; file < FILES; file += 1) {
      addFile(place, file);
      await runQuery(place, batches, options);
    }
  });
  return batches;
}

test('any number of workers can go on from any checkpoint, and the shards stay those of its birth', async () => {
  const expected = await straight({});
  await withPlace(async (place) => {
    const batches: Batches = new Map();
    for (let file = 0; file < FILES; file += 1) {
      addFile(place, file);
      const conf = {
        'millrace.workers': [1, 2, 8][file % 3] ?? 1,
        'millrace.inlineBytesMax': 0,
        'spark.sql.shuffle.partitions': file === 0 ? 8 : 3,
      };
      await runQuery(place, batches, { conf });
    }
    assert.deepEqual(batches, expected);
  });
});

test('the id stays, the run is new, the logs are purged and snapshots are written', async () => {
  await withPlace(async (place) => {
    const batches: Batches = new Map();
    const conf = { 'spark.sql.streaming.minBatchesToRetain': 2, 'spark.sql.streaming.stateStore.minDeltasForSnapshot': 2 };
    const ids = new Set<string>();
    for (let file = 0; file < FILES; file += 1) {
      addFile(place, file);
      ids.add(await runQuery(place, batches, { conf }));
    }
    assert.equal(ids.size, 1);
    const names = filesOf(place).map(({ name }) => name);
    assert.ok(names.filter((name) => name.startsWith('offsets/')).length <= 2, String(names));
    assert.ok(
      names.some((name) => name.endsWith('.snapshot')),
      String(names),
    );
    assert.ok(!names.some((name) => name.endsWith('.tmp')), String(names));
    assert.deepEqual(batches, await straight({ conf }));
  });
});

for (const lost of ['the commit', 'the commit and the state', 'everything of the last batch'] as const) {
  test(`a crash that loses ${lost} is made up for`, async () => {
    await withPlace(async (place) => {
      const batches: Batches = new Map();
      for (let file = 0; file < 3; file += 1) addFile(place, file);
      await runQuery(place, batches);
      loseLastBatch(place, lost);
      const again: Batches = new Map();
      addFile(place, 3);
      await runQuery(place, again);
      const last = Math.max(...batches.keys());
      assert.equal(Math.min(...again.keys()), last);
      if (lost !== 'everything of the last batch') assert.equal(again.get(last), batches.get(last));
    });
  });
}

function loseLastBatch(place: Place, lost: string): void {
  const files = filesOf(place);
  const numbers = files.filter(({ name }) => name.startsWith('commits/')).map(({ name }) => Number(name.split('/')[1]));
  const last = Math.max(...numbers);
  rmSync(join(place.checkpoint, 'commits', String(last)));
  if (lost === 'the commit') return;
  for (const { name, path } of files) {
    if (name.startsWith('state/') && name.endsWith(`/${last + 1}.delta`)) rmSync(path);
  }
  if (lost === 'everything of the last batch') rmSync(join(place.checkpoint, 'offsets', String(last)));
}

test('another query is refused with what changed; another mode, delay or output is not', async () => {
  await withPlace(async (place) => {
    addFile(place, 0);
    await runQuery(place, new Map());
    addFile(place, 1);
    await assert.rejects(runQuery(place, new Map(), { key: 'amount' }), {
      code: 'STATE_STORE_KEY_SCHEMA_NOT_COMPATIBLE',
      message: /number 2 was STRING, now it is INT/,
    });
    await runQuery(place, new Map(), { outputMode: 'append' });
  });
});

test('a checkpoint serves one query at a time', async () => {
  await withPlace(async (place) => {
    addFile(place, 0);
    const batches: Batches = new Map();
    let refusal: { code?: string; message?: string } = {};
    const reentrant: Batches = new (class extends Map<number, string> {
      override set(batchId: number, rows: string): this {
        pending ??= runQuery(place, new Map()).catch((error) => {
          refusal = error;
          return '';
        });
        return super.set(batchId, rows);
      }
    })();
    let pending: Promise<string> | undefined;
    await Promise.all([runQuery(place, reentrant), new Promise((resolve) => setTimeout(resolve, 0))]);
    await pending;
    assert.equal(refusal.code, 'CHECKPOINT_LOCKED');
    assert.match(refusal.message ?? '', new RegExp(`process ${process.pid} on `));
    // It is free again.
    await runQuery(place, batches);
  });
});
