// Runs the functions of a module of the program: in a worker thread, task by task.
import { MillraceError } from '../error/millrace-error.js';
import type { GroupFunction, ModuleProgram, ProcessorFunctions, Program } from './program.js';
import { type ProgramDescription, ProgramRunner, type ShardRange } from './program-runner.js';

/** Runners that a thread keeps for the tasks to come: as many stages as are likely to run at once. */
const RUNNERS_MAX = 16;

const runners = new Map<string, Promise<ProgramRunner>>();

/** Runs a module's functions over some shards. Rejects with what they threw, or ARGUMENT_INVALID where the module has none. */
export async function runModule(shards: ShardRange, description: ProgramDescription, program: ModuleProgram): Promise<void> {
  const runner = await runnerOf(`${shards.handle} ${shards.stage}`, description, program);
  try {
    runner.run(shards);
  } finally {
    runner.close();
  }
}

function runnerOf(name: string, description: ProgramDescription, program: ModuleProgram): Promise<ProgramRunner> {
  const known = runners.get(name) ?? load(program).then((loaded) => new ProgramRunner(description, loaded));
  // The one that was used last stands last: the first is the one to go.
  runners.delete(name);
  runners.set(name, known);
  known.catch(() => runners.delete(name));
  for (const oldest of runners.keys()) {
    if (runners.size <= RUNNERS_MAX) break;
    runners.delete(oldest);
  }
  return known;
}

/** The functions that a module exports: under their names, or as its default export. */
async function load({ api, timeMode, variables, module, loader }: ModuleProgram): Promise<Program> {
  if (loader !== null) await importModule(loader);
  const exported = await importModule(module);
  if (api === 'transformWithState') {
    const functions = [exported, exported['default'] as ProcessorFunctions | undefined].find(
      (candidate) => typeof (candidate as ProcessorFunctions | undefined)?.handleInputRows === 'function',
    );
    if (functions === undefined) throw missing(api, module, 'handleInputRows');
    return { api, timeMode, variables, functions: functions as ProcessorFunctions };
  }
  const groupFunction = exported['default'];
  if (typeof groupFunction !== 'function') throw missing(api, module, 'default');
  return { api, timeMode, variables, function: groupFunction as GroupFunction };
}

async function importModule(module: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await import(module)) as Readonly<Record<string, unknown>>;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MillraceError('MODULE_NOT_LOADED', { parameters: { module, reason }, context: { module }, cause });
  }
}

function missing(api: string, module: string, name: string): MillraceError {
  const parameters = { function: api, reason: `the module ${module} exports no function ${name}` };
  return new MillraceError('ARGUMENT_INVALID', { parameters });
}
