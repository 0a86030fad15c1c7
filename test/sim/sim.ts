// npm run sim -- --seeds N [--from SEED]: simulations seed by seed; a seed that fails is printed and can be run alone.
import { parseArgs } from 'node:util';
import { simulate } from './simulation.ts';

const { values } = parseArgs({ options: { seeds: { type: 'string', default: '200' }, from: { type: 'string', default: '1' } } });
const first = Number(values.from);
const total = { starts: 0, faults: 0, rows: 0, torn: 0, lost: 0, duplicated: 0, detected: 0 };
for (let seed = first; seed < first + Number(values.seeds); seed += 1) {
  const { query, starts, faults, rows, torn, lost, duplicated, detected } = await simulate(seed);
  total.starts += starts;
  total.faults += faults;
  total.rows += rows;
  total.torn += torn.length;
  total.lost += lost.length;
  total.duplicated += duplicated.length;
  total.detected += detected ? 1 : 0;
  const wrong = [
    ...torn.map((name) => `not twice the same: ${name}`),
    ...lost.map((row) => `lost ${row}`),
    ...duplicated.map((row) => `more ${row}`),
  ];
  if (wrong.length > 0) console.log(`seed ${seed} (${query}): ${wrong.slice(0, 3).join(', ')}; npm run sim -- --seeds 1 --from ${seed}`);
}
const { starts, faults, rows, torn, lost, duplicated, detected } = total;
console.log(`${starts} starts, ${faults} faults, ${rows} rows, ${detected} destroyed files detected`);
console.log(`sim: ${values.seeds} seeds, ${torn} torn, ${lost} lost, ${duplicated} duplicated, seed ${first}`);
process.exitCode = torn + lost + duplicated > 0 ? 1 : 0;
