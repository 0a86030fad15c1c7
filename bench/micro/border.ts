// The border: what a call costs, columns handed over, a task in a worker, a result opened and read.
import { col, ResultBatch, schema } from 'millrace';
import type { EncodedColumns } from '../../dist/batch/encode-columns.js';
import { native } from '../../dist/native/load.js';
import { leasePool } from '../../dist/pool/worker-pool.js';
import { ColumnQuery, expectEqual } from '../harness/column-query.ts';
import { type Case, stageBench } from '../harness/stage-bench.ts';

/** Two columns of 8 bytes: 1 MiB. */
const ROWS = 65_536;
const CALLS = 10_000;
const OPENS = 100;

const Pair = schema({ key: 'bigint', value: 'bigint' });
const keys = BigInt64Array.from({ length: ROWS }, (_, row) => BigInt(row % 1_000));
const values = BigInt64Array.from({ length: ROWS }, (_, row) => BigInt(row));
const TOTAL = (ROWS * (ROWS - 1)) / 2;

const query = new ColumnQuery(Pair, (pairs) => pairs.select(col('key'), col('value')), 'append');
const input: EncodedColumns = query.encode({ key: keys, value: values });
const result = query.batch(input);

function sumOfColumn(batch: ResultBatch): number {
  let sum = 0n;
  for (const value of batch.column('value').values as BigInt64Array) sum += value;
  return Number(sum);
}

function sumOfRows(batch: ResultBatch<{ value: bigint }>): number {
  let sum = 0n;
  for (const { value } of batch) sum += value;
  return Number(sum);
}

function call(): Case {
  return {
    name: 'a call with a number and a text: parseInterval',
    unit: 'call',
    units: CALLS,
    check: () => expectEqual(native.parseInterval('5 minutes'), 300_000, 'parseInterval'),
    run: () => {
      for (let index = 0; index < CALLS; index += 1) native.parseInterval('5 minutes');
    },
  };
}

function batchOfNothing(): Case {
  const empty = query.encode({ key: new BigInt64Array(0), value: new BigInt64Array(0) });
  return {
    name: 'a batch without rows: begin, map, reduce, finish, open',
    unit: 'batch',
    units: 10,
    check: () => expectEqual(query.batch(empty).numRows, 0, 'rows'),
    run: () => {
      for (let index = 0; index < 10; index += 1) query.batch(empty);
    },
  };
}

function encode(): Case {
  return {
    name: 'typed arrays to 1 MiB of shared memory',
    unit: 'row',
    units: ROWS,
    check: () => expectEqual(query.encode({ key: keys, value: values }).numRows, ROWS, 'rows'),
    run: () => void query.encode({ key: keys, value: values }),
  };
}

function handOver(): Case {
  return {
    name: '1 MiB of shared memory handed over: begin, mapSplit',
    unit: 'call',
    units: 1,
    check: () => {
      query.begin();
      expectEqual(query.map(input), ROWS, 'rows');
    },
    run: () => {
      query.begin();
      query.map(input);
    },
  };
}

function handOverToWorker(): Case {
  const pool = leasePool(1);
  const map = async () => {
    const batchId = query.begin();
    const report = await pool.map({
      handle: query.handle,
      batchId,
      task: 0,
      spec: query.splitSpec,
      buffers: [new Uint8Array(input.bytes)],
    });
    return JSON.parse(report).numInputRows as number;
  };
  return {
    name: 'the same in a worker, by way of piscina',
    unit: 'call',
    units: 1,
    check: async () => expectEqual(await map(), ROWS, 'rows'),
    run: async () => void (await map()),
    close: () => pool.release(),
  };
}

function thereAndBack(): Case {
  return {
    name: '1 MiB there and back: begin, map, reduce, finish, open',
    unit: 'batch',
    units: 1,
    check: () => expectEqual(sumOfColumn(query.batch(input)), TOTAL, 'sum'),
    run: () => void query.batch(input),
  };
}

function open(): Case {
  return {
    name: 'a result opened',
    unit: 'call',
    units: OPENS,
    check: () => expectEqual(new ResultBatch(result.bytes).numRows, ROWS, 'rows'),
    run: () => {
      for (let index = 0; index < OPENS; index += 1) new ResultBatch(result.bytes);
    },
  };
}

function readColumn(): Case {
  return {
    name: "a result's bigint column summed",
    unit: 'row',
    units: ROWS,
    check: () => expectEqual(sumOfColumn(result), TOTAL, 'sum'),
    run: () => void sumOfColumn(result),
  };
}

function readRows(): Case {
  return {
    name: "a result's rows as objects, summed",
    unit: 'row',
    units: ROWS,
    check: () => expectEqual(sumOfRows(result), TOTAL, 'sum'),
    run: () => void sumOfRows(result),
  };
}

await stageBench('micro/border', [call, batchOfNothing, encode, handOver, handOverToWorker, thereAndBack, open, readColumn, readRows]);
query.close();
