// npm run sim -- --seeds N [--from SEED]: simulations seed by seed; a seed that fails is printed and can be run alone.
import { parseArgs } from 'node:util';
import { simulate } from './simulation.ts';

const { values } = parseArgs({ options: { seeds: { type: 'string', default: '200' }, from: { type: 'string', default: '1' } } });
const first = Number(values.from);
const total = { starts: 0, faults: 0, wrong: 0, detected: 0 };
for (let seed = first; seed < first + Number(values.seeds); seed += 1) {
  const { starts, faults, wrong, detected } = await simulate(seed);
  total.starts += starts;
  total.faults += faults;
  total.wrong += wrong.length;
  total.detected += detected ? 1 : 0;
  if (wrong.length > 0) console.log(`seed ${seed}: ${wrong.join(', ')}; npm run sim -- --seeds 1 --from ${seed}`);
}
console.log(
  `sim: ${values.seeds} seeds from ${first}, ${total.starts} starts, ${total.faults} faults, ${total.wrong} wrong batches, ${total.detected} destroyed files detected`,
);
process.exitCode = total.wrong > 0 ? 1 : 0;
