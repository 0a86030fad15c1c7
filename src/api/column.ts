// Column: an expression that names what to compute, never what a value is. Spark counterpart: `org.apache.spark.sql.Column`.
import { aliasNode, callNode, caseWhenNode, castNode, multiAliasNode, nameNode, overNode, sortOrderNode } from '../plan/expression.js';
import { type LiteralValue, literalNode } from '../plan/literal.js';
import type { Branch, Expression } from '../plan/nodes.generated.js';
import { describe, invalidArgument, requireText } from './argument.js';
import { WindowSpec } from './row-window.js';
import type {
  Arithmetic,
  ColumnOrName,
  ComparableWith,
  FieldName,
  FieldOf,
  ItemKey,
  ItemOf,
  Operand,
  Quotient,
  RequireBoolean,
  Unify,
  ValueOf,
} from './types/column-types.js';
import type { TypeOf } from './types/ddl-types.js';

declare const valueType: unique symbol;
declare const columnName: unique symbol;
declare const branchType: unique symbol;

/** The type of a column's values. */
export type ColumnValue<C extends Column> = C[typeof valueType];

/** The name of a column in a result. */
export type ColumnLabel<C extends Column> = C[typeof columnName];

/**
 * An expression over the columns of a DataFrame. Columns are immutable; methods make new ones. Names and types are checked when a
 * DataFrame is made of them, by the same rules as in Spark.
 *
 * `T` is the type of its values in TypeScript, null included where it may be null; `N` is the name it will have in a result.
 *
 * ```ts
 * col('amount').mul(-1).alias('sold')
 * ```
 */
export class Column<out T = unknown, out N extends string = string> {
  // Methods take their column as `this: C` and ask it for its types instead of using T and N: so all columns share one type of each
  // method, which keeps Column<T> assignable to Column<T | null> and the type checker's work small.

  /** The type of the column's values; there is nothing here at run time. */
  declare readonly [valueType]: T;
  /** The name of the column in a result; there is nothing here at run time. */
  declare readonly [columnName]: N;
  /** The node that this column is in a plan. */
  readonly expression: Expression;

  /** Users call `col`, `lit` and functions; this constructor wraps a plan node. */
  constructor(expression: Expression) {
    this.expression = expression;
  }

  /** `this = other`. Null where either side is null. Spark counterpart: `===`. */
  eq<C extends Column>(this: C, other: Column | ComparableWith<ColumnValue<C>>): Column<boolean | null> {
    return this.#binary('=', other);
  }

  /** `not (this = other)`. Null where either side is null. Spark counterpart: `=!=`. */
  neq<C extends Column>(this: C, other: Column | ComparableWith<ColumnValue<C>>): Column<boolean | null> {
    return new Column(callNode('not', [callNode('=', [this.expression, operandNode(other)])]));
  }

  /** `this <=> other`: nulls are equal to each other, and the answer is never null. */
  eqNullSafe<C extends Column>(this: C, other: Column | ComparableWith<ColumnValue<C>>): Column<boolean> {
    return this.#binary('<=>', other);
  }

  /** `this < other`. */
  lt<C extends Column>(this: C, other: Column | ComparableWith<ColumnValue<C>>): Column<boolean | null> {
    return this.#binary('<', other);
  }

  /** `this <= other`. */
  leq<C extends Column>(this: C, other: Column | ComparableWith<ColumnValue<C>>): Column<boolean | null> {
    return this.#binary('<=', other);
  }

  /** `this > other`. */
  gt<C extends Column>(this: C, other: Column | ComparableWith<ColumnValue<C>>): Column<boolean | null> {
    return this.#binary('>', other);
  }

  /** `this >= other`. */
  geq<C extends Column>(this: C, other: Column | ComparableWith<ColumnValue<C>>): Column<boolean | null> {
    return this.#binary('>=', other);
  }

  /** `lower <= this and this <= upper`: both bounds are in. */
  between<C extends Column>(
    this: C,
    lower: Column | ComparableWith<ColumnValue<C>>,
    upper: Column | ComparableWith<ColumnValue<C>>,
  ): Column<boolean | null> {
    const above = callNode('>=', [this.expression, operandNode(lower)]);
    const below = callNode('<=', [this.expression, operandNode(upper)]);
    return new Column(callNode('and', [above, below]));
  }

  /** Whether the value is one of `values`, given one by one or as one array. Null where it is not, but one of them is null. */
  isin<C extends Column>(
    this: C,
    ...values: readonly (Column | ComparableWith<ColumnValue<C>>)[] | readonly [readonly (Column | ComparableWith<ColumnValue<C>>)[]]
  ): Column<boolean | null> {
    const list = (values.length === 1 && Array.isArray(values[0]) ? values[0] : values) as readonly Operand[];
    return new Column(callNode('in', [this.expression, ...list.map(operandNode)]));
  }

  /** `this + other`. Overflow is ARITHMETIC_OVERFLOW in ANSI mode. Spark counterpart: `+`. */
  add<C extends Column, const O extends Operand>(this: C, other: O): Column<Arithmetic<ColumnValue<C>, ValueOf<O>>> {
    return this.#binary('+', other);
  }

  /** `this - other`. Spark counterpart: `-`. */
  sub<C extends Column, const O extends Operand>(this: C, other: O): Column<Arithmetic<ColumnValue<C>, ValueOf<O>>> {
    return this.#binary('-', other);
  }

  /** `this * other`. Spark counterpart: `*`. */
  mul<C extends Column, const O extends Operand>(this: C, other: O): Column<Arithmetic<ColumnValue<C>, ValueOf<O>>> {
    return this.#binary('*', other);
  }

  /** `this / other`: DOUBLE even for whole numbers, DECIMAL for decimals. A zero divisor is DIVIDE_BY_ZERO in ANSI mode, else null. */
  div<C extends Column, const O extends Operand>(this: C, other: O): Column<Quotient<ColumnValue<C>, ValueOf<O>>> {
    return this.#binary('/', other);
  }

  /** `this % other`, with the sign of `this`. A zero divisor is an error in ANSI mode, else null. */
  mod<C extends Column, const O extends Operand>(this: C, other: O): Column<Arithmetic<ColumnValue<C>, ValueOf<O>> | null> {
    return this.#binary('%', other);
  }

  /** `this & other`: the bits that both whole numbers have. Spark counterpart: `bitwiseAND`. */
  bitwiseAND<C extends Column, const O extends Operand>(this: C, other: O): Column<Arithmetic<ColumnValue<C>, ValueOf<O>>> {
    return this.#binary('&', other);
  }

  /** `this | other`: the bits that either whole number has. Spark counterpart: `bitwiseOR`. */
  bitwiseOR<C extends Column, const O extends Operand>(this: C, other: O): Column<Arithmetic<ColumnValue<C>, ValueOf<O>>> {
    return this.#binary('|', other);
  }

  /** `this ^ other`: the bits in which the whole numbers differ. Spark counterpart: `bitwiseXOR`. */
  bitwiseXOR<C extends Column, const O extends Operand>(this: C, other: O): Column<Arithmetic<ColumnValue<C>, ValueOf<O>>> {
    return this.#binary('^', other);
  }

  /** `-this`. Spark counterpart: unary `-`. */
  negate<C extends Column>(this: C): Column<ColumnValue<C>> {
    return new Column(callNode('negative', [this.expression]));
  }

  /** `this and other`, with SQL's three-valued logic. Spark counterpart: `&&` (PySpark `&`). */
  and<V>(other: Column<V> & RequireBoolean<V>): Column<boolean | null> {
    return this.#binary('and', other);
  }

  /** `this or other`, with SQL's three-valued logic. Spark counterpart: `||` (PySpark `|`). */
  or<V>(other: Column<V> & RequireBoolean<V>): Column<boolean | null> {
    return this.#binary('or', other);
  }

  /** Whether the value is null. */
  isNull(): Column<boolean> {
    return new Column(callNode('isnull', [this.expression]));
  }

  /** Whether the value is not null. */
  isNotNull(): Column<boolean> {
    return new Column(callNode('isnotnull', [this.expression]));
  }

  /**
   * The value as another type, given as DDL text such as `'int'` or `'decimal(10,2)'`. A value that cannot be cast is
   * CAST_INVALID_INPUT in ANSI mode, else null. The column keeps its name.
   */
  cast<C extends Column, const S extends string>(this: C, dataType: S): Column<TypeOf<S>, ColumnLabel<C>> {
    return new Column(castNode(this.expression, requireText('cast', 'the type', dataType), false));
  }

  /** As `cast`, but a value that cannot be cast is null. Spark counterpart: `try_cast`. */
  tryCast<C extends Column, const S extends string>(this: C, dataType: S): Column<TypeOf<S>, ColumnLabel<C>> {
    return new Column(castNode(this.expression, requireText('tryCast', 'the type', dataType), true));
  }

  /** The same column under another name; a generator that makes several columns takes as many names. */
  alias<C extends Column, const M extends string>(this: C, name: M): Column<ColumnValue<C>, M>;
  alias<const M extends readonly [string, string, ...string[]]>(...names: M): Column<unknown, M[number]>;
  alias(...names: readonly string[]): Column<never, never> {
    const [name, ...more] = names.map((each) => requireText('alias', 'the name', each));
    if (more.length > 0) return new Column(multiAliasNode(this.expression, names));
    return new Column(aliasNode(this.expression, requireText('alias', 'the name', name)));
  }

  /** The same as `alias`. */
  as<C extends Column, const M extends string>(this: C, name: M): Column<ColumnValue<C>, M>;
  as<const M extends readonly [string, string, ...string[]]>(...names: M): Column<unknown, M[number]>;
  as(...names: readonly [string]): Column<never, never> {
    return this.alias(...names) as Column<never, never>;
  }

  /** The field `name` of a struct. Null where the struct is null; FIELD_NOT_FOUND where it has no such field. */
  getField<C extends Column, const F extends FieldName<ColumnValue<C>>>(
    this: C,
    name: F,
  ): Column<FieldOf<ColumnValue<C>, F>, `${ColumnLabel<C>}.${F}`> {
    return new Column(callNode('getfield', [this.expression, literalNode(requireText('getField', 'the name', name))]));
  }

  /**
   * The part `key`: a field of a struct, the element of an array at an index from 0, or what a map has under a key. Null where there is none;
   * but an index that the array does not have is INVALID_ARRAY_INDEX in ANSI mode.
   */
  getItem<C extends Column>(this: C, key: ItemKey<ColumnValue<C>>): Column<ItemOf<ColumnValue<C>>>;
  getItem<C extends Column, const F extends FieldName<ColumnValue<C>>>(
    this: C,
    key: F,
  ): Column<FieldOf<ColumnValue<C>, F>, `${ColumnLabel<C>}.${F}`>;
  getItem(key: Operand): Column<never, never> {
    // Only text may name a field; a map's keys are text as often as not.
    return new Column(callNode(typeof key === 'string' ? 'getfield' : 'getitem', [this.expression, operandNode(key)]));
  }

  /** To sort by: small values first, nulls before all. The same as `ascNullsFirst`. */
  asc<C extends Column>(this: C): Column<ColumnValue<C>, ColumnLabel<C>> {
    return this.#order(false, true);
  }

  /** To sort by: nulls before all, then small values first. */
  ascNullsFirst<C extends Column>(this: C): Column<ColumnValue<C>, ColumnLabel<C>> {
    return this.#order(false, true);
  }

  /** To sort by: small values first, nulls behind all. */
  ascNullsLast<C extends Column>(this: C): Column<ColumnValue<C>, ColumnLabel<C>> {
    return this.#order(false, false);
  }

  /** To sort by: large values first, nulls behind all. The same as `descNullsLast`. */
  desc<C extends Column>(this: C): Column<ColumnValue<C>, ColumnLabel<C>> {
    return this.#order(true, false);
  }

  /** To sort by: nulls before all, then large values first. */
  descNullsFirst<C extends Column>(this: C): Column<ColumnValue<C>, ColumnLabel<C>> {
    return this.#order(true, true);
  }

  /** To sort by: large values first, nulls behind all. */
  descNullsLast<C extends Column>(this: C): Column<ColumnValue<C>, ColumnLabel<C>> {
    return this.#order(true, false);
  }

  /**
   * The function over a window of rows, computed for each row: `sum('amount').over(Window.partitionBy('id'))`. Batch queries only: a stream is
   * NON_TIME_WINDOW_NOT_SUPPORTED_IN_STREAMING.
   */
  over<C extends Column>(this: C, window: WindowSpec): Column<ColumnValue<C>> {
    if (!(window instanceof WindowSpec))
      throw invalidArgument('over', `expected a window such as Window.partitionBy('id'), got ${describe(window)}`);
    return new Column(overNode({ ...window.parts, function: this.expression }));
  }

  #order<V, M extends string>(descending: boolean, nullsFirst: boolean): Column<V, M> {
    return new Column(sortOrderNode(this.expression, descending, nullsFirst));
  }

  #binary<V>(operator: string, other: Operand): Column<V> {
    return new Column(callNode(operator, [this.expression, operandNode(other)]));
  }
}

/**
 * `CASE WHEN` under construction: what `when` returns. Rows that no condition takes are null, until `otherwise` says something else.
 * Spark counterpart: the Column that `functions.when` returns.
 */
export class WhenColumn<out T = unknown> extends Column<T | null> {
  /** The type of the branches' values; there is nothing here at run time. */
  declare readonly [branchType]: T;
  readonly #branches: readonly Branch[];

  /** Users call `when`. */
  constructor(branches: readonly Branch[]) {
    super(caseWhenNode(branches));
    this.#branches = branches;
  }

  /** Another condition, looked at where those before were false or null. */
  when<W extends WhenColumn, V, const O extends Operand>(
    this: W,
    condition: Column<V> & RequireBoolean<V>,
    value: O,
  ): WhenColumn<Unify<W[typeof branchType] | ValueOf<O>>> {
    return new WhenColumn([...this.#branches, branchNode(condition, value)]);
  }

  /** The value where no condition holds. */
  otherwise<W extends WhenColumn, const O extends Operand>(this: W, value: O): Column<Unify<W[typeof branchType] | ValueOf<O>>> {
    return new Column(caseWhenNode(this.#branches, operandNode(value)));
  }
}

/** A branch of CASE WHEN. Throws ARGUMENT_INVALID where the condition is no column. */
export function branchNode(condition: Column, value: Operand): Branch {
  return { when: columnArgument('when', 'the condition', condition).expression, then: operandNode(value) };
}

/** The node of an operand: a column's own, or a literal. */
export function operandNode(operand: Operand): Expression {
  return operand instanceof Column ? operand.expression : literalNode(operand as LiteralValue);
}

/** The node of a column or of a column's name. Throws ARGUMENT_INVALID for anything else. */
export function columnOrNameNode(functionName: string, argument: ColumnOrName): Expression {
  if (argument instanceof Column) return argument.expression;
  if (typeof argument === 'string') return nameNode(argument);
  throw invalidArgument(functionName, `expected a column or a column's name, got ${describe(argument)}; constants go into lit(...)`);
}

/** Checks, for callers from JavaScript, that an argument is a column. */
export function columnArgument(functionName: string, what: string, argument: unknown): Column {
  if (argument instanceof Column) return argument;
  throw invalidArgument(functionName, `${what} must be a Column, got ${describe(argument)}`);
}
