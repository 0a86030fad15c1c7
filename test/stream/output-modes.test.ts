// The three output modes over windows, late rows and batches without data included. Rules and examples: Spark 4.3.
import { test } from 'node:test';
import { runScript, WAYS } from './stream-script.ts';

const SCRIPTS: Readonly<Record<string, string>> = {
  'update gives what changed': `
window ts tumbling 10s   mode update
batch  12:00:03 a   12:00:04 a   12:00:05 b
expect 12:00:00 a 2   12:00:00 b 1
batch  12:00:09 b
expect 12:00:00 b 2
batch  12:00:10 b
expect 12:00:10 b 1
batches 1
state 3`,

  'complete gives everything, and never drops or evicts': `
window ts tumbling 10s   watermark 5s   mode complete
batch  12:00:03 a
expect 12:00:00 a 1
batch  12:01:00 a
expect 12:00:00 a 1   12:01:00 a 1
batches 1
batch  12:00:04 a     # far behind the watermark
expect 12:00:00 a 2   12:01:00 a 1
dropped 0`,

  'append gives a window once it is closed, in a batch without data': `
window ts tumbling 10s   watermark 5s   mode append
batch  12:00:03 a   12:00:04 b
expect nothing
batches 2             # the watermark moved, so a batch without data follows
watermark 11:59:59
batch  12:00:16 a
expect 12:00:00 a 1   12:00:00 b 1
batches 2
watermark 12:00:11
state 1`,

  'a window is closed when its end is not after the watermark; one second short is not': `
window ts tumbling 10s   watermark 5s   mode append
batch  12:00:03 a
expect nothing
batch  12:00:14 b
expect nothing
watermark 12:00:09
batch  12:00:15 b
expect 12:00:00 a 1
watermark 12:00:10`,

  'a late row is dropped only once the watermark has passed the end of its window': `
window ts tumbling 10s   watermark 5s   mode update
batch  12:00:03 a
expect 12:00:00 a 1
batch  12:00:21 b
expect 12:00:20 b 1
batch  12:00:12 c     # the watermark stands at 12:00:16, but the window ends at 12:00:20
expect 12:00:10 c 1
dropped 0
batch  12:00:04 a     # this window ended at 12:00:10
expect nothing
dropped 1`,

  'late rows are counted as partial groups, not as rows': `
window ts tumbling 10s   watermark 5s   mode update
batch  12:00:21 b
expect 12:00:20 b 1
batch  12:00:01 a   12:00:02 a   12:00:03 c
expect nothing
dropped 2`,

  'a late row beside the new maximum is kept: the watermark comes from earlier batches': `
window ts tumbling 10s   watermark 0s   mode update
batch  12:01:00 a   12:00:01 a
expect 12:01:00 a 1   12:00:00 a 1
dropped 0
batch  12:00:01 a
expect nothing
dropped 1`,

  'sliding windows drop a late row from the closed ones only': `
window ts sliding 10s 5s   watermark 0s   mode update
batch  12:00:12 a
expect 12:00:05 a 1   12:00:10 a 1
batch  12:00:06 a     # 12:00:00-12:00:10 is closed, 12:00:05-12:00:15 is not
expect 12:00:05 a 2
dropped 1`,

  'the watermark never goes back, and a quiet step makes no batch without data': `
window ts tumbling 10s   watermark 5s   mode append
batch  12:00:30 a
expect nothing
watermark 12:00:25
batch  12:00:26 a
expect nothing
batches 1
watermark 12:00:25`,

  'a null event time is in no window': `
window ts tumbling 10s   watermark 5s   mode update
batch  null a   12:00:01 null
expect 12:00:00 null 1`,
};

for (const [title, script] of Object.entries(SCRIPTS)) {
  for (const [way, conf] of Object.entries(WAYS)) {
    test(`${title}, ${way}`, () => runScript(script, conf));
  }
}

test('with batches without data switched off, closed windows wait for the next data', () =>
  runScript(
    `
window ts tumbling 10s   watermark 5s   mode append
batch  12:00:03 a
expect nothing
batches 1
batch  12:00:16 a
expect nothing
batches 1
batch  12:00:17 a
expect 12:00:00 a 1
batches 1`,
    { 'spark.sql.streaming.noDataMicroBatches.enabled': false },
  ));
