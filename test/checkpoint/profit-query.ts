// The query that the tests of checkpoints stop and start: profit by window and id, over files that appear one by one.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { col, collectList, count, max, type OutputMode, type ResultBatch, Session, sum, window } from 'millrace';
import { rowText } from '../row-text.ts';

/** What a batch gave, as text: bit for bit. */
export type Batches = Map<number, string>;

/** A place for input and checkpoint. */
export interface Place {
  readonly input: string;
  readonly checkpoint: string;
}

/** A new place; it goes when `use` is through. */
export async function withPlace(use: (place: Place) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-checkpoint-'));
  const place = { input: join(folder, 'in'), checkpoint: join(folder, 'checkpoint') };
  mkdirSync(place.input);
  try {
    await use(place);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Adds input file number `number`: a few trades of some minutes. */
export function addFile({ input }: Place, number: number): void {
  const minute = (offset: number) => String((number * 3 + offset) % 60).padStart(2, '0');
  const lines = Array.from({ length: 7 }, (_, row) =>
    JSON.stringify({ ts: `2026-01-01T00:${minute(row % 4)}:0${row}.000Z`, id: 'abc'[row % 3], amount: number * 10 + row, note: `n${row}` }),
  );
  const path = join(input, `f${String(number).padStart(4, '0')}.json`);
  writeFileSync(path, `${lines.join('\n')}\n`);
  utimesSync(path, 1_700_000_000 + number, 1_700_000_000 + number);
}

/** How a run may differ. */
export interface RunOptions {
  readonly outputMode?: OutputMode;
  readonly conf?: Readonly<Record<string, string | number | boolean>>;
  readonly key?: 'id' | 'amount';
}

/** Runs the query until all files are through; resolves to its id. What a batch gave is put into `batches`. */
export async function runQuery(
  place: Place,
  batches: Batches,
  { outputMode = 'update', conf = {}, key = 'id' }: RunOptions = {},
): Promise<string> {
  const session = Session.create({ conf });
  const query = await session.readStream
    .schema('ts TIMESTAMP, id STRING, amount INT, note STRING')
    .option('maxFilesPerTrigger', 1)
    .json(place.input)
    .withWatermark('ts', '5 minutes')
    .groupBy(window(col('ts'), '5 minutes'), col(key))
    .agg(sum('amount').alias('profit'), count('*').alias('n'), max('note').alias('last'), collectList('note').alias('notes'))
    .writeStream.outputMode(outputMode)
    .option('checkpointLocation', place.checkpoint)
    .trigger({ availableNow: true })
    .foreachBatch((batch: ResultBatch<any>, batchId: number) => {
      batches.set(batchId, rowText(batch.toArray()));
    })
    .start();
  await query.awaitTermination();
  return query.id;
}

/** Every file of a checkpoint, with its path within it. */
export function filesOf({ checkpoint }: Place): { readonly name: string; readonly path: string; readonly bytes: Buffer }[] {
  const names = readdirSync(checkpoint, { recursive: true, encoding: 'utf8' });
  return names
    .map((name) => ({ name, path: join(checkpoint, name) }))
    .filter(({ path }) => statSync(path).isFile())
    .map((file) => ({ ...file, bytes: readFileSync(file.path) }));
}
