// Times of day as text: `12:34:56.789`, with up to nine digits of a second.

/** Nanoseconds of a day. */
export const NANOS_PER_DAY = 86_400_000_000_000n;

const NANOS_PER_SECOND = 1_000_000_000n;

/** The text of nanoseconds of the day; the fraction has no zeros at its end. */
export function timeText(nanos: bigint): string {
  const seconds = Number(nanos / NANOS_PER_SECOND);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const fraction = String(nanos % NANOS_PER_SECOND)
    .padStart(9, '0')
    .replace(/0+$/, '');
  return parts.map((part) => String(part).padStart(2, '0')).join(':') + (fraction === '' ? '' : `.${fraction}`);
}

/** Nanoseconds of the day of a text; null where it is no time. */
export function parseTime(text: string): bigint | null {
  const found = /^(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,9}))?)?$/.exec(text);
  if (found === null) return null;
  const [hour, minute, second] = [found[1], found[2], found[3] ?? '0'].map(Number) as [number, number, number];
  if (hour > 23 || minute > 59 || second > 59) return null;
  return BigInt((hour * 60 + minute) * 60 + second) * NANOS_PER_SECOND + BigInt((found[4] ?? '').padEnd(9, '0'));
}
