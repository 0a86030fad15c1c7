// How many cases a property runs and where it begins. MILLRACE_SEED=N (with MILLRACE_PATH, both printed on failure) replays a run, MILLRACE_CASES=N
// makes it longer or shorter.
import type { Parameters } from 'fast-check';

/** fast-check's parameters for a property that runs `cases` cases by default. */
export function runOptions(cases: number): Parameters<any> {
  const { MILLRACE_SEED: seed, MILLRACE_PATH: path, MILLRACE_CASES: wanted } = process.env;
  return {
    numRuns: wanted === undefined ? cases : Number(wanted),
    ...(seed === undefined ? {} : { seed: Number(seed) }),
    ...(path === undefined ? {} : { path }),
    reporter: (details) => {
      if (!details.failed) return;
      const { seed: failedSeed, counterexamplePath, numRuns, counterexample, errorInstance } = details;
      const shown = JSON.stringify(counterexample?.[0], (_, value) =>
        typeof value === 'bigint' ? `${value}n` : Object.is(value, -0) ? '-0.0' : value,
      );
      throw new Error(
        `after ${numRuns} cases; replay with MILLRACE_SEED=${failedSeed} MILLRACE_PATH=${counterexamplePath}\n${String((errorInstance as Error)?.message ?? errorInstance)}\n${shown}`,
      );
    },
  };
}
