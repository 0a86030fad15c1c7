// What goes into a batch comes out of it: every type, nulls and nesting included.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteBuffer } from 'flatbuffers';
import { encodeColumns } from '../../dist/batch/encode-columns.js';
import { encodeRows } from '../../dist/batch/encode-rows.js';
import { InputBatch } from '../../dist/batch/generated/input-batch.js';
import { physicalFieldsOf } from '../../dist/batch/physical-type.js';
import type { DataType, StructType } from '../../dist/plan/data-type.js';
import type { ColumnVector } from '../../dist/result/column-vector.js';
import { openVector } from '../../dist/result/open-vector.js';

const field = (name: string, type: DataType, nullable = true) => ({ name, type, nullable, metadata: {} });
const struct = (...fields: StructType['fields']): StructType => ({ type: 'struct', fields });

/** Opens the columns of an InputBatch as a sink would open those of a result: the layouts are the same. */
function open(schema: StructType, bytes: SharedArrayBuffer): ColumnVector[] {
  const batch = InputBatch.getRootAsInputBatch(new ByteBuffer(new Uint8Array(bytes)));
  return physicalFieldsOf(schema).map((column, position) => openVector(column, batch.columns(position), batch.numRows()));
}

/** A Date within the years that have four digits. */
const date = fc.date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T00:00:00Z'), noInvalidDate: true });
const day = date.map((value) => new Date(Math.floor(value.getTime() / 86_400_000) * 86_400_000));
const decimal = fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n }).map((unscaled) => {
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(11, '0');
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -10)}.${digits.slice(-10)}`;
});
const text = fc.string({ unit: 'binary' }).filter((value) => value.isWellFormed());

/** A type with the values that it holds. */
interface Sample {
  readonly type: DataType;
  readonly values: fc.Arbitrary<unknown>;
}

const leaves: readonly Sample[] = [
  { type: 'boolean', values: fc.boolean() },
  { type: 'byte', values: fc.integer({ min: -128, max: 127 }) },
  { type: 'short', values: fc.integer({ min: -32768, max: 32767 }) },
  { type: 'integer', values: fc.integer() },
  { type: 'long', values: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) },
  { type: 'float', values: fc.float() },
  { type: 'double', values: fc.double() },
  { type: 'string', values: text },
  { type: 'binary', values: fc.uint8Array() },
  { type: 'date', values: day },
  { type: 'timestamp', values: date },
  { type: 'timestamp_ntz', values: date },
  { type: 'decimal(38,10)', values: decimal },
  { type: 'interval day to second', values: fc.bigInt({ min: -(2n ** 60n), max: 2n ** 60n }) },
  { type: 'interval year to month', values: fc.integer() },
];

const samples: readonly Sample[] = [
  ...leaves,
  ...leaves.map(({ type, values }) => ({
    type: { type: 'array', elementType: type, containsNull: true } as const,
    values: fc.array(fc.option(values), { maxLength: 5 }),
  })),
  ...leaves.map(({ type, values }) => ({
    type: { type: 'map', keyType: 'string', valueType: type, valueContainsNull: true } as const,
    values: fc.array(fc.tuple(text, fc.option(values)), { maxLength: 4 }).map((entries) => new Map(entries)),
  })),
  ...leaves.map(({ type, values }) => ({
    type: struct(field('x', type), field('__proto__', 'string')),
    values: fc.tuple(fc.option(values), fc.option(text)).map(([x, name]) =>
      Object.fromEntries([
        ['x', x],
        ['__proto__', name],
      ]),
    ),
  })),
];

for (const { type, values } of samples) {
  test(`round trip of ${JSON.stringify(type)}`, () => {
    fc.assert(
      fc.property(fc.array(fc.option(values), { maxLength: 40 }), (column) => {
        const schema = struct(field('c', type));
        const [vector] = open(schema, encodeColumns(schema, { c: column }).bytes);
        assert.deepEqual(vector?.toArray(), column);
        assert.equal(vector?.nullCount, column.filter((value) => value === null).length);
      }),
      { numRuns: 40 },
    );
  });
}

test('rows and columns encode to the same bytes', () => {
  const schema = struct(field('a', 'integer'), field('b', 'string'));
  const rows = [{ a: 1, b: 'x' }, { a: null, b: 'ü' }, { b: null }, { a: 4, b: '' }];
  const fromRows = encodeRows(schema, rows);
  const fromArrays = encodeRows(
    schema,
    rows.map((row) => [row.a ?? null, row.b]),
  );
  const fromColumns = encodeColumns(schema, { a: [1, null, null, 4], b: ['x', 'ü', null, ''] });
  assert.deepEqual(new Uint8Array(fromRows.bytes), new Uint8Array(fromColumns.bytes));
  assert.deepEqual(new Uint8Array(fromArrays.bytes), new Uint8Array(fromColumns.bytes));
  assert.equal(fromRows.numRows, 4);
});

test('typed arrays go in as blocks and come out as views', () => {
  const schema = struct(field('i', 'integer'), field('l', 'long'), field('d', 'double'), field('t', 'timestamp'), field('w', 'long'));
  const columns = {
    i: Int32Array.of(1, -2),
    l: BigInt64Array.of(3n, -4n),
    d: Float64Array.of(0.5, Number.NaN),
    t: BigInt64Array.of(1n, -1n),
    w: Int32Array.of(7, 8),
  };
  const [i, l, d, t, w] = open(schema, encodeColumns(schema, columns).bytes);
  assert.deepEqual(i?.values, columns.i);
  assert.deepEqual(l?.values, columns.l);
  assert.deepEqual(d?.values, columns.d);
  assert.deepEqual(t?.values, columns.t);
  // A microsecond before 1970 lies in the millisecond before it.
  assert.deepEqual(t?.toArray(), [new Date(0), new Date(-1)]);
  assert.deepEqual(w?.toArray(), [7n, 8n]);
});

test('every buffer begins at a multiple of 64 bytes', () => {
  const schema = struct(field('a', 'byte'), field('s', 'string'), field('n', { type: 'array', elementType: 'long', containsNull: true }));
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(fc.option(fc.integer({ min: -9, max: 9 })), fc.option(fc.string()), fc.option(fc.array(fc.bigInt({ min: 0n, max: 9n })))),
      ),
      (rows) => {
        const { bytes } = encodeRows(schema, rows);
        const batch = InputBatch.getRootAsInputBatch(new ByteBuffer(new Uint8Array(bytes)));
        const pending = [0, 1, 2].map((position) => batch.columns(position));
        for (let column = pending.pop(); column; column = pending.pop()) {
          for (const buffer of [column.validityArray(), column.offsetsArray(), column.valuesArray()])
            assert.equal((buffer?.byteOffset ?? 0) % 64, 0);
          for (let child = 0; child < column.childrenLength(); child += 1) pending.push(column.children(child));
        }
      },
    ),
  );
});

test('numbers do for longs where they are exact, and numbers of days for dates', () => {
  const schema = struct(field('l', 'long'), field('d', 'date'), field('m', 'decimal(5,2)'));
  const [l, d, m] = open(
    schema,
    encodeRows(schema, [
      { l: 5, d: -1, m: 1.5 },
      { l: 6n, d: 0, m: '-999.99' },
    ]).bytes,
  );
  assert.deepEqual(l?.toArray(), [5n, 6n]);
  assert.deepEqual(d?.toArray(), [new Date('1969-12-31'), new Date('1970-01-01')]);
  assert.deepEqual(m?.toArray(), ['1.50', '-999.99']);
});
