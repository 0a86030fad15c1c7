// npm run crash -- --points N [--seed S]: kills the job at its durable steps, lets it recover (and kills that too), and compares with a run that was
// never killed. Steps are system calls where strace is at hand, and places in the code (MILLRACE_CRASH_AT) everywhere.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { rowsWithout } from '../row-text.ts';
import { Random } from '../sim/random.ts';
import { addLast, type JobFolder, newJobFolder, outcomeOf } from './job-folder.ts';
import { findPlaces, type Place, runJob } from './kill.ts';

const RECOVERIES_KILLED_MAX = 4;

const { values } = parseArgs({ options: { points: { type: 'string', default: '40' }, seed: { type: 'string', default: '1' } } });
const points = Number(values.points);
const seed = Number(values.seed);
const root = mkdtempSync(join(tmpdir(), 'millrace-crash-'));
const total = { killed: 0, torn: 0, lost: 0, duplicated: 0 };
try {
  const reference = newJobFolder(root, 'reference');
  const places = shuffled(await findPlaces((name) => newJobFolder(root, name)), new Random(seed));
  await runJob(reference);
  await runJob(addLast(reference));
  const expected = outcomeOf(reference);
  console.log(`${places.length} places in a run`);
  let chain = 0;
  // Every place once, in an order of the seed's; then the round again, with other places in the recoveries.
  const walk = async () => {
    while (total.killed < points) {
      const number = chain;
      chain += 1;
      await tryChain(number, places, expected);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, walk));
} finally {
  rmSync(root, { recursive: true, force: true });
}
const { killed, torn, lost, duplicated } = total;
console.log(`crash: ${killed} points, ${torn} torn, ${lost} lost, ${duplicated} duplicated, seed ${seed}`);
process.exitCode = torn + lost + duplicated > 0 ? 1 : 0;

/** Kills a run and some of its recoveries; then lets it come through and compares. */
async function tryChain(number: number, places: readonly Place[], expected: ReturnType<typeof outcomeOf>): Promise<void> {
  const folder = newJobFolder(root, `chain-${number}`);
  const random = new Random(seed * 1_000_003 + number);
  const walked: Place[] = [];
  for (let kill = random.below(RECOVERIES_KILLED_MAX + 1); kill >= 0 && total.killed < points; kill -= 1) {
    const place = walked.length === 0 ? places[number % places.length] : places[random.below(places.length)];
    if (place === undefined) break;
    // What comes after a kill is shorter than a whole run: a place beyond its end would kill nothing.
    const at = walked.length === 0 ? place.at : 1 + random.below(Math.min(place.at, 60));
    walked.push({ ...place, at });
    if ((await runJob(folder, { ...place, at })) === 'killed') total.killed += 1;
  }
  const isThrough = (await runJob(folder)) === 'through' && (await runJob(addLast(folder))) === 'through';
  compare(folder, isThrough, number, walked, expected);
  rmSync(folder.path, { recursive: true, force: true });
}

function compare(
  folder: JobFolder,
  isThrough: boolean,
  number: number,
  walked: readonly Place[],
  expected: ReturnType<typeof outcomeOf>,
): void {
  const got = outcomeOf(folder);
  const lost = rowsWithout(expected.rows, got.rows).length;
  const duplicated = rowsWithout(got.rows, expected.rows).length;
  // State that a run without kills does not have is torn as much as a file that does not verify, or a checkpoint that does not open.
  const torn = got.problems.length + (isThrough ? 0 : 1) + (got.state === expected.state ? 0 : 1);
  total.torn += torn;
  total.lost += lost;
  total.duplicated += duplicated;
  if (lost + duplicated + torn === 0) return;
  const kept = join(tmpdir(), `millrace-crash-kept-${seed}-${number}`);
  cpSync(folder.path, kept, { recursive: true });
  console.log(`chain ${number} of seed ${seed}, killed at ${walked.map(({ what, at }) => `${what} ${at}`).join(', ')}: kept in ${kept}`);
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const left = [...items];
  return items.map(() => left.splice(random.below(left.length), 1)[0] as T);
}
