// npm run conformance -- scalar|streaming|kafka DIR [FAMILY...]: replays vectors through the product; closes with `N passed, N failed`.
// With --also restart,workers streaming cases that pass are replayed again: started anew before each step, and with 1, 2, 8 workers in turn.
// With --record FILE the rates by function, type, option and configuration go into FILE: `npm run guide` writes docs/guide from it.
// With CONFORMANCE_TRACE=1 each case is named before it runs, for one that never comes back.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseExactJson } from '../../dist/source/exact-json.js';
import { KafkaConformance } from './kafka-case.ts';
import { PassRates } from './pass-rates.ts';
import { runScalarCase } from './scalar-case.ts';
import { isRestartable, runStreamingCase, VARIANTS } from './streaming-case.ts';

type Json = any;

const REPORT = 'conformance-report.txt';

/** Plays cases of one kind; `close` ends what they shared. */
interface Runner {
  run(golden: Json): Promise<readonly string[]>;
  close?(): Promise<void>;
}

const RUNNERS: Readonly<Record<string, (directory: string) => Runner>> = {
  scalar: () => ({ run: runScalarCase }),
  streaming: () => ({ run: async (golden) => (await runStreamingCase(golden)).differences }),
  kafka: (directory) => new KafkaConformance(directory),
};

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { also: { type: 'string', default: '' }, record: { type: 'string' } },
});
const [kind = '', directory, ...families] = positionals;
const variants = values.also.split(',').filter((name) => VARIANTS[name] !== undefined);
const createRunner = RUNNERS[kind];
if (createRunner === undefined || directory === undefined) {
  console.error('usage: npm run conformance -- scalar|streaming|kafka DIR [FAMILY...]');
  process.exit(2);
}
const runner = createRunner(directory);

/** The groups that have failures, and every failure. */
const overview: string[] = [];
const report: string[] = [];
const total = { passed: 0, failed: 0 };
const rates = new PassRates();
/** Replays besides the straight ones. */
let alsoRun = 0;
console.log(`${'family'.padEnd(20)} ${'passed'.padStart(8)} ${'failed'.padStart(8)} ${'rate'.padStart(8)} ${'seconds'.padStart(8)}`);
for (const family of familiesOf(directory)) {
  const began = performance.now();
  const { passed, failed, groups } = await runFamily(family);
  total.passed += passed;
  total.failed += failed;
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const rate = `${((100 * passed) / Math.max(1, passed + failed)).toFixed(2)} %`;
  console.log(
    `${family.padEnd(20)} ${String(passed).padStart(8)} ${String(failed).padStart(8)} ${rate.padStart(8)} ${seconds.padStart(8)}`,
  );
  for (const [group, counts] of groups) {
    if (counts.failed > 0) overview.push(`${family}.${group}: ${counts.passed} passed, ${counts.failed} failed`);
  }
  // After each family, so that a run which is broken off leaves what it found.
  writeFileSync(REPORT, `${[...overview, '', ...report].join('\n')}\n`);
}
await runner.close?.();
if (values.record !== undefined) rates.write(values.record, kind);
if (total.failed > 0) console.log(`differences: ${REPORT}`);
if (variants.length > 0) console.log(`${alsoRun} replays with ${variants.join(' and ')} besides`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 ? 1 : 0;

function familiesOf(folder: string): string[] {
  const all = readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => name.replace('.jsonl', ''))
    .sort();
  return families.length === 0 ? all : all.filter((family) => families.includes(family));
}

/** Runs the cases of a family; their differences go into the report. */
async function runFamily(family: string): Promise<{ passed: number; failed: number; groups: Map<string, typeof total> }> {
  const counts = { passed: 0, failed: 0, groups: new Map<string, typeof total>() };
  for (const line of readFileSync(join(directory as string, `${family}.jsonl`), 'utf8')
    .split('\n')
    .filter(Boolean)) {
    const golden: Json = parseExactJson(line);
    if (process.env['CONFORMANCE_TRACE'] === '1') console.error(golden.id);
    const straight = await replay(() => runner.run(golden));
    const differences = [...straight];
    for (const name of straight.length === 0 && kind === 'streaming' && isRestartable(golden) ? variants : []) {
      const again = await replay(async () => (await runStreamingCase(golden, VARIANTS[name])).differences);
      differences.push(...again.map((difference) => `${name}: ${difference}`));
      alsoRun += 1;
    }
    const outcome = differences.length === 0 ? 'passed' : 'failed';
    counts[outcome] += 1;
    rates.add(family, golden, differences);
    const group = counts.groups.get(golden.group) ?? { passed: 0, failed: 0 };
    group[outcome] += 1;
    counts.groups.set(golden.group, group);
    if (outcome === 'failed') report.push(caseText(golden), ...differences.map((difference) => `    ${difference}`));
  }
  return counts;
}

/** What differs; a case that cannot be run differs too. */
async function replay(work: () => Promise<readonly string[]>): Promise<readonly string[]> {
  try {
    return await work();
  } catch (error) {
    return [`the case cannot be run: ${String((error as Error)?.message ?? error)}`];
  }
}

/** What was asked: enough to run it by hand. */
function caseText(golden: Json): string {
  const { id, group, title, ansi, timeZone, conf, schema, row, rows, sql, query, show } = golden;
  const settings = ansi === undefined ? '' : `ansi=${ansi} ${timeZone}${conf === undefined ? '' : ` ${JSON.stringify(conf)}`}`;
  const input = row ?? rows;
  const asked = [sql ?? query, show === undefined ? undefined : JSON.stringify(show)].filter((part) => part !== undefined).join(' ');
  const lines = [`${id} ${group ?? title ?? ''} ${settings}`.trimEnd()];
  if (asked !== '') lines.push(`    asked:    ${asked}`);
  if (input !== undefined) lines.push(`    input:    ${schema} ${JSON.stringify(input).slice(0, 500)}`);
  return lines.join('\n');
}
