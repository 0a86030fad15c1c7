// Writes the trades to files once, with what the profit job must find in them; later runs take what is there.
import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProfitReference } from './profit-reference.ts';
import { emptyTrade, TradeGenerator, tradeLine } from './trades.ts';

const PARTS = 8;
const LINES_PER_WRITE = 10_000;
/** Goes up when the bytes or the reference change, so that what an older checkout wrote is not taken for them. */
const FORMAT = 1;

/** Where generated files and other programs are kept from run to run. */
export const CACHE_FOLDER = process.env['MILLRACE_BENCH_CACHE'] ?? join(tmpdir(), 'millrace-bench');

/** Trades on disk. */
export interface TradeFiles {
  readonly records: number;
  readonly bytes: number;
  /** The folder of the files, in order of their names. */
  readonly input: string;
  /** File of the reference. */
  readonly reference: string;
}

/** The files of `records` trades, a multiple of 8: written now, or found where an earlier run left them. */
export function tradeFiles(records: number): TradeFiles {
  if (records % PARTS !== 0) throw new RangeError(`${records} records do not make ${PARTS} equal parts`);
  const folder = join(CACHE_FOLDER, `trades-${FORMAT}-${records}`);
  if (!existsSync(folder)) generate(folder, records);
  const input = join(folder, 'input');
  const bytes = partNames().reduce((sum, name) => sum + statSync(join(input, name)).size, 0);
  return { records, bytes, input, reference: join(folder, 'reference.json') };
}

function generate(folder: string, records: number): void {
  // Under another name until all is there: a run that was interrupted leaves nothing that looks whole.
  const partial = `${folder}.${process.pid}`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(join(partial, 'input'), { recursive: true });
  const generator = new TradeGenerator(records);
  const reference = new ProfitReference();
  partNames().forEach((name, part) => {
    const first = (part * records) / PARTS;
    writePart(join(partial, 'input', name), generator, reference, first, first + records / PARTS);
  });
  reference.save(join(partial, 'reference.json'));
  renameSync(partial, folder);
}

function writePart(path: string, generator: TradeGenerator, reference: ProfitReference, first: number, end: number): void {
  const trade = emptyTrade();
  const file = openSync(path, 'w');
  for (let from = first; from < end; from += LINES_PER_WRITE) {
    let text = '';
    for (let index = from; index < Math.min(end, from + LINES_PER_WRITE); index += 1) {
      generator.read(index, trade);
      reference.add(trade);
      text += `${tradeLine(trade)}\n`;
    }
    writeSync(file, text);
  }
  closeSync(file);
}

function partNames(): string[] {
  return Array.from({ length: PARTS }, (_, part) => `part-${String(part).padStart(4, '0')}.ndjson`);
}
