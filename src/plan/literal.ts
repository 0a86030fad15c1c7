// Makes literal nodes of JavaScript values: which SQL type a value has, and how it is written in the plan.
import { MillraceError } from '../error/millrace-error.js';
import type { LiteralExpression } from './nodes.generated.js';

/** JavaScript values that can be constants of a query. */
export type LiteralValue = string | number | bigint | boolean | Date | Uint8Array | null;

const INT_MAX = 2_147_483_647;
const INT_MIN = -2_147_483_648;
const LONG_MAX = 9_223_372_036_854_775_807n;
const LONG_MIN = -9_223_372_036_854_775_808n;

/**
 * A constant. Whole numbers are INT where they fit, else BIGINT where they are exact, else DOUBLE, as other numbers are; bigint is BIGINT,
 * Date TIMESTAMP, Uint8Array BINARY, null VOID. Doubles that JSON cannot write travel as the text `NaN`, `Infinity`, `-Infinity`.
 * Throws ARGUMENT_INVALID for a bigint beyond 64 bits, an invalid Date and values of other kinds.
 */
export function literalNode(value: LiteralValue): LiteralExpression {
  switch (typeof value) {
    case 'string':
      return freezeLiteral(value, 'string');
    case 'boolean':
      return freezeLiteral(value, 'boolean');
    case 'number':
      return numberLiteral(value);
    case 'bigint':
      if (value > LONG_MAX || value < LONG_MIN) throw invalid(`${value} does not fit into BIGINT`);
      return freezeLiteral(value.toString(), 'bigint');
  }
  if (value === null) return freezeLiteral(null, 'void');
  if (value instanceof Date) {
    const epochMs = value.getTime();
    if (Number.isNaN(epochMs)) throw invalid('the Date is invalid');
    return freezeLiteral((BigInt(epochMs) * 1000n).toString(), 'timestamp');
  }
  if (value instanceof Uint8Array) {
    return freezeLiteral(Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64'), 'binary');
  }
  throw invalid(
    `a ${value === undefined ? 'value that is undefined' : typeof value} cannot be a constant; give a string, number, bigint, boolean, Date, Uint8Array, null or a Column`,
  );
}

function numberLiteral(value: number): LiteralExpression {
  if (!Number.isFinite(value)) return freezeLiteral(String(value), 'double');
  if (!Number.isSafeInteger(value)) return freezeLiteral(value, 'double');
  return value >= INT_MIN && value <= INT_MAX ? freezeLiteral(value, 'int') : freezeLiteral(String(value), 'bigint');
}

function freezeLiteral(value: string | number | boolean | null, dataType: string): LiteralExpression {
  return Object.freeze({ expr: 'literal', value, dataType });
}

function invalid(reason: string): MillraceError {
  return new MillraceError('ARGUMENT_INVALID', { parameters: { function: 'lit', reason } });
}
