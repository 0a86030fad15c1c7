// However a query over any kind of state ends (a full disk, a program that throws, stop(), another start that takes its checkpoint away), what it left is
// whole, and the next start goes on to the rows of a run that nothing disturbed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MillraceError } from 'millrace';
import { inspectCheckpoint } from '../../dist/checkpoint/inspection.js';
import { Disks, locationOf } from '../sim/disks.ts';
import { type Event, Job, type SimulatedQuery } from '../sim/job.ts';
import { QUERIES } from '../stateful-queries.ts';

const ADDITIONS = 6;
/** From one point at which the disk is full to the next. */
const SPACE_STEP = 797;

const BY_SINK: readonly SimulatedQuery[] = QUERIES.flatMap(({ modes: [outputMode], ...query }) =>
  (outputMode === 'append' ? (['program', 'files'] as const) : (['program'] as const)).map((sink) => ({ ...query, outputMode, sink })),
);

for (const query of BY_SINK) {
  test(`${query.name}, ${query.sink}: the disk is full`, async (context) => {
    const expected = await undisturbed(query);
    const places = query.sink === 'files' ? (['checkpoint', 'output'] as const) : (['checkpoint'] as const);
    for (const place of places) {
      let points = 0;
      for (let isFull = true; isFull; points += 1) {
        isFull = false;
        const space = points * SPACE_STEP;
        await withDisks(async (disks) => {
          const job = new Job(query, disks);
          disks.fill(disks[place], space);
          for (let addition = 0; addition < ADDITIONS; addition += 1) {
            job.add(rowsOf(addition));
            const failure = await failureOf(job);
            if (failure === null) continue;
            isFull = true;
            assertFull(failure);
            assertWhole(disks);
            // Nothing was freed: it ends the same way, and leaves the same.
            await job.stop();
            const again = await failureOf(job);
            if (again !== null) assertFull(again);
            assertWhole(disks);
            await job.stop();
            disks.calm();
            await job.run();
          }
          assert.deepEqual(job.output(), { rows: expected, torn: [] }, `full after ${space} bytes`);
          await job.stop();
        });
      }
      context.diagnostic(`${place}: full at ${points - 1} points`);
      assert.ok(points > (place === 'checkpoint' ? 5 : 1), `${place}: only ${points} points`);
    }
  });
}

for (const query of BY_SINK.filter(({ sink }) => sink === 'program')) {
  test(`${query.name}: the program throws, and stops`, async () => {
    const expected = await undisturbed(query);
    await withDisks(async (disks) => {
      const calls = new Map<string, number>();
      const job = new Job(query, disks, (name) => {
        calls.set(name, (calls.get(name) ?? 0) + 1);
        if (name.startsWith('batch') && calls.get(name) === 1) throw new RangeError('not today');
      });
      for (let addition = 0; addition < ADDITIONS; addition += 1) {
        job.add(rowsOf(addition));
        const failure = await failureOf(job);
        assert.equal(failure?.code, 'STREAM_FAILED');
        assert.match(String(failure?.cause), /not today/);
        await job.stop();
        await job.run();
        assertWhole(disks);
        if (addition % 2 === 0) await job.stop();
      }
      assert.deepEqual(job.output(), { rows: expected, torn: [] });
      await job.stop();
    });
  });

  test(`${query.name}: another start takes the checkpoint while a batch is running`, async () => {
    const expected = await undisturbed(query);
    await withDisks(async (disks) => {
      let held: { readonly entered: () => void; readonly released: Promise<void> } | null = null;
      const job = new Job(query, disks, async () => {
        const mine = held;
        held = null;
        mine?.entered();
        await mine?.released;
      });
      for (let addition = 0; addition < ADDITIONS; addition += 1) {
        job.add(rowsOf(addition));
        if (addition !== 2) await job.run();
        else {
          let release = () => {};
          const released = new Promise<void>((resolve) => {
            release = resolve;
          });
          const entered = new Promise<void>((resolve) => {
            held = { entered: resolve, released };
          });
          void job.run().catch(() => {});
          await entered;
          const zombie = await job.takeOver();
          await job.run();
          // It has computed the batch and given it out, and may neither write its state nor commit it.
          release();
          await assert.rejects(zombie?.awaitTermination() ?? Promise.resolve(), { code: 'CHECKPOINT_FENCED' });
          assertWhole(disks);
        }
        if (addition === 3) {
          await job.stop();
          await job.run();
        }
      }
      assert.deepEqual(job.output(), { rows: expected, torn: [] });
      await job.stop();
    });
  });
}

for (const query of BY_SINK) {
  test(`${query.name}, ${query.sink}: another start takes the checkpoint between two batches`, async () => {
    const expected = await undisturbed(query);
    await withDisks(async (disks) => {
      const job = new Job(query, disks);
      for (let addition = 0; addition < ADDITIONS; addition += 1) {
        const zombie = addition === 2 ? await job.takeOver() : null;
        // Both see the rows.
        job.add(rowsOf(addition));
        await job.run();
        if (zombie !== null) await assert.rejects(zombie.awaitTermination(), { code: 'CHECKPOINT_FENCED' });
        assertWhole(disks);
      }
      assert.deepEqual(job.output(), { rows: expected, torn: [] });
      await job.stop();
    });
  });
}

/** What comes out where nothing happens. */
async function undisturbed(query: SimulatedQuery): Promise<ReturnType<Job['output']>['rows']> {
  let rows: ReturnType<Job['output']>['rows'] = new Map();
  await withDisks(async (disks) => {
    const job = new Job(query, disks);
    for (let addition = 0; addition < ADDITIONS; addition += 1) {
      job.add(rowsOf(addition));
      await job.run();
    }
    await job.stop();
    rows = job.output().rows;
  });
  assert.ok([...rows.values()].some(({ length }) => length > 0));
  return rows;
}

async function withDisks(use: (disks: Disks) => Promise<void>): Promise<void> {
  const disks = new Disks(1, false);
  try {
    await use(disks);
  } finally {
    disks.forget();
  }
}

/** Rows on time and late ones, of two ids that come and go. */
function rowsOf(addition: number): Event[] {
  return Array.from({ length: 6 }, (_, row) => ({
    ts: new Date(1_767_225_600_000 + addition * 30_000 - ((row * 17) % 50) * 1000),
    id: 'abc'[(addition + row) % 3] ?? 'a',
    amount: addition * 10 + row,
  }));
}

/** Lets a job run; the failure that ends it, null where it is through. */
async function failureOf(job: Job): Promise<MillraceError | null> {
  try {
    await job.run();
    return null;
  } catch (error) {
    assert.ok(error instanceof MillraceError, String(error));
    return error;
  }
}

function assertFull(failure: MillraceError): void {
  // A snapshot's write may have been the first to fail: the next one tells why.
  assert.match(failure.code, /^(FILE_WRITE_FAILED|CHECKPOINT_POISONED)$/, failure.message);
  assert.match(failure.message, /no storage space/);
}

/** Every byte of the checkpoint is as it was written, and none is missing. */
function assertWhole({ checkpoint }: Disks): void {
  try {
    assert.deepEqual(inspectCheckpoint(locationOf(checkpoint)).problems, []);
  } catch (error) {
    // The disk may have been full before there was anything.
    assert.equal((error as MillraceError).code, 'CHECKPOINT_NOT_FOUND', String(error));
  }
}
