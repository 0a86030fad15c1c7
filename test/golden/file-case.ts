// One file-source vector: each run places its files, starts the query on the same directory and checkpoint, and is compared with Spark's.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Session, type StreamingQuery } from 'millrace';
import { collectInto, compareBatches, compareError, type SinkBatch } from './batch-comparison.ts';
import { compareCheckpoint } from './checkpoint-comparison.ts';
import { NotExpressible, toDataFrame } from './query-tree.ts';

type Json = any;

/** Replays the runs of a case of `K` or `Ifile`; tells what differs from Spark. */
export async function runFileCase(golden: Json): Promise<string[]> {
  const differences: string[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'millrace-golden-'));
  try {
    mkdirSync(join(folder, 'in'));
    for (const [number, run] of golden.runs.entries()) {
      if (run.crash !== undefined) removeLastCommit(folder);
      placeFiles(folder, golden.sources[0].schema, run.files ?? []);
      await replay(golden, run, `run ${number}`, folder, differences);
    }
    if (golden.checkpoint !== undefined && differences.length === 0) compareCheckpoint(golden.checkpoint, folder, differences);
  } catch (error) {
    if (!(error instanceof NotExpressible)) throw error;
    differences.push(`not expressible: ${error.message}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return differences;
}

/** Where a case's checkpoint is. */
export function checkpointOf(folder: string): string {
  return join(folder, 'checkpoint');
}

async function replay(golden: Json, run: Json, place: string, folder: string, differences: string[]): Promise<void> {
  const session = Session.create({ timeZone: golden.config?.timeZone ?? 'UTC', conf: { ...golden.config?.conf, ...run.conf } });
  const batches: SinkBatch[] = [];
  let query: StreamingQuery | null = null;
  try {
    const frame = toDataFrame(run.query ?? golden.query, () => fileFrame(session, golden.sources[0], join(folder, 'in')));
    const writer = frame.writeStream
      .outputMode(run.outputMode ?? golden.outputMode)
      .option('checkpointLocation', checkpointOf(folder))
      .foreachBatch(collectInto(batches));
    if (run.trigger !== null) writer.trigger(run.trigger);
    query = await writer.start();
    const endsByItself = run.trigger?.availableNow === true || run.trigger?.once === true;
    await (endsByItself ? query.awaitTermination() : query.processAllAvailable());
    if (run.error !== undefined) differences.push(`${place}: expected the error ${run.error.errorClass}, got none`);
    compareBatches(place, run.batches, batches, query.recentProgress, differences);
  } catch (error) {
    if (error instanceof NotExpressible) throw error;
    compareError(run.error, error, differences);
  } finally {
    await query?.stop();
  }
}

function fileFrame(session: Session, source: Json, path: string): any {
  const ddl = source.schema.map(([name, type]: [string, string]) => `${name} ${type}`).join(', ');
  return session.readStream.format(source.format).schema(ddl).options(source.options).load(path);
}

function placeFiles(folder: string, schema: [string, string][], files: Json[]): void {
  for (const { name, rows, lines, mtime } of files) {
    const path = join(folder, 'in', name);
    const texts: string[] = lines ?? rows.map((row: Json[]) => jsonLine(row, schema));
    writeFileSync(path, texts.map((text) => `${text}\n`).join(''));
    utimesSync(path, mtime, mtime);
  }
}

/** Python's way to write JSON, blanks included: the sizes of files count where a batch is bounded in bytes. */
function jsonLine(row: Json[], schema: [string, string][]): string {
  return `{${schema.map(([name], index) => `"${name}": ${JSON.stringify(row[index] ?? null)}`).join(', ')}}`;
}

function removeLastCommit(folder: string): void {
  const commits = join(checkpointOf(folder), 'commits');
  const numbers = readdirSync(commits)
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  rmSync(join(commits, String(Math.max(...numbers))));
}
