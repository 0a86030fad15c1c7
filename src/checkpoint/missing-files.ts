// Files that a start would miss: a log must have no hole, and say where it ends.
import type { CommitLogEntry } from './commit-log.js';
import type { FileReport } from './inspection.js';
import type { OffsetLogEntry } from './offset-log.js';
import { operatorMetadata } from './operator-metadata.js';

const COMPACT = '.compact';

/** The logs of a checkpoint, as far as they can be read. */
export interface ReadLogs {
  readonly files: readonly FileReport[];
  readonly offsets: ReadonlyMap<number, OffsetLogEntry>;
  readonly commits: ReadonlyMap<number, CommitLogEntry>;
}

/** The paths of files that are not there and that a start needs. Deltas and snapshots, which need each other, are not looked at. */
export function missingFiles({ files, offsets, commits }: ReadLogs): string[] {
  const paths = new Set(files.filter(({ kind }) => kind === 'log').map(({ path }) => path));
  const [newestCommit, newestOffsets] = [[...commits].at(-1), [...offsets].at(-1)];
  const committed = newestCommit?.[0] ?? -1;
  const logged = newestOffsets?.[0] ?? -1;
  // Without a commit the first batch is the one to run again.
  const needed = Array.from({ length: Math.max(0, logged - committed) }, (_, batch) => committed + 1 + batch);
  if (newestCommit !== undefined) needed.unshift(committed);
  return [
    'metadata',
    ...needed.map((batchId) => `offsets/${batchId}`),
    ...Object.keys(newestCommit?.[1].stateFiles ?? {}).map((operator) => operatorMetadata(Number(operator))),
  ]
    .filter((path) => !paths.has(path))
    .concat(missingSourceFiles([...paths], newestOffsets?.[1].offsets ?? []));
}

function missingSourceFiles(paths: readonly string[], offsets: OffsetLogEntry['offsets']): string[] {
  return offsets.flatMap((offset, source) => {
    const folder = `sources/${source}/`;
    const names = paths.filter((path) => path.startsWith(folder)).map((path) => path.slice(folder.length));
    // Only files are known by the numbers of entries.
    const newest = offset !== null && typeof offset === 'object' && typeof offset['logOffset'] === 'number' ? offset['logOffset'] : -1;
    const missing = missingSourceEntry(names, newest);
    return missing === null ? [] : [`${folder}${missing}`];
  });
}

/** The first entry that is missing of a source's log which must go up to `newest`; null where none is. */
export function missingSourceEntry(names: readonly string[], newest: number): number | null {
  const entries = names
    .map((name) => ({ number: Number.parseInt(name, 10), isCompact: name.endsWith(COMPACT) }))
    .sort((left, right) => left.number - right.number);
  // What came before the last compacted entry is in it.
  const compacted = entries.findLast(({ isCompact }) => isCompact)?.number ?? -1;
  const numbers = new Set(entries.map(({ number }) => number));
  const last = Math.max(newest, entries.at(-1)?.number ?? -1);
  for (let number = compacted + 1; number <= last; number += 1) if (!numbers.has(number)) return number;
  return null;
}
