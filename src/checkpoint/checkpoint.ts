// What a query keeps so that it can go on after a restart: two logs, its sources' logs, its state. In memory or in a directory.
import { randomUUID } from 'node:crypto';
import type { SourceLog } from '../source/source.js';
import type { CommitLog, CommitLogEntry, StateFiles } from './commit-log.js';
import { MemoryLog } from './memory-log.js';
import type { OffsetLog, OffsetLogEntry } from './offset-log.js';
import type { OperatorSchema } from './operator-metadata.js';

/** A checkpoint that a query holds (Spark's checkpoint directory). */
export interface Checkpoint {
  /** Stays the same over restarts from one checkpoint. */
  readonly queryId: string;
  readonly offsets: OffsetLog;
  readonly commits: CommitLog;
  /** What source number `position` of the plan keeps for itself; null where nothing outlives the query. */
  sourceLog(position: number): SourceLog | null;
  /** Writes what batch `batchId` changed in the state, durably; resolves to what its commit has to name. */
  saveState(handle: number, batchId: number): Promise<StateFiles | null>;
  /**
   * After a commit: writes snapshots beside the deltas where that is due, in the background. State that no batch from `batchIdMin` on
   * left or began with may go.
   */
  compactState(handle: number, batchId: number, batchIdMin: number): Promise<void>;
  /** Fails where the state in the checkpoint is not that of these operators; one without state notes them. */
  checkOperators(operators: readonly OperatorSchema[], hasNoState: boolean): Promise<void>;
  /** Brings a new query's native state to what a commit names; resolves to the rows it has then. */
  restoreState(handle: number, stateFiles: StateFiles): Promise<number>;
  close(): Promise<void>;
}

/** A checkpoint that ends with the query. */
export function memoryCheckpoint(): Checkpoint {
  return {
    queryId: randomUUID(),
    offsets: new MemoryLog<OffsetLogEntry>('offset log'),
    commits: new MemoryLog<CommitLogEntry>('commit log'),
    sourceLog: () => null,
    saveState: async () => null,
    async compactState() {},
    async checkOperators() {},
    restoreState: async () => 0,
    async close() {},
  };
}
