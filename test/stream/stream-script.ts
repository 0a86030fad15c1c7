// Stream scripts: a counting query driven step by step, in words. A failing step prints the script with an arrow, the watermark and the state.
import assert from 'node:assert/strict';
import { type Configurations, count, lit, MemoryStream, type OutputMode, Session, schema, window } from 'millrace';

/*
 * window ts tumbling 10s   watermark 5s   mode update      the query: rows are counted by window and key
 * window ts sliding 10s 5s   mode complete                 without a watermark
 * batch  12:00:03 a   12:00:04 b                            adds rows and waits until all is processed
 * expect 12:00:00 a 1   12:00:00 b 1                        the rows of the step's output: window start, key, count; in any order
 * expect nothing
 * dropped 1                                                 partial groups that came late, in all batches of the step
 * batches 2                                                 how many batches the step made
 * watermark 12:00:16                                        in force in the newest batch; 0 is 1970
 */

/** Every way in which each script must give the same answers. */
export const WAYS: Readonly<Record<string, Configurations>> = {
  'on the main thread': {},
  'in two workers': { 'millrace.inlineBytesMax': '0', 'millrace.workers': 2 },
  'with one shard': { 'spark.sql.shuffle.partitions': 1 },
  'with three shards in two workers': { 'spark.sql.shuffle.partitions': 3, 'millrace.inlineBytesMax': '0', 'millrace.workers': 2 },
};

interface Event {
  readonly ts: Date | null;
  readonly k: string | null;
}

/** A row of the query's output. */
interface Counted {
  readonly window: { readonly start: Date; readonly end: Date };
  readonly k: string | null;
  readonly n: bigint;
}

const DAY = '2026-01-01';

/** Runs a script under some configurations. */
export async function runScript(script: string, conf: Configurations = {}): Promise<void> {
  const lines = script.split('\n').map((line) => line.replace(/#.*$/, '').trim());
  const head = lines.findIndex((line) => line.startsWith('window'));
  const run = await startScript(lines[head] ?? '', conf);
  try {
    for (const [at, line] of lines.entries()) {
      if (at <= head || line === '') continue;
      try {
        await run.step(line);
      } catch (error) {
        const shown = script.split('\n').map((text, index) => `${index === at ? '--> ' : '    '}${text}`);
        throw new Error(`${(error as Error).message}\n${shown.join('\n')}\nnewest report: ${run.report()}`, { cause: error });
      }
    }
  } finally {
    await run.stop();
  }
}

async function startScript(line: string, conf: Configurations) {
  const [, size, slide, delay, mode] =
    /^window ts (?:tumbling|sliding) (\d+)s(?: (\d+)s)?(?:\s+watermark (\d+)s)?\s+mode (\w+)$/.exec(line) ?? [];
  assert.ok(size !== undefined && mode !== undefined, `a script begins with its query, not with '${line}'`);
  const session = Session.create({ conf });
  const events = new MemoryStream(session, schema({ ts: 'timestamp', k: 'string' }));
  const stream = delay === undefined ? events.toDF() : events.toDF().withWatermark('ts', `${delay} seconds`);
  const counted = stream
    .groupBy(window('ts', `${size} seconds`, slide === undefined ? undefined : `${slide} seconds`), 'k')
    .agg(count(lit(1)).alias('n'));
  let rows: Counted[] = [];
  const query = await counted.writeStream
    .outputMode(mode as OutputMode)
    .foreachBatch((batch) => {
      rows.push(...(batch.toArray() as Counted[]));
    })
    .start();
  let batchesBefore = 0;
  return {
    report: () => JSON.stringify(query.lastProgress),
    stop: () => query.stop(),
    async step(text: string): Promise<void> {
      const [word, ...words] = text.split(/\s+/);
      const recent = query.recentProgress.slice(batchesBefore);
      switch (word) {
        case 'batch':
          rows = [];
          batchesBefore = query.recentProgress.length;
          events.addData(...eventsOf(words));
          await query.processAllAvailable();
          return;
        case 'expect':
          assert.deepEqual(rows.map(textOf).sort(), words[0] === 'nothing' ? [] : triples(words).sort());
          return;
        case 'dropped':
          assert.equal(
            recent.reduce((sum, progress) => sum + (progress.stateOperators[0]?.numRowsDroppedByWatermark ?? 0), 0),
            Number(words[0]),
          );
          return;
        case 'batches':
          assert.equal(recent.length, Number(words[0]));
          return;
        case 'state':
          assert.equal(query.lastProgress?.stateOperators[0]?.numRowsTotal, Number(words[0]));
          return;
        case 'watermark':
          assert.equal(
            query.lastProgress?.eventTime?.watermark,
            words[0] === '0' ? '1970-01-01T00:00:00.000Z' : timeOf(words[0] ?? '')?.toISOString(),
          );
          return;
        default:
          assert.fail(`there is no step '${word}'`);
      }
    },
  };
}

function eventsOf(words: readonly string[]): Event[] {
  const events: Event[] = [];
  for (let at = 0; at < words.length; at += 2)
    events.push({ ts: timeOf(words[at] ?? ''), k: words[at + 1] === 'null' ? null : (words[at + 1] ?? null) });
  return events;
}

function timeOf(word: string): Date | null {
  return word === 'null' ? null : new Date(`${DAY}T${word}Z`);
}

function triples(words: readonly string[]): string[] {
  return Array.from({ length: words.length / 3 }, (_, at) => words.slice(3 * at, 3 * at + 3).join(' '));
}

function textOf(row: Counted): string {
  return `${row.window.start.toISOString().slice(11, 19)} ${row.k} ${row.n}`;
}
