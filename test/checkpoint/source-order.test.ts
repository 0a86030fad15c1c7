// Sources stand in the offset log as Spark numbers them: from left to right in the plan, whichever reader was made first.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { MemoryStream, Session, schema } from 'millrace';
import { withPlace } from './profit-query.ts';

const ROWS = schema({ id: 'int' });

test('the left side of a union comes first, and a reader that is used twice counts once', async () => {
  await withPlace(async ({ checkpoint }) => {
    const session = Session.create();
    const [second, first] = [new MemoryStream(session, ROWS), new MemoryStream(session, ROWS)];
    const query = await first
      .toDF()
      .union(second.toDF())
      .union(first.toDF())
      .writeStream.option('checkpointLocation', checkpoint)
      .foreachBatch(() => {})
      .start();
    first.addData({ id: 1 });
    first.addData({ id: 2 });
    second.addData({ id: 3 });
    await query.processAllAvailable();
    await query.stop();
    const [, , ...offsets] = readFileSync(join(checkpoint, 'offsets', String(query.lastProgress?.batchId ?? 0)), 'utf8').split('\n');
    assert.deepEqual(offsets, ['1', '0']);
  });
});
