// The reference model answers what Spark recorded: what the product is compared with must itself be right.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { NotModelled } from './expression.ts';
import { replay } from './stream.ts';

/** The families that the model knows. */
const FAMILIES = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H'];

function answered(golden: any): 'as Spark' | 'not modelled' {
  try {
    const steps = replay(golden);
    for (const [at, { batches = [] }] of golden.steps.entries()) {
      assert.deepEqual(steps[at]?.map(comparable), batches.map(comparable), `${golden.id}, step ${at}: ${golden.title}`);
    }
    return 'as Spark';
  } catch (error) {
    if (error instanceof NotModelled) return 'not modelled';
    throw error;
  }
}

/** A batch without what the model does not say; rows as a set. */
function comparable({ output, stateOperators, ...batch }: any): unknown {
  return {
    ...batch,
    stateOperators: stateOperators.map(({ operator, total, updated, removed, droppedByWatermark, ...own }: any) => ({
      timers: [own.numRegisteredTimers, own.numDeletedTimers, own.numExpiredTimers],
      operator,
      total,
      updated,
      removed,
      droppedByWatermark,
    })),
    output: output.map((row: unknown) => JSON.stringify(row)).sort(),
  };
}

for (const [place, directory] of [
  ['checked-in', 'test/golden/sample/streaming'],
  ['all', '../shared/golden/streaming'],
] as const) {
  for (const family of FAMILIES) {
    const file = `${directory}/${family}.jsonl`;
    test(`the model agrees with Spark on ${place} vectors of ${family}`, { skip: !existsSync(file) && 'the vectors are not here' }, () => {
      // Errors, zones and options have vectors of their own: the model is about batches.
      const cases = readFileSync(file, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line))
        .filter(
          ({ error, steps, config }) => error === undefined && steps !== undefined && !('spark.sql.ansi.enabled' in (config.conf ?? {})),
        )
        .filter(({ config }) => family !== 'A' || (config.timeZone ?? 'UTC') === 'UTC');
      const outcomes = cases.map(answered);
      const modelled = outcomes.filter((outcome) => outcome === 'as Spark').length;
      assert.ok(modelled >= cases.length / 2, `the model knows ${modelled} of ${cases.length} cases`);
    });
  }
}
