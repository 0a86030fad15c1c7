// npm run soak -- --minutes N: every stateful query runs in a process of its own, N minutes in all. Neither the bytes of its state nor the memory of
// its process may grow with time. --operator NAME runs one of them alone, --together all of them in one process; --record keeps
// the figures in bench/record.
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { keepRecord, tableOf } from '../../bench/harness/report.ts';
import { QUERIES } from '../stateful-queries.ts';
import type { Growth } from './growth.ts';
import type { SoakReport } from './run.ts';

/** How much more a quantity may be at the end of the run than at its start, by the line through its samples: a leak from the start on is 0.9. */
const GROWTH_MAX = 0.1;
/** Short runs have few samples, and their process is still warming up. */
const SHORT_MINUTES = 2;
const SHORT_GROWTH_MAX = 0.4;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '40' },
    operator: { type: 'string', multiple: true, default: QUERIES.map(({ name }) => name) },
    together: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
  },
});
const { operator: names, together } = values;
const unknown = names.find((name) => !QUERIES.some((query) => query.name === name));
if (unknown !== undefined) throw new Error(`there is no operator ${unknown}: ${QUERIES.map(({ name }) => name).join(', ')}`);

const processes = together ? [names] : names.map((name) => [name]);
const atOnce = Math.min(availableParallelism(), processes.length);
const minutesEach = Number(values.minutes) / Math.ceil(processes.length / atOnce);
const growthMax = minutesEach < SHORT_MINUTES ? SHORT_GROWTH_MAX : GROWTH_MAX;
const reports = new Map<string, SoakReport>();
const waiting = [...processes];
await Promise.all(
  Array.from({ length: atOnce }, async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) reports.set(next.join(', '), await run(next));
  }),
);

const percent = ({ share }: Growth) => Math.round(share * 1000) / 10;
const rows = [...reports.values()].flatMap(({ batches, rss, state }) =>
  Object.entries(state).map(([operator, bytes]) => ({
    operator,
    batches,
    'RSS MB': Math.round(rss.mean / 1e5) / 10,
    'RSS growth %': percent(rss),
    'state bytes': Math.round(bytes.mean),
    'state growth %': percent(bytes),
  })),
);
// No state at all would be flat, too.
const failed = rows.filter((row) => Math.max(row['RSS growth %'], row['state growth %']) > growthMax * 100 || !(row['state bytes'] > 0));
console.log(tableOf(rows));
if (values.record) keepRecord('soak', `npm run soak -- ${process.argv.slice(2).join(' ')}`, rows);
const batches = [...reports.values()].reduce((total, report) => total + report.batches, 0);
const grew = failed.map(({ operator }) => operator).join(', ') || 'none';
console.log(`soak: ${values.minutes} minutes, ${names.length} queries, ${batches} batches, ${failed.length} grew: ${grew}`);
process.exitCode = failed.length > 0 ? 1 : 0;

/** Runs queries in a process of their own. Rejects where it ends without a report. */
function run(queries: readonly string[]): Promise<SoakReport> {
  const child = fork(resolve('test/soak/run.ts'), [String(minutesEach), ...queries]);
  return new Promise((settle, reject) => {
    child.on('message', (report) => settle(report as SoakReport));
    child.on('close', (code) => reject(new Error(`${queries.join(', ')}: the process ended with ${code} and no report`)));
  });
}
