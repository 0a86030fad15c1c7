// Functions of regular expressions. They are Java's, as Spark's are.
import type { Column } from '../column.js';
import type { ColumnOrName } from '../types/column-types.js';
import { call } from './call.js';

/** Whether the pattern, a column, is found in the text. */
export function rlike(column: ColumnOrName, pattern: ColumnOrName): Column<boolean | null> {
  return call('rlike', [column, pattern]);
}

/** The same as `rlike`. */
export function regexp(column: ColumnOrName, pattern: ColumnOrName): Column<boolean | null> {
  return call('regexp', [column, pattern]);
}

/** The same as `rlike`. Spark counterpart: `regexp_like`. */
export function regexpLike(column: ColumnOrName, pattern: ColumnOrName): Column<boolean | null> {
  return call('regexp_like', [column, pattern]);
}

/** The first match's group, 0 being all of it; empty where there is none. Spark counterpart: `regexp_extract`. */
export function regexpExtract(column: ColumnOrName, pattern: string, group: number): Column<string | null> {
  return call('regexp_extract', [column], [pattern, group]);
}

/** Each match's group, 1 if not given; the pattern is a column. Spark counterpart: `regexp_extract_all`. */
export function regexpExtractAll(column: ColumnOrName, pattern: ColumnOrName, group?: Column | number): Column<string[] | null> {
  return call('regexp_extract_all', [column, pattern], [group]);
}

/** The text with every match replaced; `$1` is a group. Spark counterpart: `regexp_replace`. */
export function regexpReplace(column: ColumnOrName, pattern: Column | string, replacement: Column | string): Column<string | null> {
  return call('regexp_replace', [column], [pattern, replacement]);
}

/** How often the pattern, a column, is found. Spark counterpart: `regexp_count`. */
export function regexpCount(column: ColumnOrName, pattern: ColumnOrName): Column<number | null> {
  return call('regexp_count', [column, pattern]);
}

/** The place of the first match, from 1; 0 where there is none. The pattern is a column. Spark counterpart: `regexp_instr`. */
export function regexpInstr(column: ColumnOrName, pattern: ColumnOrName, group?: Column | number): Column<number | null> {
  return call('regexp_instr', [column, pattern], [group]);
}

/** The first match; null where there is none. The pattern is a column. Spark counterpart: `regexp_substr`. */
export function regexpSubstr(column: ColumnOrName, pattern: ColumnOrName): Column<string | null> {
  return call('regexp_substr', [column, pattern]);
}

/** The text cut at matches of the pattern, into at most `limit` parts where it is positive. */
export function split(column: ColumnOrName, pattern: Column | string, limit?: Column | number): Column<string[] | null> {
  return call('split', [column], [pattern, limit]);
}
