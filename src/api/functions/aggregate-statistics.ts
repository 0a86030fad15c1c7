// Aggregate functions of statistics: spread, shape, correlation, ranks.
import { callNode, sortOrderNode } from '../../plan/expression.js';
import { literalNode } from '../../plan/literal.js';
import { Column, operandNode } from '../column.js';
import type { CallName, ColumnOrName } from '../types/column-types.js';
import type { Double } from '../types/value-types.js';
import { type Average, call, columnNodes, type Given, type Nullable, type Numbers, type Sum } from './call.js';

/** The average of the group's values; the same as `avg`. */
export function mean<const C extends ColumnOrName>(column: C & Numbers<C>): Column<Average<C>> {
  return call('mean', [column]);
}

/** The average; null where it overflows. Spark counterpart: `try_avg`. */
export function tryAvg<const C extends ColumnOrName>(column: C & Numbers<C>): Column<Average<C>> {
  return call('try_avg', [column]);
}

/** The sum; null where it overflows. Spark counterpart: `try_sum`. */
export function trySum<const C extends ColumnOrName>(column: C & Numbers<C>): Column<Sum<C>> {
  return call('try_sum', [column]);
}

/** The product of the group's values. */
export function product<const C extends ColumnOrName>(column: C & Numbers<C>): Column<Double | null, CallName<'product', C>> {
  return call('product', [column]);
}

/** The standard deviation of a sample; the same as `stddevSamp`. Null for less than two values. */
export function stddev<const C extends ColumnOrName>(column: C & Numbers<C>): Column<Double | null, CallName<'stddev', C>> {
  return call('stddev', [column]);
}

/** The standard deviation of a sample; the same as `stddev`. */
export function std<const C extends ColumnOrName>(column: C & Numbers<C>): Column<Double | null> {
  return call('std', [column]);
}

/** The standard deviation of a sample. Spark counterpart: `stddev_samp`. */
export function stddevSamp<const C extends ColumnOrName>(column: C & Numbers<C>): Column<Double | null, CallName<'stddev_samp', C>> {
  return call('stddev_samp', [column]);
}

/** The standard deviation of a population. Spark counterpart: `stddev_pop`. */
export function stddevPop<const C extends ColumnOrName>(column: C & Numbers<C>): Column<Double | null, CallName<'stddev_pop', C>> {
  return call('stddev_pop', [column]);
}

/** The variance of a sample; the same as `varSamp`. */
export function variance<const C extends ColumnOrName>(column: C & Numbers<C>): Column<Double | null> {
  return call('variance', [column]);
}

/** The variance of a sample. Spark counterpart: `var_samp`. */
export function varSamp<const C extends ColumnOrName>(column: C & Numbers<C>): Column<Double | null, CallName<'var_samp', C>> {
  return call('var_samp', [column]);
}

/** The variance of a population. Spark counterpart: `var_pop`. */
export function varPop<const C extends ColumnOrName>(column: C & Numbers<C>): Column<Double | null, CallName<'var_pop', C>> {
  return call('var_pop', [column]);
}

/** How far the values lean to one side. */
export function skewness<const C extends ColumnOrName>(column: C & Numbers<C>): Column<Double | null, CallName<'skewness', C>> {
  return call('skewness', [column]);
}

/** How heavy the tails of the values are, beyond those of a normal distribution. */
export function kurtosis<const C extends ColumnOrName>(column: C & Numbers<C>): Column<Double | null, CallName<'kurtosis', C>> {
  return call('kurtosis', [column]);
}

/** The Pearson correlation of two columns. */
export function corr<const C extends ColumnOrName, const D extends ColumnOrName>(
  left: C & Numbers<C>,
  right: D & Numbers<D>,
): Column<Double | null> {
  return call('corr', [left, right]);
}

/** The covariance of a population. Spark counterpart: `covar_pop`. */
export function covarPop<const C extends ColumnOrName, const D extends ColumnOrName>(
  left: C & Numbers<C>,
  right: D & Numbers<D>,
): Column<Double | null> {
  return call('covar_pop', [left, right]);
}

/** The covariance of a sample. Spark counterpart: `covar_samp`. */
export function covarSamp<const C extends ColumnOrName, const D extends ColumnOrName>(
  left: C & Numbers<C>,
  right: D & Numbers<D>,
): Column<Double | null> {
  return call('covar_samp', [left, right]);
}

/** How many rows of the group have both values. Never null. Spark counterpart: `regr_count`. */
export function regrCount<const C extends ColumnOrName, const D extends ColumnOrName>(
  y: C & Numbers<C>,
  x: D & Numbers<D>,
): Column<bigint> {
  return call('regr_count', [y, x]);
}

/** The average of `x` over the rows that have both values. Spark counterpart: `regr_avgx`. */
export function regrAvgx<const C extends ColumnOrName, const D extends ColumnOrName>(
  y: C & Numbers<C>,
  x: D & Numbers<D>,
): Column<Double | null> {
  return call('regr_avgx', [y, x]);
}

/** The average of `y` over the rows that have both values. Spark counterpart: `regr_avgy`. */
export function regrAvgy<const C extends ColumnOrName, const D extends ColumnOrName>(
  y: C & Numbers<C>,
  x: D & Numbers<D>,
): Column<Double | null> {
  return call('regr_avgy', [y, x]);
}

/** Where the line that fits best crosses x = 0. Spark counterpart: `regr_intercept`. */
export function regrIntercept<const C extends ColumnOrName, const D extends ColumnOrName>(
  y: C & Numbers<C>,
  x: D & Numbers<D>,
): Column<Double | null> {
  return call('regr_intercept', [y, x]);
}

/** The slope of the line that fits best. Spark counterpart: `regr_slope`. */
export function regrSlope<const C extends ColumnOrName, const D extends ColumnOrName>(
  y: C & Numbers<C>,
  x: D & Numbers<D>,
): Column<Double | null> {
  return call('regr_slope', [y, x]);
}

/** How well the line fits: the coefficient of determination. Spark counterpart: `regr_r2`. */
export function regrR2<const C extends ColumnOrName, const D extends ColumnOrName>(
  y: C & Numbers<C>,
  x: D & Numbers<D>,
): Column<Double | null> {
  return call('regr_r2', [y, x]);
}

/** The sum of squared distances of `x` from its average. Spark counterpart: `regr_sxx`. */
export function regrSxx<const C extends ColumnOrName, const D extends ColumnOrName>(
  y: C & Numbers<C>,
  x: D & Numbers<D>,
): Column<Double | null> {
  return call('regr_sxx', [y, x]);
}

/** The sum of products of both distances from the averages. Spark counterpart: `regr_sxy`. */
export function regrSxy<const C extends ColumnOrName, const D extends ColumnOrName>(
  y: C & Numbers<C>,
  x: D & Numbers<D>,
): Column<Double | null> {
  return call('regr_sxy', [y, x]);
}

/** The sum of squared distances of `y` from its average. Spark counterpart: `regr_syy`. */
export function regrSyy<const C extends ColumnOrName, const D extends ColumnOrName>(
  y: C & Numbers<C>,
  x: D & Numbers<D>,
): Column<Double | null> {
  return call('regr_syy', [y, x]);
}

/** The middle value, between the two middle ones where they are two. */
export function median<const C extends ColumnOrName>(column: C & Numbers<C>): Column<Double | null, CallName<'median', C>> {
  return call('median', [column]);
}

/**
 * The exact percentile in the column's order, between two values where none stands there; SQL's `percentile_cont(0.5) WITHIN GROUP (ORDER BY x)`.
 * Spark counterpart: `percentile_cont`.
 */
export function percentileCont<const C extends ColumnOrName, const P extends Percentage>(
  percentage: P,
  column: C & Numbers<C>,
): Column<PerPercentage<P, Double>> {
  return withinGroup('percentile_cont', 'percentileCont', percentage, column);
}

/** As `percentileCont`, but always a value that is there: the first at or behind the percentile. Spark counterpart: `percentile_disc`. */
export function percentileDisc<const C extends ColumnOrName, const P extends Percentage>(
  percentage: P,
  column: C & Numbers<C>,
): Column<PerPercentage<P, Double>> {
  return withinGroup('percentile_disc', 'percentileDisc', percentage, column);
}

/** What percentiles are asked for: one number or several, each from 0 to 1, or a constant column of them. */
export type Percentage = number | readonly number[] | Column;

type PerPercentage<P, V> = P extends number ? V | null : P extends readonly number[] ? Exclude<V, null>[] | null : unknown;

/** The exact percentile, between two values where none stands there; `frequency` says how often each row counts. */
export function percentile<const C extends ColumnOrName, const P extends Percentage>(
  column: C & Numbers<C>,
  percentage: P,
  frequency: Column | number = 1,
): Column<PerPercentage<P, Double>> {
  return call('percentile', [column], [percentageColumn(percentage), frequency]);
}

/**
 * A value of the group that is about the percentile; `accuracy` is how fine the summary is, its relative error being 1 / accuracy.
 * Spark counterpart: `percentile_approx`.
 */
export function percentileApprox<const C extends ColumnOrName, const P extends Percentage>(
  column: C,
  percentage: P,
  accuracy: Column | number = 10_000,
): Column<P extends number ? Nullable<C> : PerPercentage<P, Given<C>>> {
  return call('percentile_approx', [column], [percentageColumn(percentage), accuracy]);
}

/** The same as `percentileApprox`. Spark counterpart: `approx_percentile`. */
export function approxPercentile<const C extends ColumnOrName, const P extends Percentage>(
  column: C,
  percentage: P,
  accuracy: Column | number = 10_000,
): Column<P extends number ? Nullable<C> : PerPercentage<P, Given<C>>> {
  return call('approx_percentile', [column], [percentageColumn(percentage), accuracy]);
}

/** A function of the group in the order of a column: that of `asc()`, unless the column says another. */
function withinGroup<V>(name: string, functionName: string, percentage: Percentage, column: ColumnOrName): Column<V> {
  const [node] = columnNodes(functionName, [column]);
  const order = node?.expr === 'sortOrder' || node === undefined ? node : sortOrderNode(node, false, true);
  return new Column(callNode(name, [operandNode(percentageColumn(percentage)), ...(order === undefined ? [] : [order])]));
}

function percentageColumn(percentage: Percentage): Column | number {
  if (typeof percentage === 'number' || percentage instanceof Column) return percentage;
  return new Column(
    callNode(
      'array',
      percentage.map((each) => literalNode(each)),
    ),
  );
}
