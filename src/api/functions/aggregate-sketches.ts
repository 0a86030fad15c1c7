// Aggregate functions that sum a group up in little room: histograms and sketches.
import type { Column } from '../column.js';
import type { ColumnOrName } from '../types/column-types.js';
import type { Double } from '../types/value-types.js';
import { call, type Given } from './call.js';

/** A bin of a histogram: `y` values about `x`. */
export interface HistogramBin<X> {
  readonly x: X;
  readonly y: Double;
}

/** A histogram of at most `bins` bins, whose widths follow the values. Spark counterpart: `histogram_numeric`. */
export function histogramNumeric<const C extends ColumnOrName>(
  column: C,
  bins: Column | number,
): Column<HistogramBin<Exclude<Given<C>, null>>[] | null> {
  return call('histogram_numeric', [column], [bins]);
}

/**
 * A count-min sketch of the values, as Spark serializes it: how often a value came, too often by at most `eps` of all rows, with probability
 * `confidence`. The same `seed` makes the same sketch. Spark counterpart: `count_min_sketch`.
 */
export function countMinSketch(
  column: ColumnOrName,
  eps: Column | number,
  confidence: Column | number,
  seed: Column | number,
): Column<Uint8Array> {
  return call('count_min_sketch', [column], [eps, confidence, seed]);
}
