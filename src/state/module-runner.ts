// Runs the functions of a module of the program: in a worker thread, task by task.
import { importFunctions, importModule, missingExport } from './module-import.js';
import type { GroupFunction, ModuleProgram, ProcessorFunctions, Program } from './program.js';
import { type ProgramDescription, ProgramRunner, type ShardRange } from './program-runner.js';
import { RecentRunners } from './recent-runners.js';

const runners = new RecentRunners<ProgramRunner>();

/** Runs a module's functions over some shards. Rejects with what they threw, or ARGUMENT_INVALID where the module has none. */
export async function runModule(shards: ShardRange, description: ProgramDescription, program: ModuleProgram): Promise<void> {
  const make = async () => new ProgramRunner(description, await load(program));
  const runner = await runners.get(`${shards.handle} ${shards.stage}`, make);
  try {
    runner.run(shards);
  } finally {
    runner.close();
  }
}

/** The functions that a module exports: under their names, or as its default export. */
async function load({ api, timeMode, variables, module, loader }: ModuleProgram): Promise<Program> {
  if (api === 'transformWithState') {
    const functions = await importFunctions<ProcessorFunctions>(api, module, loader, 'handleInputRows');
    return { api, timeMode, variables, functions };
  }
  const { default: groupFunction } = await importModule(module, loader);
  if (typeof groupFunction !== 'function') throw missingExport(api, module, 'default');
  return { api, timeMode, variables, function: groupFunction as GroupFunction };
}
