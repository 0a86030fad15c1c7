// Numbers of rows: what limit(), offset() and their kin take.
import { MillraceError } from '../error/millrace-error.js';
import { invalidArgument } from './argument.js';

/** Numbers of rows that `limit` and `show` can name. */
export const ROWS_MAX = 2_147_483_647;

/** The number of rows that limit() and offset() take. Throws INVALID_LIMIT_LIKE_EXPRESSION.IS_NEGATIVE, ARGUMENT_INVALID. */
export function rowCount(name: string, count: unknown): number {
  if (!Number.isInteger(count) || (count as number) > ROWS_MAX)
    throw invalidArgument(name, `the number of rows must be a whole number of at most ${ROWS_MAX}`);
  if ((count as number) >= 0) return count as number;
  throw new MillraceError('INVALID_LIMIT_LIKE_EXPRESSION.IS_NEGATIVE', { parameters: { expr: `"${count}"`, name, v: String(count) } });
}
