// `millrace checkpoint state DIR`: prints rows of state, by the options of the source `statestore`.
import { expr, Session } from '../index.js';

/** Whose state is printed, and how. */
export interface StateRequest {
  readonly folder: string;
  /** Options of `read.format('statestore')`. */
  readonly options: Readonly<Record<string, string>>;
  /** Whether each row is a line of JSON. */
  readonly json: boolean;
}

/** Rows of a table; JSON has all. */
const ROWS_SHOWN = 1000;

/** Prints the rows. Rejects with what the source refuses. */
export async function printState({ folder, options, json }: StateRequest, print: (text: string) => void): Promise<void> {
  const rows = Session.create().read.format('statestore').options(options).load(folder);
  if (!json) return rows.show(ROWS_SHOWN, false);
  for (const { text } of await rows.select(expr('to_json(struct(*))').as('text')).collect()) print(`${text}\n`);
}
