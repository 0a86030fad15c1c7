// Functions that name columns, make constants, choose between values.
import { callNode, nameNode, sqlExpressionNode } from '../../plan/expression.js';
import { type LiteralValue, literalNode } from '../../plan/literal.js';
import { requireText } from '../argument.js';
import { branchNode, Column, columnArgument, columnOrNameNode, WhenColumn } from '../column.js';
import type { ColumnOrName, LiteralType, Operand, Reference, RequireBoolean, ValueOf } from '../types/column-types.js';
import type { NameOfPath } from '../types/row-types.js';
import type { Coalesced } from './call.js';

/**
 * The column `name`. Dots reach into structs (`'trade.id'`), backticks quote a name that has dots, and `'*'` and `'trade.*'` stand for all
 * columns and for all fields of a struct.
 */
export function col<const Path extends string>(name: Path): Column<Reference<Path>, NameOfPath<Path>> {
  return new Column(nameNode(requireText('col', 'the name', name)));
}

/**
 * A constant column. Whole numbers are INT where they fit, else BIGINT; other numbers DOUBLE; bigint is BIGINT, Date TIMESTAMP,
 * Uint8Array BINARY, null VOID. A Column is returned as it is. Throws ARGUMENT_INVALID for values of other kinds.
 */
export function lit<const V extends LiteralValue>(
  value: V,
): Column<LiteralType<V>, V extends string | number | bigint | boolean ? `${V}` : string>;
export function lit<C extends Column>(column: C): C;
export function lit(value: Operand): Column {
  return value instanceof Column ? value : new Column(literalNode(value as LiteralValue));
}

/**
 * A column given as Spark SQL text: `expr('amount * 2')`, `expr("transform(list, x -> x + 1)")`. Its type is known at run time only.
 * Throws PARSE_SYNTAX_ERROR where a DataFrame is made of it.
 */
export function expr(text: string): Column {
  return new Column(sqlExpressionNode(requireText('expr', 'the expression', text)));
}

/**
 * `CASE WHEN condition THEN value`; go on with `.when(...)` and `.otherwise(...)`. Text given as a value is a constant, as in Spark.
 *
 * ```ts
 * when(col('type').eq('sell'), col('amount').mul(-1)).otherwise(col('amount'))
 * ```
 */
export function when<V, const O extends Operand>(condition: Column<V> & RequireBoolean<V>, value: O): WhenColumn<ValueOf<O>> {
  return new WhenColumn([branchNode(condition, value)]);
}

/** `not condition`; null stays null. Spark counterpart: `!` (PySpark `~`). */
export function not<V>(condition: Column<V> & RequireBoolean<V>): Column<boolean | null> {
  return new Column(callNode('not', [columnArgument('not', 'the condition', condition).expression]));
}

/** The type of the value as DDL text, such as `int`. Spark counterpart: `typeof`, which is a word of JavaScript's. */
export function typeOf(column: ColumnOrName): Column<string> {
  return new Column(callNode('typeof', [columnOrNameNode('typeOf', column)]));
}

/** The first value that is not null, of columns or names of columns. */
export function coalesce<const C extends readonly [ColumnOrName, ...ColumnOrName[]]>(...columns: C): Column<Coalesced<C>> {
  return new Column(
    callNode(
      'coalesce',
      columns.map((column) => columnOrNameNode('coalesce', column)),
    ),
  );
}
