// Decimals between their text and their 16-byte little-endian two's complement form.

const BITS_64 = 64n;

/** Longer texts hold no decimal of 38 digits that anyone writes; BigInt would take its time over them. */
const TEXT_LENGTH_MAX = 1000;

/** The unscaled integer of a decimal text at `scale` digits after the point; null where the text is no decimal or has more digits than that. */
export function unscaledOf(text: string, scale: number): bigint | null {
  if (text.length > TEXT_LENGTH_MAX) return null;
  const match = /^\s*([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?\s*$/.exec(text);
  if (match === null) return null;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  const digits = whole + fraction;
  if (digits === '') return null;
  const shift = scale - fraction.length + Number(exponent);
  const unscaled = BigInt(digits);
  const shifted = shift >= 0 ? unscaled * 10n ** BigInt(shift) : divideExactly(unscaled, 10n ** BigInt(-shift));
  if (shifted === null) return null;
  return sign === '-' ? -shifted : shifted;
}

/** Whether an unscaled integer has at most `precision` digits. */
export function fitsPrecision(unscaled: bigint, precision: number): boolean {
  const magnitude = unscaled < 0n ? -unscaled : unscaled;
  return magnitude < 10n ** BigInt(precision);
}

/** The text of a decimal as Java's toPlainString writes it: every digit of the scale, no exponent. */
export function decimalText(unscaled: bigint, scale: number): string {
  if (scale <= 0) return (unscaled * 10n ** BigInt(-scale)).toString();
  const negative = unscaled < 0n;
  const digits = (negative ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
  const point = digits.length - scale;
  return `${negative ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** Writes a decimal at row `index` of a view over 16-byte values: low half first. */
export function writeUnscaled(halves: BigInt64Array, index: number, unscaled: bigint): void {
  halves[2 * index] = BigInt.asIntN(64, unscaled);
  halves[2 * index + 1] = unscaled >> BITS_64;
}

/** Reads the decimal at row `index` of a view over 16-byte values. */
export function readUnscaled(halves: BigInt64Array, index: number): bigint {
  const low = BigInt.asUintN(64, halves[2 * index] ?? 0n);
  const high = halves[2 * index + 1] ?? 0n;
  return (high << BITS_64) | low;
}

function divideExactly(value: bigint, divisor: bigint): bigint | null {
  return value % divisor === 0n ? value / divisor : null;
}
