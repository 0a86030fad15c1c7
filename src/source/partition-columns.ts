// Columns in the names of folders, `day=2026-01-01/shop=7/…`, as Hive and Spark have them.
import { relative, sep } from 'node:path';
import type { StructField } from '../plan/data-type.js';

/** The folder of rows that have no value. */
const DEFAULT_PARTITION = '__HIVE_DEFAULT_PARTITION__';

const INT_MAX = 2n ** 31n;
const LONG_MAX = 2n ** 63n;

/** The values that a file's folders below `root` name, by column; null stands for no value. */
export function partitionValues(root: string, path: string): Readonly<Record<string, string | null>> {
  const values: Record<string, string | null> = {};
  for (const folder of relative(root, path).split(sep).slice(0, -1)) {
    const mark = folder.indexOf('=');
    if (mark <= 0) continue;
    const value = folder.slice(mark + 1);
    values[unescaped(folder.slice(0, mark))] = value === DEFAULT_PARTITION ? null : unescaped(value);
  }
  return values;
}

/** The columns that the folders of files name, with the narrowest types that hold their values; `infersTypes` false: text. */
export function partitionColumns(root: string, paths: readonly string[], infersTypes: boolean): StructField[] {
  const texts = new Map<string, (string | null)[]>();
  for (const path of paths) {
    for (const [name, value] of Object.entries(partitionValues(root, path))) texts.set(name, [...(texts.get(name) ?? []), value]);
  }
  return [...texts].map(([name, values]) => ({
    name,
    type: infersTypes ? typeOf(values.filter((value) => value !== null)) : 'string',
    nullable: true,
    metadata: {},
  }));
}

function typeOf(values: readonly string[]): 'integer' | 'long' | 'double' | 'date' | 'string' {
  if (values.length === 0) return 'string';
  if (values.every((value) => /^[+-]?\d+$/.test(value))) {
    const numbers = values.map((value) => BigInt(value.replace('+', '')));
    const fits = (limit: bigint) => numbers.every((number) => number >= -limit && number < limit);
    return fits(INT_MAX) ? 'integer' : fits(LONG_MAX) ? 'long' : 'string';
  }
  if (values.every((value) => /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(value))) return 'double';
  if (values.every((value) => /^\d{4}-\d{2}-\d{2}$/.test(value))) return 'date';
  return 'string';
}

/** `%2F` stands for a slash; what is no such escape stands for itself. */
function unescaped(text: string): string {
  return text.replace(/%([0-9A-Fa-f]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}
