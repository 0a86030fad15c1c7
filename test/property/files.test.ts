// What is written to files and read back is the same, for random rows in every format.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { Session } from 'millrace';
import { runOptions } from './run-options.ts';

const CASES = 60;

const session = Session.create({ timeZone: 'Europe/Berlin' });

type Row = Record<string, unknown>;

/** Text that survives CSV: what is empty comes back as nothing, and files of lines have no line feeds outside quotes. */
const textOf = (format: string) =>
  format === 'csv'
    ? fc.string({ unit: 'grapheme', minLength: 1 }).map((text) => text.replace(/[\r\n]/g, ' '))
    : fc.string({ unit: 'grapheme' });

/** Instants to the millisecond, which is what the text formats write. */
const instants = fc.date({ min: new Date('1900-01-01T00:00:00Z'), max: new Date('2200-01-01T00:00:00Z'), noInvalidDate: true });

const nullable = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: null, freq: 5 });

const flat = (format: string) => ({
  s: nullable(textOf(format)),
  i: nullable(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
  l: nullable(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  d: nullable(fc.double({ noNaN: true, noDefaultInfinity: true })),
  b: nullable(fc.boolean()),
  ts: nullable(instants),
  n: nullable(fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }).map((unscaled) => decimalText(unscaled))),
});
const FLAT = 's STRING, i INT, l BIGINT, d DOUBLE, b BOOLEAN, ts TIMESTAMP, n DECIMAL(20, 3)';

const nested = {
  a: nullable(fc.array(nullable(fc.integer({ min: -1000, max: 1000 })), { maxLength: 4 })),
  st: nullable(
    fc.record({
      x: nullable(fc.string({ unit: 'grapheme' })),
      y: nullable(fc.array(fc.record({ z: nullable(fc.boolean()) }), { maxLength: 3 })),
    }),
  ),
  bin: nullable(fc.uint8Array({ maxLength: 40 })),
};
const NESTED = 'a ARRAY<INT>, st STRUCT<x: STRING, y: ARRAY<STRUCT<z: BOOLEAN>>>, bin BINARY';

interface Format {
  readonly name: 'json' | 'csv' | 'parquet';
  readonly ddl: string;
  readonly row: fc.Arbitrary<Row>;
  readonly codecs: readonly string[];
  readonly options: Record<string, string>;
}

const FORMATS: readonly Format[] = [
  {
    name: 'json',
    ddl: `${FLAT}, ${NESTED}`,
    row: fc.record({ ...flat('json'), ...nested }),
    codecs: ['none', 'gzip', 'zstd', 'snappy', 'lz4', 'deflate'],
    options: {},
  },
  {
    name: 'csv',
    ddl: FLAT,
    row: fc.record(flat('csv')),
    codecs: ['none', 'gzip', 'zstd', 'snappy', 'lz4', 'deflate'],
    options: { ignoreLeadingWhiteSpace: 'false', ignoreTrailingWhiteSpace: 'false', header: 'true' },
  },
  {
    name: 'parquet',
    ddl: `${FLAT}, ${NESTED}`,
    row: fc.record({ ...flat('parquet'), ...nested }),
    codecs: ['none', 'snappy', 'gzip', 'zstd', 'lz4_raw'],
    options: {},
  },
];

for (const { name, ddl, row, codecs, options } of FORMATS) {
  test(`${CASES} random tables are the same after ${name}`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { maxLength: 30 }),
        fc.constantFrom(...codecs),
        fc.integer({ min: 1, max: 40 }),
        async (rows, codec, perFile) => {
          const folder = mkdtempSync(join(tmpdir(), 'millrace-files-'));
          try {
            const out = join(folder, 'out');
            const table = session.createDataFrame(rows as any[], ddl as string);
            await table.write
              .format(name)
              .options({ ...options, compression: codec, maxRecordsPerFile: perFile })
              .save(out);
            const read = await session.read
              .format(name)
              .schema(ddl as string)
              .options(options)
              .load(out)
              .collect();
            assert.deepEqual(sorted(read as Row[]), sorted((await table.collect()) as Row[]));
          } finally {
            rmSync(folder, { recursive: true, force: true });
          }
        },
      ),
      runOptions(CASES),
    );
  });
}

/** Files of one moment come in the order of their names, so the order of rows is as it was; it is sorted all the same. */
function sorted(rows: readonly Row[]): string[] {
  const text = (_: string, value: unknown) => {
    if (typeof value === 'bigint') return `${value}n`;
    if (Object.is(value, -0)) return '-0.0';
    return value instanceof Uint8Array ? [...value] : value;
  };
  return rows.map((row) => JSON.stringify(row, text)).sort();
}

function decimalText(unscaled: bigint): string {
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(4, '0');
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -3)}.${digits.slice(-3)}`;
}
