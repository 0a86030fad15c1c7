// The stages of a query that run the program's own functions, and what runs them.
import { MillraceError } from '../error/millrace-error.js';
import type { Relation } from '../plan/nodes.generated.js';
import { programsOf } from '../state/program.js';
import { ProgramRunner } from '../state/program-runner.js';
import type { StageDescription } from './query-description.js';

/** What runs the program's functions, by stage. */
export type StagePrograms = ReadonlyMap<number, ProgramRunner>;

/** Makes what runs the functions of a plan that was compiled to these stages. */
export function openPrograms(plan: Relation, stages: readonly StageDescription[]): StagePrograms {
  const runners = new Map<number, ProgramRunner>();
  if (stages.every(({ program }) => program === undefined)) return runners;
  const programs = programsOf(plan);
  for (const [stage, { program: description }] of stages.entries()) {
    if (description === undefined) continue;
    const program = programs.get(description.number);
    if (program === undefined) {
      throw new MillraceError('INTERNAL_ERROR', { message: `The plan names the functions ${description.number}, which nobody bound.` });
    }
    runners.set(stage, new ProgramRunner(description, program));
  }
  return runners;
}

/** Says to all of them that the query is over. */
export function closePrograms(programs: StagePrograms): void {
  for (const runner of programs.values()) runner.close();
}
