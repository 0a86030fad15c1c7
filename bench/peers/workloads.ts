// The peer workloads: their names, the ways their records come in, how many there are, and what a right result leaves out.

/** How records come in: lines of JSON in files, columnar files, or topics. */
export type InputPath = 'file' | 'parquet' | 'kafka';
/** `tiny` is for cold starts; the steady rate is that of the records that L has more than M. */
export type Size = 'tiny' | 'M' | 'L';

export const SIZES: readonly Size[] = ['L', 'M', 'tiny'];
export const INPUT_PATHS: readonly InputPath[] = ['file', 'parquet', 'kafka'];

/** One workload, as README.md beside this file describes it. */
export interface Workload {
  readonly name: string;
  /** The data that it reads: W3's queries of bids share theirs. */
  readonly data: 'W1' | 'W2' | 'W3' | 'W3-q8' | 'W4';
  readonly paths: readonly InputPath[];
  /** The member of the JSON that keys the records of its topic. */
  readonly topicKey?: string;
}

export const WORKLOADS: readonly Workload[] = [
  { name: 'W1', data: 'W1', paths: ['file', 'kafka'], topicKey: 'id' },
  { name: 'W2', data: 'W2', paths: ['file', 'kafka'], topicKey: 'ad_id' },
  ...['q5counts', 'q5', 'q7', 'q8', 'q11', 'q12'].map(
    (query): Workload => ({ name: `W3-${query}`, data: query === 'q8' ? 'W3-q8' : 'W3', paths: ['file', 'parquet'] }),
  ),
  { name: 'W4', data: 'W4', paths: ['parquet'] },
];

/** Parts of the data, of equal size and in order of time. M is the first two, L all of them. */
export const PARTS = 8;
const PARTS_OF_M = 2;
const TINY_RECORDS = 10_000;
const FULL_RECORDS = { W1: 4_000_000, W2: 4_000_000, W3: 4_000_000, 'W3-q8': 4_000_000, W4: 10_000_000 } as const;

/** How many records a size of the data has; `scale` makes M and L longer. */
export function recordCount(data: Workload['data'], size: Size, scale: number): number {
  if (size === 'tiny') return TINY_RECORDS;
  const perPart = Math.floor((FULL_RECORDS[data] * scale) / PARTS);
  return perPart * (size === 'M' ? PARTS_OF_M : PARTS);
}

/** The workloads that the words name: `W3` stands for all its queries. */
export function workloadsNamed(words: readonly string[]): Workload[] {
  return WORKLOADS.filter(({ name }) => words.includes(name) || words.includes(familyOf(name)));
}

/** `W3` of `W3-q8`. */
export function familyOf(name: string): string {
  return name.split('-')[0] ?? name;
}

/** 2026-01-01T00:00:00Z, where all data begins. */
const FIRST_MS = 1_767_225_600_000;
/** The record that moves the watermark past every window stands two days ahead; sliding windows around it begin 10 s earlier. */
const FLUSH_MS = FIRST_MS + 2 * 86_400_000 - 10_000;

/** Whether a result row comes from the record that only moves the watermark. */
export function isFlushRow(windowStartMs: number, key: string): boolean {
  return windowStartMs >= FLUSH_MS || key === 'flush' || key === '-1';
}
