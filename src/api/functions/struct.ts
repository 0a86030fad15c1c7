// Functions that make structs. Their fields' types are known at run time only.
import type { Column } from '../column.js';
import type { ColumnOrName } from '../types/column-types.js';
import { call } from './call.js';

/** A struct of the columns, whose names its fields have. */
export function struct(...columns: readonly ColumnOrName[]): Column<unknown> {
  return call('struct', columns);
}

/** A struct of names and values that take turns; names are constants, `lit('id')`. Spark counterpart: `named_struct`. */
export function namedStruct(...columns: readonly ColumnOrName[]): Column<unknown> {
  return call('named_struct', columns);
}
