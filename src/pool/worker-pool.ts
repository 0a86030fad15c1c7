// The process's worker threads: one piscina pool for each worker count in use, shared by the queries that ask for it.
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Piscina } from 'piscina';
import { MillraceError } from '../error/millrace-error.js';
import { reasonOf } from '../error/reason-of.js';
import { loadNative } from '../native/load.js';
import { type FoldsTask, type MapTask, type ProgramTask, type ReduceTask, reviveError, type TaskAnswer } from './task.js';

/** What the threads do, by the worker module's functions. */
interface Tasks {
  readonly map: MapTask;
  readonly reduce: ReduceTask;
  readonly program: ProgramTask;
  readonly folds: FoldsTask;
}

type Task = Tasks[keyof Tasks];

const WORKER_FILE = fileURLToPath(new URL('./worker-entry.cjs', import.meta.url));

/** A query's hold on a pool. */
export interface PoolLease {
  readonly workers: number;
  /** Whether the threads have been started. */
  readonly isStarted: boolean;
  /** Runs a map task; resolves to its MapReport as JSON text. Rejects with the task's error, or WORKER_LOST. */
  map(task: MapTask): Promise<string>;
  /** Runs a reduce task; resolves to what `native.reduceShards` returns. Rejects with the task's error, or WORKER_LOST. */
  reduce(task: ReduceTask): Promise<string>;
  /** Runs a module's functions. Rejects with the task's error, or WORKER_LOST. */
  program(task: ProgramTask): Promise<void>;
  /** Runs aggregates of modules. Rejects with the task's error, or WORKER_LOST. */
  folds(task: FoldsTask): Promise<void>;
  /** Gives the pool back; the last one to do so ends its threads. */
  release(): Promise<void>;
}

/** A set of worker threads. They start with the first task and end with `destroy`. */
export class WorkerPool {
  readonly workers: number;
  readonly #file: string;
  #piscina: Promise<Piscina<Task, TaskAnswer>> | null = null;

  /** `file` is the module that the threads run. */
  constructor(workers: number, file = WORKER_FILE) {
    this.workers = workers;
    this.#file = file;
  }

  /** Whether its threads have been started. */
  get isStarted(): boolean {
    return this.#piscina !== null;
  }

  /** Runs a task in a thread: `name` is the worker module's function. */
  async run<N extends keyof Tasks>(name: N, task: Tasks[N]): Promise<string> {
    const answer = await this.#answer(name, task);
    if ('failure' in answer) throw reviveError(answer.failure);
    return answer.report;
  }

  /** Ends the threads. Tasks that still run are lost. */
  async destroy(): Promise<void> {
    const piscina = this.#piscina;
    this.#piscina = null;
    await (await piscina)?.destroy();
  }

  async #answer(name: string, task: Task): Promise<TaskAnswer> {
    this.#piscina ??= this.#start();
    try {
      const piscina = await this.#piscina;
      return await piscina.run(task, { name });
    } catch (cause) {
      // The worker module catches all that a task throws: what arrives here is a thread that is gone.
      throw new MillraceError('WORKER_LOST', {
        parameters: { reason: reasonOf(cause) },
        context: { batchId: task.batchId, task: name },
        cause,
      });
    }
  }

  async #start(): Promise<Piscina<Task, TaskAnswer>> {
    // Loaded late: a program of small batches has no need of it.
    const { Piscina } = await import('piscina');
    // An addon that only workers hold is unloaded under the feet of the last one that exits.
    loadNative();
    return new Piscina({
      filename: this.#file,
      minThreads: this.workers,
      maxThreads: this.workers,
      // The second waits in the thread for the first: this thread may be busy with a result or a sink when that is through.
      concurrentTasksPerWorker: 2,
      recordTiming: false,
      trackUnmanagedFds: false,
      // What the user's program was started with (loaders, inspectors) is none of the workers' business.
      execArgv: [],
      argv: [],
    });
  }
}

interface SharedPool {
  readonly pool: WorkerPool;
  leases: number;
}

const shared = new Map<number, SharedPool>();

/** Takes hold of the process's pool of `workers` threads; 0 is one per available core. */
export function leasePool(workers: number): PoolLease {
  const count = workers === 0 ? availableParallelism() : workers;
  const entry = shared.get(count) ?? { pool: new WorkerPool(count), leases: 0 };
  shared.set(count, entry);
  entry.leases += 1;
  let held = true;
  return {
    workers: count,
    get isStarted() {
      return entry.pool.isStarted;
    },
    map: (task) => entry.pool.run('map', task),
    reduce: (task) => entry.pool.run('reduce', task),
    program: async (task) => {
      await entry.pool.run('program', task);
    },
    folds: async (task) => {
      await entry.pool.run('folds', task);
    },
    release: async () => {
      if (!held) return;
      held = false;
      entry.leases -= 1;
      if (entry.leases > 0) return;
      shared.delete(count);
      await entry.pool.destroy();
    },
  };
}

/** How many pools of the process are held by queries. */
export function leasedPoolCount(): number {
  return shared.size;
}
