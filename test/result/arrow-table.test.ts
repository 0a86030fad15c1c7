// Every type as an apache-arrow Table: the same values, over the same memory.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteBuffer } from 'flatbuffers';
import { encodeRows } from '../../dist/batch/encode-rows.js';
import { InputBatch } from '../../dist/batch/generated/input-batch.js';
import { physicalFieldsOf } from '../../dist/batch/physical-type.js';
import type { DataType, StructType } from '../../dist/plan/data-type.js';
import { toArrowTable } from '../../dist/result/arrow-table.js';
import { openVector } from '../../dist/result/open-vector.js';

const field = (name: string, type: DataType) => ({ name, type, nullable: true, metadata: {} });

/** A column of two values and a null as Arrow gives them back. */
function throughArrow(type: DataType, values: readonly unknown[]) {
  const schema: StructType = { type: 'struct', fields: [field('c', type)] };
  const rows = [...values, null].map((c) => ({ c }));
  const encoded = encodeRows(schema, rows);
  const batch = InputBatch.getRootAsInputBatch(new ByteBuffer(new Uint8Array(encoded.bytes)));
  const fields = physicalFieldsOf(schema);
  const vectors = fields.map((column, position) => openVector(column, batch.columns(position), rows.length));
  const table = toArrowTable(fields, vectors, rows.length);
  return { table, column: table.getChild('c'), bytes: encoded.bytes };
}

const DATE = new Date('2026-01-02T00:00:00Z');
const CASES: readonly [DataType, readonly unknown[], readonly unknown[]][] = [
  ['boolean', [true, false], [true, false]],
  ['byte', [1, -2], [1, -2]],
  ['short', [1, -2], [1, -2]],
  ['integer', [1, -2], [1, -2]],
  ['long', [1n, -2n], [1n, -2n]],
  ['float', [0.5, -2], [0.5, -2]],
  ['double', [0.1, -2], [0.1, -2]],
  ['string', ['ä', ''], ['ä', '']],
  ['binary', [Uint8Array.of(1, 2), Uint8Array.of()], [Uint8Array.of(1, 2), Uint8Array.of()]],
  ['date', [DATE, DATE], [DATE.getTime(), DATE.getTime()]],
  ['timestamp', [DATE, DATE], [DATE.getTime(), DATE.getTime()]],
  ['interval year to month', [13, 0], [Int32Array.of(1, 1), Int32Array.of(0, 0)]],
];

for (const [type, values, expected] of CASES) {
  test(`${JSON.stringify(type)} in Arrow`, () => {
    const { table, column, bytes } = throughArrow(type, values);
    assert.equal(table.numRows, 3);
    assert.deepEqual([column?.get(0), column?.get(1)], expected);
    assert.equal(column?.get(2), null);
    const data = column?.data[0];
    if (type !== 'boolean') assert.equal((data?.values as ArrayBufferView | undefined)?.buffer, bytes);
  });
}

test('nested types in Arrow', () => {
  const list = throughArrow({ type: 'array', elementType: 'long', containsNull: true }, [[1n, null], []]);
  assert.deepEqual([...(list.column?.get(0) ?? [])], [1n, null]);
  assert.deepEqual([...(list.column?.get(1) ?? [0n])], []);
  assert.equal(list.column?.get(2), null);

  const map = throughArrow({ type: 'map', keyType: 'string', valueType: 'integer', valueContainsNull: true }, [
    new Map([['a', 1]]),
    new Map(),
  ]);
  assert.deepEqual([...(map.column?.get(0) ?? [])], [['a', 1]]);

  const struct = throughArrow({ type: 'struct', fields: [field('x', 'integer'), field('y', 'string')] }, [
    { x: 1, y: 'z' },
    { x: null, y: null },
  ]);
  assert.deepEqual(struct.column?.get(0)?.toJSON(), { x: 1, y: 'z' });
  assert.deepEqual(struct.column?.get(1)?.toJSON(), { x: null, y: null });
  assert.equal(struct.column?.get(2), null);
});

test('decimals keep their 16 bytes', () => {
  const { column } = throughArrow('decimal(10,2)', ['12.34', '-0.01']);
  assert.deepEqual(Array.from(column?.get(0) as Uint32Array), [1234, 0, 0, 0]);
  assert.deepEqual(Array.from(column?.get(1) as Uint32Array), [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff]);
});
