// Windows in the most obvious way: every start on the grid is tried.
import type { Tree } from './expression.ts';
import { floorModulo } from './value.ts';

export interface WindowSpec {
  readonly size: bigint;
  readonly slide: bigint;
  readonly offset: bigint;
}

const MICROS: Readonly<Record<string, bigint>> = {
  microsecond: 1n,
  millisecond: 1000n,
  second: 1_000_000n,
  minute: 60_000_000n,
  hour: 3_600_000_000n,
  day: 86_400_000_000n,
};

/** Microseconds of a text like `10 seconds` or `1 minute -5 seconds`. */
export function durationOf(text: string): bigint {
  const parts = [...text.matchAll(/(-?\d+) ([a-z]+?)s?(?= |$)/g)];
  return parts.reduce((sum, [, amount, unit]) => sum + BigInt(amount as string) * (MICROS[unit as string] as bigint), 0n);
}

/** The windows that `window(time, size, slide, offset)` asks for. */
export function windowOf(tree: Tree): WindowSpec {
  const [, size, slide, offset] = (tree['args'] as Tree[]).map((argument) => argument['lit'] as string);
  return {
    size: durationOf(size as string),
    slide: durationOf(slide ?? (size as string)),
    offset: offset === undefined ? 0n : durationOf(offset),
  };
}

/** The starts of all windows [start, start + size) that hold a time. */
export function startsOf({ size, slide, offset }: WindowSpec, time: bigint): bigint[] {
  const starts: bigint[] = [];
  for (let start = time - floorModulo(time - offset, slide); start + size > time; start -= slide) starts.push(start);
  return starts;
}
