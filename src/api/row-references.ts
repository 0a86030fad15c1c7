// The row that callbacks get: an object whose properties are the columns of those names.
import { columnNode, quoteName } from '../plan/expression.js';
import { Column } from './column.js';
import type { Refs } from './types/row-types.js';

const REFERENCES = new Proxy(Object.freeze({}), {
  get: (_target, name) => (typeof name === 'string' ? new Column(columnNode(quoteName(name))) : undefined),
});

/**
 * The columns of a row by name. Any name gives a column, since names are checked where the DataFrame is made: a misspelt one is
 * UNRESOLVED_COLUMN, which tells what names there are.
 */
export function rowReferences<Row>(): Refs<Row> {
  return REFERENCES as Refs<Row>;
}
