// A checkpoint seen from outside: what is in it, whether every byte is as it was written, and which batch is the newest whole one.
import { MillraceError } from '../error/millrace-error.js';
import { native } from '../native/load.js';
import { type CommitLogEntry, commitLogFormat, type StateFiles } from './commit-log.js';
import { checkpointPath } from './location.js';
import { missingFiles } from './missing-files.js';
import { type OffsetLogEntry, offsetLogFormat } from './offset-log.js';
import { operatorMetadata, readOperatorMetadata } from './operator-metadata.js';

/** A file as Rust found it. */
export interface FileReport {
  readonly path: string;
  readonly bytes: number;
  readonly kind: 'log' | 'delta' | 'snapshot' | 'other';
  readonly problem: string | null;
  /** Of a delta: how commits name it. */
  readonly mark: string | null;
  /** Of a state file: the delta before it. */
  readonly after: string | null;
  readonly numRows: number | null;
}

/** One shard of the newest committed state. */
export interface ShardReport {
  readonly operator: number;
  /** Spark's name of the operator, such as `stateStoreSave`; null where its metadata cannot be read. */
  readonly name: string | null;
  readonly shard: number;
  readonly version: number | null;
  readonly rows: number | null;
}

/** What a checkpoint holds. */
export interface Inspection {
  readonly location: string;
  readonly id: string | null;
  readonly files: readonly FileReport[];
  readonly offsets: ReadonlyMap<number, OffsetLogEntry>;
  readonly commits: ReadonlyMap<number, CommitLogEntry>;
  readonly shards: readonly ShardReport[];
  /** What is wrong: a damaged file, or one that is missing. */
  readonly problems: readonly { readonly path: string; readonly problem: string }[];
  /** The newest committed batch of which everything is there and whole; null where there is none. */
  readonly newestWholeBatch: number | null;
}

/** Reads a checkpoint from end to end. It may be in use: only what is durable is looked at. Throws CHECKPOINT_NOT_FOUND, FILE_READ_FAILED. */
export function inspectCheckpoint(location: string): Inspection {
  const checkpoint = native.openCheckpoint(checkpointPath(location));
  try {
    return inspect(checkpoint, location);
  } finally {
    native.closeCheckpoint(checkpoint);
  }
}

function inspect(checkpoint: number, location: string): Inspection {
  const files = JSON.parse(native.inspectCheckpoint(checkpoint)) as FileReport[];
  if (files.every(({ kind }) => kind === 'other')) {
    throw new MillraceError('CHECKPOINT_NOT_FOUND', { parameters: { path: location }, context: { path: location } });
  }
  const whole = new Map(files.filter((file) => file.problem === null).map((file) => [file.path, file]));
  const entriesOf = <Entry>(folder: string, read: (text: string) => Entry) =>
    new Map(
      [...whole.keys()]
        .filter((path) => path.startsWith(`${folder}/`) && whole.get(path)?.kind === 'log')
        .flatMap((path): [number, Entry][] => {
          const text = native.readLog(checkpoint, path);
          // A query that runs takes old entries out.
          return text === null ? [] : [[Number(path.split('/')[1]), read(text)]];
        })
        .sort(([left], [right]) => left - right),
    );
  const offsets = entriesOf('offsets', offsetLogFormat.read);
  const commits = entriesOf('commits', commitLogFormat.read);
  const problems = files.flatMap(({ path, problem }) => (problem === null ? [] : [{ path, problem }]));
  const chains = [...commits].map(([batchId, { stateFiles }]): [number, string[]] => [batchId, brokenChain(stateFiles, whole)]);
  // A query that runs takes out a commit first, then the state that it alone names.
  const isThere = (batchId: number) => native.readLog(checkpoint, `commits/${batchId}`) !== null;
  const broken = new Map(chains.filter(([batchId, paths]) => paths.length === 0 || isThere(batchId)));
  const isKnown = (path: string) => problems.some((known) => known.path === path);
  for (const path of missingFiles({ files, offsets, commits })) problems.push({ path, problem: 'a start needs it, and it is not there' });
  for (const path of [...broken.values()].flat()) {
    if (!isKnown(path)) problems.push({ path, problem: 'a commit needs it, and it is not there or not the one that the commit names' });
  }
  const isWhole = (batchId: number) => broken.get(batchId)?.length === 0 && offsets.has(batchId);
  const newestWholeBatch = [...commits.keys()].filter(isWhole).at(-1) ?? null;
  const newest = [...commits.values()].at(-1);
  const textOf = (path: string) => (whole.has(path) ? native.readLog(checkpoint, path) : null);
  const metadata = textOf('metadata');
  const nameOf = (operator: number) => {
    const text = textOf(operatorMetadata(operator));
    return text === null ? null : readOperatorMetadata(text).name;
  };
  return {
    location,
    id: metadata === null ? null : String(JSON.parse(metadata).id),
    files,
    offsets,
    commits,
    shards: newest === undefined ? [] : shardsOf(newest.stateFiles, whole, nameOf),
    problems,
    newestWholeBatch,
  };
}

/** The files that a commit's state needs and that are not whole, with each shard's chain followed to a snapshot or its beginning. */
function brokenChain(stateFiles: StateFiles | null, whole: ReadonlyMap<string, FileReport>): string[] {
  const broken: string[] = [];
  for (const { operator, shard, mark } of marksOf(stateFiles)) {
    let at = mark;
    while (at !== null) {
      const folder = `state/${operator}/${shard}`;
      const version = at.split(':')[0];
      if (whole.get(`${folder}/${version}.snapshot`)?.after === at) break;
      const delta = whole.get(`${folder}/${version}.delta`);
      if (delta?.mark !== at) {
        broken.push(`${folder}/${version}.delta`);
        break;
      }
      at = delta.after;
    }
  }
  return broken;
}

function shardsOf(
  stateFiles: StateFiles | null,
  whole: ReadonlyMap<string, FileReport>,
  nameOf: (operator: number) => string | null,
): ShardReport[] {
  const names = new Map(Object.keys(stateFiles ?? {}).map((operator) => [Number(operator), nameOf(Number(operator))]));
  return marksOf(stateFiles).map(({ operator, shard, mark }) => {
    const version = mark === null ? null : Number(mark.split(':')[0]);
    const rows = version === null ? 0 : (whole.get(`state/${operator}/${shard}/${version}.delta`)?.numRows ?? null);
    return { operator, name: names.get(operator) ?? null, shard, version, rows };
  });
}

function marksOf(stateFiles: StateFiles | null): { operator: number; shard: number; mark: string | null }[] {
  return Object.entries(stateFiles ?? {}).flatMap(([operator, marks]) =>
    marks.map((mark, shard) => ({ operator: Number(operator), shard, mark })),
  );
}
