// A value that does not fit its column is refused with the column, the row and the reason, and without printing the value.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeColumns } from '../../dist/batch/encode-columns.js';
import { encodeRows } from '../../dist/batch/encode-rows.js';
import type { DataType, StructType } from '../../dist/plan/data-type.js';

const schemaOf = (type: DataType, nullable = true): StructType => ({
  type: 'struct',
  fields: [{ name: 'c', type, nullable, metadata: {} }],
});
const array = (elementType: DataType, containsNull = true) => ({ type: 'array', elementType, containsNull }) as const;

const REFUSED: readonly [DataType, unknown, string, string][] = [
  ['boolean', 1, 'c', 'it is a number'],
  ['byte', 128, 'c', 'it is outside -128 to 127'],
  ['integer', 1.5, 'c', 'it has a fraction'],
  ['integer', Number.NaN, 'c', 'it has a fraction'],
  ['integer', 2 ** 31, 'c', 'it is outside -2147483648 to 2147483647'],
  ['integer', '5', 'c', 'it is a string'],
  ['long', 2 ** 53, 'c', 'as a number it is not exact; give a bigint'],
  ['long', 2n ** 63n, 'c', 'it is outside 64 bits'],
  ['double', 1n, 'c', 'it is a bigint'],
  ['string', 5, 'c', 'it is a number'],
  ['binary', 'text', 'c', 'it is a string; give a Uint8Array'],
  ['timestamp', 1_600_000_000, 'c', 'it is a number; give a Date, or a bigint of microseconds since 1970'],
  ['timestamp', new Date(Number.NaN), 'c', 'it is an invalid Date'],
  ['date', '2020-01-01', 'c', 'it is a string'],
  ['decimal(5,2)', '1.234', 'c', 'it is no decimal of at most 2 digits after the point'],
  ['decimal(5,2)', '1000', 'c', 'it has more than 3 digits before the point'],
  ['decimal(5,2)', 'secret', 'c', 'it is no decimal of at most 2 digits after the point'],
  ['void', 1, 'c', 'the column can hold nulls only'],
  [array('integer'), 5, 'c', 'it is a number'],
  [array('integer'), [1, 'x'], 'c.element', 'it is a string'],
  [array('integer', false), [1, null], 'c.element', 'it is null, and the column is NOT NULL'],
  [{ type: 'map', keyType: 'string', valueType: 'integer', valueContainsNull: true }, new Map([['a', 'b']]), 'c.value', 'it is a string'],
  [
    { type: 'struct', fields: [{ name: 'x', type: 'integer', nullable: false, metadata: {} }] },
    {},
    'c.x',
    'it is null, and the field is NOT NULL',
  ],
];

for (const [type, value, column, reason] of REFUSED) {
  test(`${JSON.stringify(type)} refuses: ${reason}`, () => {
    const filler = type === 'void' ? null : fillerOf(type);
    assert.throws(
      () => encodeRows(schemaOf(type), [{ c: filler }, { c: filler }, { c: value }]),
      (error: { code: string; parameters: Record<string, string>; message: string }) => {
        assert.equal(error.code, 'VALUE_NOT_ENCODABLE');
        assert.equal(error.parameters['column'], column);
        assert.equal(error.parameters['row'], '2');
        assert.equal(error.parameters['reason'], reason);
        assert.ok(!error.message.includes('secret'));
        return true;
      },
    );
  });
}

function fillerOf(type: DataType): unknown {
  return typeof type !== 'string' && type.type === 'array' ? [1] : null;
}

test('null is refused where the column is NOT NULL', () => {
  assert.throws(() => encodeRows(schemaOf('integer', false), [{ c: 1 }, {}]), { code: 'VALUE_NOT_ENCODABLE' });
});

test('a misspelt column is noticed, a missing one is null', () => {
  const schema = schemaOf('integer');
  assert.equal(encodeRows(schema, [{}]).numRows, 1);
  assert.throws(() => encodeRows(schema, [{ d: 1 }]), { code: 'ARGUMENT_INVALID' });
  assert.throws(() => encodeRows(schema, [[1, 2]]), { code: 'ARGUMENT_INVALID' });
  assert.throws(() => encodeRows(schema, [null as unknown as object]), { code: 'ARGUMENT_INVALID' });
  assert.throws(() => encodeColumns(schema, {}), { code: 'ARGUMENT_INVALID' });
  assert.throws(() => encodeColumns(schema, { c: [1], d: [1] }), { code: 'ARGUMENT_INVALID' });
});

test('columns of different lengths are refused', () => {
  const schema: StructType = {
    type: 'struct',
    fields: ['a', 'b'].map((name) => ({ name, type: 'integer', nullable: true, metadata: {} })),
  };
  assert.throws(() => encodeColumns(schema, { a: [1, 2], b: [1] }), { code: 'ARGUMENT_INVALID' });
});

test('a type without a layout is refused by name', () => {
  assert.throws(() => encodeRows(schemaOf('geography'), []), { code: 'UNSUPPORTED_DATATYPE' });
});
