// Where a rate source's seconds count from, as its log keeps it: a batch that runs again has the same times, and a restart goes on from the first start.
import type { SourceLog } from './source.js';

const MEMBER = 'startTimestampMs';

/** The start as a line of the log. Spark writes the bare number, beside which there is no room for a checksum. */
export function rateStartLine(startTimestampMs: number): string {
  return JSON.stringify({ [MEMBER]: startTimestampMs });
}

/** The start that a log keeps; null where it keeps none. */
export async function keptRateStart(log: SourceLog): Promise<number | null> {
  const [entry] = await log.entries();
  const line = entry?.lines[0];
  return line === undefined ? null : (JSON.parse(line) as { readonly [MEMBER]: number })[MEMBER];
}

/** The text of Spark's log of a rate source as the text of ours; any other text as it is. */
export function fromSparkRateStart(text: string): string {
  return text.replace(/^v1\n(\d+)$/, (_, startTimestampMs) => `v1\n${rateStartLine(Number(startTimestampMs))}`);
}
