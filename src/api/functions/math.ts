// Functions of numbers.
import { callNode } from '../../plan/expression.js';
import { Column, operandNode } from '../column.js';
import type { Arithmetic, CallName, ColumnOrName, Quotient, ValueOfColumn } from '../types/column-types.js';
import type { Decimal, Double } from '../types/value-types.js';
import { call, columnNodes, type Given, type Numbers, type WholeOf } from './call.js';

/** The square root. */
export function sqrt<const C extends ColumnOrName>(column: C & Numbers<C>): Column<Double | null> {
  return call('sqrt', [column]);
}

/** The cube root. */
export function cbrt<const C extends ColumnOrName>(column: C & Numbers<C>): Column<Double | null> {
  return call('cbrt', [column]);
}

/** e to the power of the value. */
export function exp<const C extends ColumnOrName>(column: C & Numbers<C>): Column<Double | null> {
  return call('exp', [column]);
}

/** e to the power of the value, less one. */
export function expm1<const C extends ColumnOrName>(column: C & Numbers<C>): Column<Double | null> {
  return call('expm1', [column]);
}

/** The natural logarithm. */
export function ln<const C extends ColumnOrName>(column: C & Numbers<C>): Column<Double | null> {
  return call('ln', [column]);
}

/** The logarithm to base 10. */
export function log10<const C extends ColumnOrName>(column: C & Numbers<C>): Column<Double | null> {
  return call('log10', [column]);
}

/** The logarithm to base 2. */
export function log2<const C extends ColumnOrName>(column: C & Numbers<C>): Column<Double | null> {
  return call('log2', [column]);
}

/** The natural logarithm of the value plus one. */
export function log1p<const C extends ColumnOrName>(column: C & Numbers<C>): Column<Double | null> {
  return call('log1p', [column]);
}

/** The sine. */
export function sin<const C extends ColumnOrName>(column: C & Numbers<C>): Column<Double | null> {
  return call('sin', [column]);
}

/** The cosine. */
export function cos<const C extends ColumnOrName>(column: C & Numbers<C>): Column<Double | null> {
  return call('cos', [column]);
}

/** The tangent. */
export function tan<const C extends ColumnOrName>(column: C & Numbers<C>): Column<Double | null> {
  return call('tan', [column]);
}

/** The cotangent. */
export function cot<const C extends ColumnOrName>(column: C & Numbers<C>): Column<Double | null> {
  return call('cot', [column]);
}

/** The secant. */
export function sec<const C extends ColumnOrName>(column: C & Numbers<C>): Column<Double | null> {
  return call('sec', [column]);
}

/** The cosecant. */
export function csc<const C extends ColumnOrName>(column: C & Numbers<C>): Column<Double | null> {
  return call('csc', [column]);
}

/** The inverse sine. */
export function asin<const C extends ColumnOrName>(column: C & Numbers<C>): Column<Double | null> {
  return call('asin', [column]);
}

/** The inverse cosine. */
export function acos<const C extends ColumnOrName>(column: C & Numbers<C>): Column<Double | null> {
  return call('acos', [column]);
}

/** The inverse tangent. */
export function atan<const C extends ColumnOrName>(column: C & Numbers<C>): Column<Double | null> {
  return call('atan', [column]);
}

/** The hyperbolic sine. */
export function sinh<const C extends ColumnOrName>(column: C & Numbers<C>): Column<Double | null> {
  return call('sinh', [column]);
}

/** The hyperbolic cosine. */
export function cosh<const C extends ColumnOrName>(column: C & Numbers<C>): Column<Double | null> {
  return call('cosh', [column]);
}

/** The hyperbolic tangent. */
export function tanh<const C extends ColumnOrName>(column: C & Numbers<C>): Column<Double | null> {
  return call('tanh', [column]);
}

/** The inverse hyperbolic sine. */
export function asinh<const C extends ColumnOrName>(column: C & Numbers<C>): Column<Double | null> {
  return call('asinh', [column]);
}

/** The inverse hyperbolic cosine. */
export function acosh<const C extends ColumnOrName>(column: C & Numbers<C>): Column<Double | null> {
  return call('acosh', [column]);
}

/** The inverse hyperbolic tangent. */
export function atanh<const C extends ColumnOrName>(column: C & Numbers<C>): Column<Double | null> {
  return call('atanh', [column]);
}

/** Radians as degrees. */
export function degrees<const C extends ColumnOrName>(column: C & Numbers<C>): Column<Double | null> {
  return call('degrees', [column]);
}

/** Degrees as radians. */
export function radians<const C extends ColumnOrName>(column: C & Numbers<C>): Column<Double | null> {
  return call('radians', [column]);
}

/** The nearest whole number, as a DOUBLE. */
export function rint<const C extends ColumnOrName>(column: C & Numbers<C>): Column<Double | null> {
  return call('rint', [column]);
}

/** -1, 0 or 1, as the value is negative, zero or positive. */
export function sign<const C extends ColumnOrName>(column: C & Numbers<C>): Column<Double | null> {
  return call('sign', [column]);
}

/** The same as `sign`. */
export function signum<const C extends ColumnOrName>(column: C & Numbers<C>): Column<Double | null> {
  return call('signum', [column]);
}

/** `base` to the power of `exponent`. */
export function pow(base: ColumnOrName, exponent: ColumnOrName): Column<Double | null> {
  return call('pow', [base, exponent]);
}

/** The same as `pow`. */
export function power(base: ColumnOrName, exponent: ColumnOrName): Column<Double | null> {
  return call('power', [base, exponent]);
}

/** The angle of the point (x, y). */
export function atan2(y: ColumnOrName, x: ColumnOrName): Column<Double | null> {
  return call('atan2', [y, x]);
}

/** The length of the hypotenuse over both sides. */
export function hypot(left: ColumnOrName, right: ColumnOrName): Column<Double | null> {
  return call('hypot', [left, right]);
}

/** Euler's number. */
export function e(): Column<Double> {
  return new Column(callNode('e', []));
}

/** The number pi. */
export function pi(): Column<Double> {
  return new Column(callNode('pi', []));
}

/** Whether the value is NaN; false for null. */
export function isnan(column: ColumnOrName): Column<boolean> {
  return call('isnan', [column]);
}

/** The first value where it is not NaN, else the second. */
export function nanvl(column: ColumnOrName, other: ColumnOrName): Column<Double | null> {
  return call('nanvl', [column, other]);
}

/** The factorial; null for numbers below 0 and above 20. */
export function factorial(column: ColumnOrName): Column<bigint | null> {
  return call('factorial', [column]);
}

/** A whole number, text or bytes in hexadecimal digits. */
export function hex(column: ColumnOrName): Column<string | null> {
  return call('hex', [column]);
}

/** A whole number in binary digits. */
export function bin(column: ColumnOrName): Column<string | null> {
  return call('bin', [column]);
}

/** The number of the bucket that the value falls into, of equal ones between two bounds. Spark counterpart: `width_bucket`. */
export function widthBucket(value: ColumnOrName, least: ColumnOrName, most: ColumnOrName, buckets: Column | number): Column<bigint | null> {
  return call('width_bucket', [value, least, most], [buckets]);
}

/** Rounded to `scale` places, 0 if not given, halves away from zero. */
export function round<const C extends ColumnOrName>(column: C & Numbers<C>, scale?: number): Column<ValueOfColumn<C>> {
  return call('round', [column], [scale]);
}

/** Rounded to `scale` places, 0 if not given, halves to the even digit. */
export function bround<const C extends ColumnOrName>(column: C & Numbers<C>, scale?: number): Column<ValueOfColumn<C>> {
  return call('bround', [column], [scale]);
}

/** The value with the other sign. */
export function negative<const C extends ColumnOrName>(column: C & Numbers<C>): Column<ValueOfColumn<C>> {
  return call('negative', [column]);
}

/** The value as it is. */
export function positive<const C extends ColumnOrName>(column: C & Numbers<C>): Column<ValueOfColumn<C>> {
  return call('positive', [column]);
}

/** The remainder that is not negative. */
export function pmod<const C extends ColumnOrName, const D extends ColumnOrName>(
  dividend: C,
  divisor: D,
): Column<Arithmetic<Given<C>, Given<D>> | null> {
  return call('pmod', [dividend, divisor]);
}

/** The sum; null where it overflows. Spark counterpart: `try_add`. */
export function tryAdd<const C extends ColumnOrName, const D extends ColumnOrName>(
  left: C,
  right: D,
): Column<Arithmetic<Given<C>, Given<D>> | null> {
  return call('try_add', [left, right]);
}

/** The difference; null where it overflows. Spark counterpart: `try_subtract`. */
export function trySubtract<const C extends ColumnOrName, const D extends ColumnOrName>(
  left: C,
  right: D,
): Column<Arithmetic<Given<C>, Given<D>> | null> {
  return call('try_subtract', [left, right]);
}

/** The product; null where it overflows. Spark counterpart: `try_multiply`. */
export function tryMultiply<const C extends ColumnOrName, const D extends ColumnOrName>(
  left: C,
  right: D,
): Column<Arithmetic<Given<C>, Given<D>> | null> {
  return call('try_multiply', [left, right]);
}

/** The remainder; null where the divisor is 0. Spark counterpart: `try_mod`. */
export function tryMod<const C extends ColumnOrName, const D extends ColumnOrName>(
  left: C,
  right: D,
): Column<Arithmetic<Given<C>, Given<D>> | null> {
  return call('try_mod', [left, right]);
}

/** The quotient; null where the divisor is 0. Spark counterpart: `try_divide`. */
export function tryDivide<const C extends ColumnOrName, const D extends ColumnOrName>(
  left: C,
  right: D,
): Column<Quotient<Given<C>, Given<D>> | null> {
  return call('try_divide', [left, right]);
}

/** All bits turned. Spark counterpart: `bitwise_not`. */
export function bitwiseNot<const C extends ColumnOrName>(column: C): Column<ValueOfColumn<C>> {
  return call('bitwise_not', [column]);
}

/** The bits moved to the left. */
export function shiftleft<const C extends ColumnOrName>(column: C, bits: number): Column<ValueOfColumn<C>> {
  return call('shiftleft', [column], [bits]);
}

/** The bits moved to the right; the sign stays. */
export function shiftright<const C extends ColumnOrName>(column: C, bits: number): Column<ValueOfColumn<C>> {
  return call('shiftright', [column], [bits]);
}

/** The bits moved to the right; zeros come in. */
export function shiftrightunsigned<const C extends ColumnOrName>(column: C, bits: number): Column<ValueOfColumn<C>> {
  return call('shiftrightunsigned', [column], [bits]);
}

/** How many bits are set. Spark counterpart: `bit_count`. */
export function bitCount(column: ColumnOrName): Column<number | null> {
  return call('bit_count', [column]);
}

/** The bit at a position, from 0 at the right. Spark counterpart: `bit_get`. */
export function bitGet(column: ColumnOrName, position: ColumnOrName): Column<number | null> {
  return call('bit_get', [column, position]);
}

/** The same as `bitGet`. */
export function getbit(column: ColumnOrName, position: ColumnOrName): Column<number | null> {
  return call('getbit', [column, position]);
}

/** The absolute value, of the same type. The smallest INT or BIGINT has none: ARITHMETIC_OVERFLOW in ANSI mode. */
export function abs<const C extends ColumnOrName>(column: C & Numbers<C>): Column<ValueOfColumn<C>, CallName<'abs', C>> {
  return call('abs', [column]);
}

/** The natural logarithm, or the logarithm to a base that is given before the column. Null for values that have none. */
export function log(column: ColumnOrName): Column<Double | null>;
export function log(base: number, column: ColumnOrName): Column<Double | null>;
export function log(first: ColumnOrName | number, column?: ColumnOrName): Column<Double | null> {
  const value = columnNodes('log', [column ?? (first as ColumnOrName)]);
  return new Column(callNode('log', column === undefined ? value : [operandNode(first as number), ...value]));
}

/** The smallest whole number that is not below the value: BIGINT, or DECIMAL for decimals. With `scale` it is DECIMAL of so many places. */
export function ceil<const C extends ColumnOrName>(column: C & Numbers<C>): Column<WholeOf<C>>;
export function ceil(column: ColumnOrName, scale: Column | number): Column<Decimal | null>;
export function ceil(column: ColumnOrName, scale?: Column | number): Column<unknown> {
  return call('ceil', [column], [scale]);
}

/** The same as `ceil`. */
export function ceiling<const C extends ColumnOrName>(column: C & Numbers<C>): Column<WholeOf<C>>;
export function ceiling(column: ColumnOrName, scale: Column | number): Column<Decimal | null>;
export function ceiling(column: ColumnOrName, scale?: Column | number): Column<unknown> {
  return call('ceiling', [column], [scale]);
}

/** The largest whole number that is not above the value: BIGINT, or DECIMAL for decimals. With `scale` it is DECIMAL of so many places. */
export function floor<const C extends ColumnOrName>(column: C & Numbers<C>): Column<WholeOf<C>>;
export function floor(column: ColumnOrName, scale: Column | number): Column<Decimal | null>;
export function floor(column: ColumnOrName, scale?: Column | number): Column<unknown> {
  return call('floor', [column], [scale]);
}
