// The stages of a query that run the program's own functions, and where they run: functions that the program handed over on the main thread, those of
// a module in the pool.
import { MillraceError } from '../error/millrace-error.js';
import type { Relation } from '../plan/nodes.generated.js';
import type { PoolLease } from '../pool/worker-pool.js';
import { type BoundAggregator, boundAggregators } from '../state/aggregator.js';
import { KeyComputer } from '../state/computed-keys.js';
import { type FoldsDescription, runFolds } from '../state/fold-runner.js';
import { type BoundProgram, boundPrograms, type ModuleProgram, type Program } from '../state/program.js';
import { type ProgramDescription, ProgramRunner } from '../state/program-runner.js';
import type { StageDescription } from './query-description.js';
import { onShards } from './shard-tasks.js';

/** The groups of a stage in a batch, and the workers that may be used. */
export interface ProgramTarget {
  readonly handle: number;
  readonly batchId: number;
  readonly stage: number;
  readonly numShards: number;
  readonly pool: PoolLease;
}

/** What runs the functions of a stage. */
export interface StageProgram {
  /** Runs them over all groups of a batch. Rejects with the first failure, once none of them runs any more. */
  run(target: ProgramTarget): Promise<void>;
  /** They will not be called again. */
  close(): void;
}

/** What runs the program's functions, by stage. */
export type StagePrograms = ReadonlyMap<number, StageProgram>;

/** Makes what runs the functions of a plan that was compiled to these stages. */
export function openPrograms(plan: Relation, stages: readonly StageDescription[]): StagePrograms {
  const opened = new Map<number, StageProgram>();
  if (stages.every(({ program, folds }) => program === undefined && folds === undefined)) return opened;
  const programs = boundPrograms.of(plan);
  const aggregators = boundAggregators.of(plan);
  for (const [stage, { program: description, folds }] of stages.entries()) {
    if (folds !== undefined) opened.set(stage, foldsOf(folds, aggregators));
    if (description === undefined) continue;
    const { program, keyOf } = boundTo(programs, description.number);
    const stageProgram = 'module' in program ? inPool(description, program) : onMainThread(description, program);
    opened.set(stage, keyOf === null ? stageProgram : withComputedKeys(description, keyOf, stageProgram));
  }
  return opened;
}

function boundTo<T>(functions: ReadonlyMap<number, T>, number: number): T {
  const bound = functions.get(number);
  if (bound !== undefined) return bound;
  throw new MillraceError('INTERNAL_ERROR', { message: `The plan names the functions ${number}, which nobody bound.` });
}

/** Aggregates run in the pool where each is a module's, else on the main thread, modules and all. */
function foldsOf(description: FoldsDescription, aggregators: ReadonlyMap<number, BoundAggregator>): StageProgram {
  const bound = description.aggregates.map(({ number }) => boundTo(aggregators, number));
  const areModules = bound.every(({ functions }) => 'module' in functions);
  return {
    async run({ handle, batchId, stage, numShards, pool }) {
      if (!areModules) return runFolds({ handle, batchId, stage, first: 0, count: numShards }, description, bound);
      await onShards(numShards, pool.workers, (range) => pool.folds({ handle, batchId, stage, ...range, description, bound }));
    },
    close() {},
  };
}

/** Says to all of them that the query is over. */
export function closePrograms(programs: StagePrograms): void {
  for (const program of programs.values()) program.close();
}

/** The keys first, then what runs over the groups that they make. */
function withComputedKeys(
  { input, initial }: ProgramDescription,
  keyOf: NonNullable<BoundProgram['keyOf']>,
  program: StageProgram,
): StageProgram {
  const ofRows = new KeyComputer(input, keyOf.rows, 0);
  const ofInitialRows = initial === null || keyOf.initialRows === null ? null : new KeyComputer(initial, keyOf.initialRows, 1);
  return {
    async run(target) {
      ofRows.run(target.handle, target.batchId, target.stage);
      // What state begins with comes with the first batch.
      if (target.batchId === 0) ofInitialRows?.run(target.handle, target.batchId, target.stage);
      await program.run(target);
    },
    close: () => program.close(),
  };
}

function onMainThread(description: ProgramDescription, program: Program): StageProgram {
  const runner = new ProgramRunner(description, program);
  return {
    run: async ({ handle, batchId, stage, numShards }) => runner.run({ handle, batchId, stage, first: 0, count: numShards }),
    close: () => runner.close(),
  };
}

function inPool(description: ProgramDescription, program: ModuleProgram): StageProgram {
  return {
    async run({ handle, batchId, stage, numShards, pool }) {
      await onShards(numShards, pool.workers, (range) => pool.program({ handle, batchId, stage, ...range, description, program }));
    },
    // Each task of the pool opens and closes them.
    close() {},
  };
}
