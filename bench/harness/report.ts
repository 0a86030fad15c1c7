// Prints a benchmark's table and, asked by --record, keeps the raw numbers in bench/record.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { circumstances } from './machine.ts';

/** A row of a table: column names to figures. */
export type Row = Readonly<Record<string, string | number>>;

/**
 * Prints the rows under `name`. A record, bench/record/NAME.json, keeps them with the machine and the command, and `runs`, what the
 * rows are made of, where they are medians of them.
 */
export function report(name: string, rows: readonly Row[], runs?: unknown): void {
  console.log(`\n${name}\n${tableOf(rows)}`);
  if (process.argv.includes('--record')) keepRecord(name, `npm run bench -- ${name.replace('/', ' ')} --record`, rows, runs);
}

/** Writes bench/record/NAME.json, a slash as a dash: the rows, what they are made of, the machine, and the command that was typed. */
export function keepRecord(name: string, command: string, rows: readonly Row[], runs?: unknown): void {
  const record = { name, ...circumstances(command), results: rows, ...(runs === undefined ? {} : { runs }) };
  const file = new URL(`../record/${name.replace('/', '-')}.json`, import.meta.url);
  writeFileSync(fileURLToPath(file), `${JSON.stringify(record, null, 2)}\n`);
}

/** A Markdown table, figures to the right. */
export function tableOf(rows: readonly Row[]): string {
  const [first] = rows;
  if (first === undefined) return 'nothing measured';
  const names = Object.keys(first);
  const widths = names.map((name) => Math.max(name.length, ...rows.map((row) => String(row[name] ?? '').length)));
  const isFigure = names.map((name) => typeof first[name] === 'number');
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, at) => (isFigure[at] ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0))).join(' | ')} |`;
  const rule = `|${widths.map((width, at) => (isFigure[at] ? `${'-'.repeat(width + 1)}:` : '-'.repeat(width + 2))).join('|')}|`;
  return [line(names), rule, ...rows.map((row) => line(names.map((name) => String(row[name] ?? ''))))].join('\n');
}

/** A figure with three digits that count. */
export function rounded(value: number): number {
  return value === 0 ? 0 : Number(value.toPrecision(3));
}

/** The value in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
}
