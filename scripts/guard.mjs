// npm run guard: counts what the hot stages allocate and execute, and fails where a count is more than 5 % above its record.
// npm run guard -- --record [--reason TEXT] writes the record; where a count has grown the reason must be given, and stands in the record.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { callgrind } from './callgrind.mjs';
import { root } from './steps.mjs';

const RECORD = join(root, 'bench/record/guard.json');
const GROWTH_MAX = 1.05;
const COUNTS = ['allocations', 'instructions'];

const { values } = parseArgs({ options: { record: { type: 'boolean', default: false }, reason: { type: 'string' } } });

const binary = build();
const { machine, stages } = JSON.parse(run(binary, []).stdout);
const toolchain = run('rustc', ['--version']).stdout.trim();
const hasValgrind = spawnSync('valgrind', ['--version']).status === 0;
if (!hasValgrind) console.log('guard: no valgrind, so instructions are not counted');
const recorded = existsSync(RECORD) ? JSON.parse(readFileSync(RECORD, 'utf8')) : { stages: {} };
/** Which instructions run is the compiler's and the processor's choice too. */
const comparesInstructions = hasValgrind && recorded.toolchain === toolchain && recorded.machine === machine;
if (!values.record && hasValgrind && !comparesInstructions) {
  console.log(
    `guard: instructions were recorded with ${recorded.toolchain} on ${recorded.machine}, and are not compared with ${toolchain} on ${machine}`,
  );
}

const counted = Object.fromEntries(stages.map((stage) => [stage, count(stage)]));
const grown = stages.flatMap((stage) => COUNTS.filter((name) => hasGrown(stage, name)).map((name) => `${stage}: ${name}`));
print();
process.exitCode = values.record ? record() : check();

function build() {
  const { status } = spawnSync('cargo', ['build', '--quiet', '--profile', 'guard', '-p', 'millrace-guard'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(1);
  return join(process.env.CARGO_TARGET_DIR ?? join(root, 'target'), 'guard', 'millrace-guard');
}

/** The counts of one stage. */
function count(stage) {
  if (!hasValgrind) return JSON.parse(run(binary, [stage]).stdout);
  const { stdout, instructions } = callgrind(binary, stage);
  return { ...JSON.parse(stdout), instructions };
}

function hasGrown(stage, name) {
  const before = recorded.stages[stage]?.[name];
  const now = counted[stage][name];
  if (before === undefined || now === undefined || (name === 'instructions' && !comparesInstructions)) return false;
  return now > before * GROWTH_MAX;
}

function print() {
  const rows = stages.map((stage) => {
    const { rows: taken, allocations, instructions } = counted[stage];
    const before = recorded.stages[stage] ?? {};
    return [
      stage,
      {
        'allocations a run': allocations,
        recorded: before.allocations,
        'instructions a row': instructions && Math.round(instructions / taken),
        'recorded, a row': before.instructions && Math.round(before.instructions / before.rows),
      },
    ];
  });
  console.table(Object.fromEntries(rows));
}

function check() {
  const unknown = stages.filter((stage) => recorded.stages[stage] === undefined);
  for (const stage of unknown) console.log(`guard: ${stage} is not in the record`);
  for (const name of grown) console.log(`guard: ${name} have grown by more than 5 %`);
  if (unknown.length + grown.length === 0) console.log(`guard: ${stages.length} stages, none has grown`);
  else console.log('guard: where that must be so, `npm run guard -- --record --reason "why"` records it');
  return unknown.length + grown.length === 0 ? 0 : 1;
}

function record() {
  if (!hasValgrind) {
    console.log('guard: a record needs valgrind');
    return 1;
  }
  if (grown.length > 0 && !values.reason) {
    for (const name of grown) console.log(`guard: ${name} have grown by more than 5 %: say why with --reason`);
    return 1;
  }
  const reasonOf = (stage) => (grown.some((name) => name.startsWith(`${stage}:`)) ? values.reason : recorded.stages[stage]?.reason);
  const document = {
    command: 'npm run guard -- --record',
    toolchain,
    machine,
    stages: Object.fromEntries(stages.map((stage) => [stage, { ...counted[stage], reason: reasonOf(stage) }])),
  };
  writeFileSync(RECORD, `${JSON.stringify(document, null, 2)}\n`);
  console.log(`guard: recorded ${stages.length} stages`);
  return 0;
}

function run(command, args) {
  const outcome = spawnSync(command, args, { encoding: 'utf8', cwd: root });
  if (outcome.status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${outcome.stderr ?? outcome.error}`);
  return outcome;
}
