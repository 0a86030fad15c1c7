// `millrace checkpoint state DIR`: prints rows of state, by the options of the source `statestore`.
import { col, Session, struct, toJson } from '../index.js';

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
  const text = toJson(struct(...rows.columns.map((name) => col(name)))).as('text');
  for (const row of await rows.select(text).collect()) print(`${row.text}\n`);
}
