// Columns in the names of folders, `day=2026-01-01/shop=7/…`, as Hive and Spark have them.
import { relative, sep } from 'node:path';
import type { StructField } from '../plan/data-type.js';
import { partitionType, typeName } from './partition-type.js';

/** The folder of rows that have no value. */
const DEFAULT_PARTITION = '__HIVE_DEFAULT_PARTITION__';

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

/** The columns that the folders of files name below the root of each, with the narrowest types that hold their values; `infersTypes` false: text. */
export function partitionColumns(rootOf: (path: string) => string, paths: readonly string[], infersTypes: boolean): StructField[] {
  const texts = new Map<string, Set<string>>();
  for (const path of paths) {
    for (const [name, value] of Object.entries(partitionValues(rootOf(path), path))) {
      const known = texts.get(name) ?? new Set();
      texts.set(name, value === null ? known : known.add(value));
    }
  }
  return [...texts].map(([name, values]) => ({
    name,
    type: typeName(partitionType(infersTypes ? [...values] : [])) as StructField['type'],
    nullable: true,
    metadata: {},
  }));
}

/** `%2F` stands for a slash; what is no such escape stands for itself. */
function unescaped(text: string): string {
  return text.replace(/%([0-9A-Fa-f]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}
