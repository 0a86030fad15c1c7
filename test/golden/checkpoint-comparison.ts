// The text files of a checkpoint against Spark's: the same files, the same values in them; times, ids and paths excepted.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

type Json = any;

/** Files whose text Spark defines; the others are state, which is each engine's own. */
const TEXT_FILES = /^(metadata|(offsets|commits|sources\/\d+)\/\d+)$/;

/** Compares a checkpoint directory under `folder` with the texts that Spark left. */
export function compareCheckpoint(expected: Record<string, Json>, folder: string, differences: string[]): void {
  for (const [name, text] of Object.entries(expected)) {
    if (!TEXT_FILES.test(name) || typeof text !== 'string') continue;
    const path = join(folder, 'checkpoint', name);
    if (!existsSync(path)) {
      differences.push(`checkpoint ${name}: expected, not there`);
      continue;
    }
    const wanted = JSON.stringify(linesOf(text, name));
    const got = JSON.stringify(linesOf(readFileSync(path, 'utf8').replaceAll(folder, '<DIR>'), name));
    if (wanted !== got) differences.push(`checkpoint ${name}: expected ${wanted}, got ${got}`);
  }
}

/** The lines of a log entry, JSON read, without what is millrace's own or differs from run to run. */
function linesOf(text: string, name: string): Json[] {
  return text.split('\n').map((line) => {
    if (!line.startsWith('{')) return line;
    const { id, millrace, stateFiles, sizeBytes, batchTimestampMs, conf, ...rest } = JSON.parse(line);
    return name === 'metadata' ? { hasId: id !== undefined } : rest;
  });
}
