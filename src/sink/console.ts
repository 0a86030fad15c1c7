// Prints each batch as Spark's console sink does.
import type { Conf } from '../engine/conf-values.js';
import { type ResultBatch, truncateLength } from '../result/result-batch.js';
import { optionBoolean, optionInt, optionText } from '../source/source-option.js';
import type { OutputMode, Sink } from './sink.js';

const RULE = '-'.repeat(43);
const ROWS_SHOWN = 20;

/**
 * Makes a console sink. Options: `numRows` (20), the rows shown of each batch; `truncate` (true: cells are cut at 20 characters; false: not at all;
 * a number: at that many). `write` takes the text, standard output by default. Throws OPTION_INVALID.
 */
export function createConsoleSink(
  options: Readonly<Record<string, string>>,
  _conf: Conf,
  write: (text: string) => void = writeToStdout,
): Sink {
  const numRows = optionInt(options, 'numRows', 0) ?? ROWS_SHOWN;
  const truncate = readTruncate(options);
  return {
    description: 'ConsoleTable',
    async write(batchId: number, batch: ResultBatch, _outputMode: OutputMode): Promise<number> {
      // The table ends with a line feed, and Spark prints it as a line of its own: a blank line stands between batches.
      write(`${RULE}\nBatch: ${batchId}\n${RULE}\n${batch.showString(numRows, truncate)}\n`);
      return batch.numRows;
    },
  };
}

function readTruncate(options: Readonly<Record<string, string>>): number {
  const text = optionText(options, 'truncate')?.trim() ?? 'true';
  if (/^\d+$/.test(text)) return optionInt(options, 'truncate', 0) ?? truncateLength(true);
  return truncateLength(optionBoolean(options, 'truncate') ?? true);
}

function writeToStdout(text: string): void {
  process.stdout.write(text);
}
