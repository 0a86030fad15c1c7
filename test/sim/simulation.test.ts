// A thousand seeds with every test run; `npm run sim -- --seeds N` runs as many as one likes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simulate } from './simulation.ts';

const SEEDS = 1000;

test(`${SEEDS} seeds of faults and cuts of power change no row`, async () => {
  let faults = 0;
  const outputs = new Map<string, number>();
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const outcome = await simulate(seed);
    const { torn, lost, duplicated } = outcome;
    assert.deepEqual({ torn, lost, duplicated }, { torn: [], lost: [], duplicated: [] }, `seed ${seed}: ${outcome.query}`);
    faults += outcome.faults;
    outputs.set(outcome.query, (outputs.get(outcome.query) ?? 0) + outcome.rows);
  }
  assert.ok(faults > SEEDS, `${faults} faults`);
  for (const [query, rows] of outputs) assert.ok(rows > 0, `${query} gave no row`);
});
