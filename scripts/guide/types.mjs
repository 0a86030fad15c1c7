// docs/guide/types.md: the SQL types, and what they are in TypeScript.
import { code, page, table } from './markdown.mjs';
import { RATES_NOTE, rateOf, rateText } from './rates.mjs';

/**
 * Every type: its name in SQL, its other names, what a row has, what `column(...).values` of a result batch has, and a word on it. A sample is how it is
 * written in DDL; test/guide compares the table with what the product answers.
 */
export const TYPES = [
  { name: 'BOOLEAN', row: 'boolean', column: 'bits', text: '' },
  { name: 'TINYINT', aliases: ['BYTE'], row: 'number', column: 'Int8Array', text: '8 bits' },
  { name: 'SMALLINT', aliases: ['SHORT'], row: 'number', column: 'Int16Array', text: '16 bits' },
  { name: 'INT', aliases: ['INTEGER'], row: 'number', column: 'Int32Array', text: '32 bits' },
  { name: 'BIGINT', aliases: ['LONG'], row: 'bigint', column: 'BigInt64Array', text: '64 bits; sums of whole numbers are this' },
  { name: 'FLOAT', aliases: ['REAL'], row: 'number', column: 'Float32Array', text: '32 bits, IEEE 754' },
  { name: 'DOUBLE', row: 'number', column: 'Float64Array', text: '64 bits, IEEE 754; in TypeScript `Double`, a number with a mark' },
  {
    name: 'DECIMAL',
    sample: 'DECIMAL(10,2)',
    aliases: ['DEC', 'NUMERIC'],
    row: 'string',
    column: 'bytes',
    text: 'up to 38 digits, with its scale: `"12.50"`; in TypeScript `Decimal`, a string with a mark',
  },
  { name: 'STRING', row: 'string', column: 'offsets and bytes', text: 'UTF-8; bytes that are none are kept' },
  { name: 'BINARY', row: 'Uint8Array', column: 'offsets and bytes', text: '' },
  { name: 'DATE', row: 'Date', column: 'Int32Array', text: 'days since 1970-01-01; a `Date` at midnight UTC' },
  {
    name: 'TIMESTAMP',
    aliases: ['TIMESTAMP_LTZ'],
    row: 'Date',
    column: 'BigInt64Array',
    text: 'microseconds since 1970; a `Date` has milliseconds, the column has all',
  },
  { name: 'TIMESTAMP_NTZ', row: 'Date', column: 'BigInt64Array', text: 'a wall clock, as if it were UTC' },
  { name: 'TIME', row: 'string', column: 'BigInt64Array', text: 'a time of day in nanoseconds; in a row its text' },
  { name: 'VARIANT', row: 'string', column: 'strings', text: 'a value of any type; its JSON text' },
  { name: 'INTERVAL DAY TO SECOND', row: 'bigint', column: 'BigInt64Array', text: 'microseconds' },
  { name: 'INTERVAL YEAR TO MONTH', row: 'number', column: 'Int32Array', text: 'months' },
  {
    name: 'INTERVAL',
    row: 'CalendarInterval',
    column: 'words of months, days and microseconds',
    text: 'a calendar interval, as `make_interval` makes it',
  },
  { name: 'ARRAY', sample: 'ARRAY<INT>', row: 'array', column: 'offsets and a child', text: '' },
  { name: 'MAP', sample: 'MAP<STRING, INT>', row: 'Map', column: 'offsets and two children', text: 'keys are never null' },
  { name: 'STRUCT', sample: 'STRUCT<a: INT, b: STRING>', row: 'object', column: 'children', text: '' },
  { name: 'VOID', row: 'null', column: 'nothing', text: 'the type of a bare NULL' },
];

export function typesPage(rates) {
  const rows = TYPES.map(({ name, sample, aliases = [], row, column, text }) => [
    [sample ?? name, ...aliases].map(code).join(', '),
    code(row),
    /Array$/.test(column) ? code(column) : column,
    text,
    rateText(rateOf(rates, 'types', name)),
  ]);
  return page(
    'Types',
    `\`schema('id STRING, amount INT')\` and \`fromJson(..., 'id STRING')\` give rows their TypeScript types at compile time. Every value may be null unless the ` +
      `schema says NOT NULL. ${RATES_NOTE}`,
    [
      table(['SQL', 'in a row', 'in a column of a ResultBatch', '', 'vectors'], rows),
      'Not there: `CHAR(n)`, `VARCHAR(n)`, columns with a collation, user-defined types.',
    ],
  );
}
