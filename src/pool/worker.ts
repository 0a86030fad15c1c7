// Runs in piscina's worker threads: each task is one blocking call into the addon, which the main thread has loaded before, or a run of a module of the program.
import { native } from '../native/load.js';
import { runFolds } from '../state/fold-runner.js';
import { runModule } from '../state/module-runner.js';
import { type FoldsTask, type MapTask, type ProgramTask, type ReduceTask, type TaskAnswer, transferError } from './task.js';

/** Maps one split. */
export function map(task: MapTask): TaskAnswer {
  return answer(() => {
    return native.mapSplit(task.handle, task.batchId, task.task, task.spec, task.buffers);
  });
}

/** Reduces a range of shards. */
export function reduce(task: ReduceTask): TaskAnswer {
  return answer(() => {
    return native.reduceShards(task.handle, task.batchId, task.stage, task.first, task.count);
  });
}

/** Runs a module's functions over a range of shards. */
export function program({ description, program, ...shards }: ProgramTask): Promise<TaskAnswer> {
  return answerWhenDone(runModule(shards, description, program));
}

/** Runs aggregates of modules over a range of shards. */
export function folds({ description, bound, ...shards }: FoldsTask): Promise<TaskAnswer> {
  return answerWhenDone(runFolds(shards, description, bound));
}

async function answerWhenDone(work: Promise<void>): Promise<TaskAnswer> {
  try {
    await work;
    return { report: '' };
  } catch (error) {
    return { failure: transferError(error) };
  }
}

function answer(call: () => string): TaskAnswer {
  try {
    return { report: call() };
  } catch (error) {
    return { failure: transferError(error) };
  }
}
