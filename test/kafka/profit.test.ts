// The main job end to end: examples/profit.ts reads a real broker, records come one at a time from Kafka's console producer, and the
// console shows the tables that Spark shows.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type ConsoleProducer, KafkaBroker } from './broker.ts';
import { ConsoleProgram } from './console-tables.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TOPIC = 'spark-stream-05';
const LIMIT_MS = 60_000;
const MILLRACE = join(ROOT, 'dist/cli/millrace.js');

/** A query whose first batch never ends. */
const STUCK_PROGRAM = `
import { Session } from 'millrace';
const servers: string = process.argv.at(-1) ?? '';
const rows = Session.create({ appName: 'stuck' }).readStream.format('kafka').option('kafka.bootstrap.servers', servers)
  .option('subscribe', '${TOPIC}').option('startingOffsets', 'earliest').load();
const query = await rows.writeStream.foreachBatch(async () => {
  console.log('in the batch');
  await new Promise(() => {});
}).start();
await query.awaitTermination();
`;

const HEADER = ['+------------------------------------------+------+', '|window                                    |profit|'];
const [BORDER] = HEADER as [string, string];
const FIRST_WINDOW = '{2020-04-20 10:10:00, 2020-04-20 10:15:00}';
const SECOND_WINDOW = '{2020-04-20 10:15:00, 2020-04-20 10:20:00}';

/** Records and the profit of the windows after each. Single quotes as in the job's input; the last one is late and still counts. */
const STEPS: readonly { readonly record: string; readonly profits: Readonly<Record<string, number>> }[] = [
  { record: trade('apple', 'buy', 10, '10-10'), profits: { [FIRST_WINDOW]: 10 } },
  { record: trade('apple', 'buy', 18, '10-13'), profits: { [FIRST_WINDOW]: 28 } },
  { record: trade('apple', 'sell', 5, '10-16'), profits: { [FIRST_WINDOW]: 28, [SECOND_WINDOW]: -5 } },
  { record: trade('apple', 'buy', 5, '10-14'), profits: { [FIRST_WINDOW]: 33, [SECOND_WINDOW]: -5 } },
];

function trade(id: string, type: string, amount: number, time: string): string {
  return `{'id':'${id}','type':'${type}','amount':${amount},'time':'20-04-2020-${time}'}`;
}

/** The table of complete mode; Spark promises no order of its rows. */
function assertTable(table: readonly string[], profits: Readonly<Record<string, number>>): void {
  assert.deepEqual(table.slice(0, 3), [...HEADER, BORDER]);
  assert.equal(table.at(-1), BORDER);
  const expected = Object.entries(profits).map(([window, profit]) => `|${window}|${String(profit).padEnd(6)}|`);
  assert.deepEqual(table.slice(3, -1).sort(), expected.sort());
}

function startProfit(servers: string): ConsoleProgram {
  return new ConsoleProgram(process.execPath, [MILLRACE, 'run', 'examples/profit.ts', '--', '--kafka', servers], ROOT);
}

describe('examples/profit.ts on Kafka', () => {
  let broker: KafkaBroker;
  let producer: ConsoleProducer;
  const programs: ConsoleProgram[] = [];

  before(async () => {
    broker = await KafkaBroker.start();
    await broker.createTopic(TOPIC);
    producer = broker.consoleProducer(TOPIC);
  });

  after(async () => {
    for (const program of programs) program.child.kill('SIGKILL');
    producer?.kill();
    await broker?.stop();
  });

  it('prints one table for each record that arrives, survives a restart of the broker, and stops at Ctrl-C', async () => {
    const program = startProfit(broker.bootstrapServers);
    programs.push(program);
    // As in Spark the first batch runs though the topic is empty.
    const [first] = await program.batchCount(1, LIMIT_MS);
    assert.deepEqual(first, { batchId: 0, table: ['+------+------+', '|window|profit|', '+------+------+', '+------+------+'] });
    for (const [step, { record, profits }] of STEPS.entries()) {
      producer.send(record);
      const batches = await program.batchCount(step + 2, LIMIT_MS);
      assert.equal(batches.length, step + 2, 'one micro-batch for each arrival');
      assert.equal(batches[step + 1]?.batchId, step + 1);
      assertTable(batches[step + 1]?.table ?? [], profits);
    }

    await broker.restart();
    const afterRestart = broker.consoleProducer(TOPIC);
    afterRestart.send(trade('pear', 'sell', 3, '10-19'));
    await afterRestart.close();
    const batches = await program.batchCount(STEPS.length + 2, LIMIT_MS);
    assert.equal(batches.length, STEPS.length + 2, 'nothing is printed twice');
    assertTable(batches.at(-1)?.table ?? [], { [FIRST_WINDOW]: 33, [SECOND_WINDOW]: -8 });

    program.child.kill('SIGINT');
    assert.equal(await program.exitCode(), 0, program.output);
    assert.equal(program.batches().length, STEPS.length + 2);
  });

  it('reads from the beginning in one batch when it starts late', async () => {
    const program = startProfit(broker.bootstrapServers);
    programs.push(program);
    const [batch] = await program.batchCount(1, LIMIT_MS);
    assert.equal(batch?.batchId, 0);
    assertTable(batch?.table ?? [], { [FIRST_WINDOW]: 33, [SECOND_WINDOW]: -8 });
    program.child.kill('SIGINT');
    assert.equal(await program.exitCode(), 0, program.output);
  });

  it('waits at Ctrl-C for the running batch, and gives up at the second', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-stuck-'));
    const path = join(folder, 'stuck.ts');
    writeFileSync(path, STUCK_PROGRAM);
    const program = new ConsoleProgram(process.execPath, [MILLRACE, 'run', path, '--', broker.bootstrapServers], ROOT);
    programs.push(program);
    try {
      await program.until(() => program.output.includes('in the batch'), 'batch', LIMIT_MS);
      program.child.kill('SIGINT');
      // A Ctrl-C that follows at once counts as the same one, so it is given until it counts.
      const repeat = setInterval(() => program.child.kill('SIGINT'), 100);
      const code = await program.exitCode();
      clearInterval(repeat);
      assert.equal(code, 130, program.output);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('says what is wrong when nobody listens, and exits with an error', async () => {
    const program = startProfit('127.0.0.1:1');
    programs.push(program);
    assert.notEqual(await program.exitCode(), 0);
    assert.match(program.output, /KAFKA_UNREACHABLE/);
    assert.match(program.output, /127\.0\.0\.1:1/);
    assert.match(program.output, /kafka\.bootstrap\.servers/);
  });
});
