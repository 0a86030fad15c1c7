// The row types of joins and unions.
import type { Simplify } from './value-types.js';

/** Spark's names of join types. */
export type JoinType =
  | 'inner'
  | 'cross'
  | 'outer'
  | 'full'
  | 'fullouter'
  | 'full_outer'
  | 'left'
  | 'leftouter'
  | 'left_outer'
  | 'right'
  | 'rightouter'
  | 'right_outer'
  | 'semi'
  | 'leftsemi'
  | 'left_semi'
  | 'anti'
  | 'leftanti'
  | 'left_anti';

type LeftOnly = 'semi' | 'leftsemi' | 'left_semi' | 'anti' | 'leftanti' | 'left_anti';
type KeepsLeft = 'left' | 'leftouter' | 'left_outer' | Full;
type KeepsRight = 'right' | 'rightouter' | 'right_outer' | Full;
type Full = 'outer' | 'full' | 'fullouter' | 'full_outer';

type OrNull<Row, Wanted> = Wanted extends true ? { [K in keyof Row]: Row[K] | null } : Row;

/** The row type of `left.join(right, condition, how)`: a side whose rows may be missing is nullable. */
export type JoinedRow<Left, Right, How extends JoinType> = How extends LeftOnly
  ? Left
  : Simplify<OrNull<Left, How extends KeepsRight ? true : false> & OrNull<Right, How extends KeepsLeft ? true : false>>;

/** The row type of `left.join(right, names, how)`: the columns that both sides have stand once, in front. */
export type UsingRow<Left, Right, Names extends string, How extends JoinType> = How extends LeftOnly
  ? Left
  : Simplify<Pick<Left, Names & keyof Left> & JoinedRow<Omit<Left, Names>, Omit<Right, Names>, How>>;
