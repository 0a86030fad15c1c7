// One seed: a query over disks that lie. Rows, faults and cuts of power come from the seed; every batch must give what it gives without them.
import { rowsWithout } from '../row-text.ts';
import { QUERIES, type StatefulQuery } from '../stateful-queries.ts';
import { Disks } from './disks.ts';
import { type Event, Job, type Output, type SimulatedQuery } from './job.ts';
import { Random } from './random.ts';

/** What came of a seed. */
export interface SimulationOutcome {
  /** Which query, in which output mode, to which sink. */
  readonly query: string;
  readonly starts: number;
  readonly faults: number;
  /** Rows that came out, late ones too. */
  readonly rows: number;
  /** Batches that gave other rows when they ran again, and files that are not whole or there twice. */
  readonly torn: readonly string[];
  /** Rows of the undisturbed run that are missing. */
  readonly lost: readonly string[];
  /** Rows that the undisturbed run does not have. */
  readonly duplicated: readonly string[];
  /** The disk destroyed a file at rest, and the query said so rather than going on. */
  readonly detected: boolean;
}

const STARTS_MAX = 60;

/** Runs a seed. */
export async function simulate(seed: number): Promise<SimulationOutcome> {
  const random = new Random(seed);
  const additions = Array.from({ length: 4 + random.below(6) }, (_, addition) => rowsOf(random, addition));
  const query = anyQuery(random);
  const name = `${query.name}, ${query.outputMode}, ${query.sink}`;
  const expected = await undisturbed(query, seed, additions);

  // Only a write that lands in another file destroys what was durable.
  const mayDestroy = seed % 10 === 0;
  const disks = new Disks(seed, mayDestroy);
  const job = new Job(query, disks);
  let starts = 0;
  let faults = 0;
  try {
    for (const rows of additions) {
      job.add(rows);
      for (let isThrough = false; !isThrough; ) {
        if (starts >= STARTS_MAX) {
          // Only what was destroyed may keep a query from going on.
          const lost = mayDestroy ? [] : [`everything: the query does not go on after ${starts} starts`];
          return { query: name, starts, faults, rows: 0, torn: [], lost, duplicated: [], detected: mayDestroy };
        }
        if (starts > STARTS_MAX / 2) disks.calm();
        else disks.disturb(random);
        starts += 1;
        isThrough = await job.run().then(
          () => true,
          () => false,
        );
        if (!isThrough || random.below(4) === 0) {
          faults += 1;
          await job.stop();
          if (random.below(3) > 0) disks.losePower();
        }
      }
    }
    disks.calm();
    const { rows: got, torn } = job.output();
    const rows = [...got.values()].reduce((sum, { length }) => sum + length, 0);
    return {
      query: name,
      starts,
      faults,
      rows,
      torn,
      lost: rowsMissing(expected, got),
      duplicated: rowsMissing(got, expected),
      detected: false,
    };
  } finally {
    disks.calm();
    await job.stop();
    disks.forget();
  }
}

/** What the query gives where nothing fails. */
async function undisturbed(query: SimulatedQuery, seed: number, additions: readonly (readonly Event[])[]): Promise<Output> {
  const disks = query.sink === 'files' ? new Disks(seed, false) : null;
  const job = new Job(query, disks);
  for (const rows of additions) {
    job.add(rows);
    await job.run();
  }
  await job.stop();
  const { rows } = job.output();
  disks?.forget();
  return rows;
}

/** One of the queries, in one of its modes. */
function anyQuery(random: Random): SimulatedQuery {
  const { modes, ...query } = QUERIES[random.below(QUERIES.length)] as StatefulQuery;
  const outputMode = modes[random.below(modes.length)] ?? modes[0];
  return { ...query, outputMode, sink: outputMode === 'append' && random.below(2) === 0 ? 'files' : 'program' };
}

/** Rows of `left` that `right` does not have as often, at the same place. */
function rowsMissing(left: Output, right: Output): string[] {
  return [...left].flatMap(([place, rows]) => rowsWithout(rows, right.get(place) ?? []).map((row) => `${place}: ${row}`));
}

function rowsOf(random: Random, addition: number): Event[] {
  return Array.from({ length: 1 + random.below(12) }, () => ({
    // Some are late: half a minute a batch, up to a minute behind, with a delay of half a minute.
    ts: new Date(1_767_225_600_000 + addition * 30_000 - random.below(60_000)),
    id: 'abcd'[random.below(4)] ?? 'a',
    amount: random.below(1000) - 500,
  }));
}
