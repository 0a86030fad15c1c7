// `millrace checkpoint …`: looks at checkpoints and mends them.
import { type Inspection, inspectCheckpoint } from '../checkpoint/inspection.js';
import { importOffsets, planRepair, repairCheckpoint } from '../checkpoint/repair.js';
import { offsetJson } from '../source/offset.js';

/** What can be done to a checkpoint. */
export const CHECKPOINT_ACTIONS = ['inspect', 'verify', 'diff', 'repair', 'import-offsets'] as const;

export type CheckpointAction = (typeof CHECKPOINT_ACTIONS)[number];

/** What was asked, and how many folders it takes. */
export interface CheckpointRequest {
  readonly action: CheckpointAction;
  readonly folders: readonly string[];
  readonly json: boolean;
  readonly dryRun: boolean;
}

/** Folders that an action takes. */
export function folderCount(action: CheckpointAction): number {
  return action === 'diff' || action === 'import-offsets' ? 2 : 1;
}

/** An answer as text, as a document, and as an exit code: 1 where something is wrong or differs. */
interface Answer {
  readonly text: string;
  readonly document: unknown;
  readonly exitCode: number;
}

/** Does what was asked; resolves to the exit code. */
export async function runCheckpointCommand(request: CheckpointRequest, print: (text: string) => void): Promise<number> {
  const { text, document, exitCode } = await answer(request);
  print(request.json ? `${JSON.stringify(document)}\n` : `${text}\n`);
  return exitCode;
}

async function answer({ action, folders: [first = '', second = ''], dryRun }: CheckpointRequest): Promise<Answer> {
  switch (action) {
    case 'inspect':
      return inspected(inspectCheckpoint(first));
    case 'verify':
      return verified(inspectCheckpoint(first));
    case 'diff':
      return compared(inspectCheckpoint(first), inspectCheckpoint(second));
    case 'repair':
      return repaired(inspectCheckpoint(first), dryRun);
    case 'import-offsets': {
      const batchId = await importOffsets(first, second);
      const text = `${second} goes on after batch ${batchId} of ${first}, with its offsets and its watermark and without its state.`;
      return { text, document: { batchId }, exitCode: 0 };
    }
  }
}

function inspected(inspection: Inspection): Answer {
  const summary = summaryOf(inspection);
  const lines = Object.entries(summary).map(
    ([name, value]) => `${name.padEnd(22)} ${typeof value === 'object' ? JSON.stringify(value) : value}`,
  );
  const rows = inspection.shards.map(({ operator, name, shard, version, rows }) => [
    operator,
    name ?? 'damaged',
    shard,
    version ?? '-',
    rows ?? 'damaged',
  ]);
  const table = rows.length === 0 ? [] : ['', tableOf(['operator', 'name', 'shard', 'version', 'rows'], rows)];
  const document = { ...summary, shards: inspection.shards, files: inspection.files, problems: inspection.problems };
  return { text: [...lines, ...table, ...problemLines(inspection)].join('\n'), document, exitCode: 0 };
}

function summaryOf({ id, offsets, commits, shards, files }: Inspection): Record<string, unknown> {
  const [lastOffsets, lastCommit] = [[...offsets].at(-1), [...commits].at(-1)];
  const watermarkMs = lastCommit?.[1].nextBatchWatermarkMs;
  return {
    id,
    'newest batch logged': lastOffsets?.[0] ?? null,
    'newest batch committed': lastCommit?.[0] ?? null,
    'retained batches': offsets.size,
    watermark: watermarkMs === undefined ? null : new Date(watermarkMs).toISOString(),
    offsets: lastOffsets?.[1].offsets.map((offset) => (offset === null ? '-' : offsetJson(offset))).join(' ') ?? null,
    conf: lastOffsets?.[1].conf ?? null,
    'state rows': shards.reduce((sum, { rows }) => sum + (rows ?? 0), 0),
    files: files.length,
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** Each operator with the rows of its shards. */
function operatorsOf({ shards }: Inspection): Record<string, unknown> {
  const operators = new Map<number, { name: string | null; rows: (number | null)[] }>();
  for (const { operator, name, rows } of shards) {
    const known = operators.get(operator) ?? { name, rows: [] };
    operators.set(operator, { name, rows: [...known.rows, rows] });
  }
  return Object.fromEntries(
    [...operators].map(([operator, { name, rows }]) => [
      `operator ${operator}`,
      `${name}: ${rows.map((each) => each ?? 'damaged').join(' ')}`,
    ]),
  );
}

function verified(inspection: Inspection): Answer {
  const { files, problems, newestWholeBatch } = inspection;
  const ours = files.filter(({ kind }) => kind !== 'other');
  const bytes = ours.reduce((sum, file) => sum + file.bytes, 0);
  const verdict =
    problems.length === 0
      ? 'every byte is as it was written'
      : `${problems.length} problems; the newest whole batch is ${newestWholeBatch}`;
  const text = [`${ours.length} files, ${bytes} bytes: ${verdict}`, ...problemLines(inspection)].join('\n');
  return { text, document: { files: ours.length, bytes, problems, newestWholeBatch }, exitCode: problems.length === 0 ? 0 : 1 };
}

function problemLines({ problems }: Inspection): string[] {
  return problems.map(({ path, problem }) => `  ${path}: ${problem}`);
}

function compared(left: Inspection, right: Inspection): Answer {
  const [before, after] = [left, right].map((inspection) => ({ ...summaryOf(inspection), ...operatorsOf(inspection) })) as [
    Record<string, unknown>,
    Record<string, unknown>,
  ];
  const differences = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
    .map((name) => ({ name, left: before[name] ?? null, right: after[name] ?? null }));
  const shown = (value: unknown) => (typeof value === 'object' ? JSON.stringify(value) : String(value));
  const rows = differences.map((difference) => [difference.name, shown(difference.left), shown(difference.right)]);
  const text = rows.length === 0 ? 'no difference' : tableOf(['', left.location, right.location], rows);
  return { text, document: differences, exitCode: differences.length === 0 ? 0 : 1 };
}

async function repaired(inspection: Inspection, dryRun: boolean): Promise<Answer> {
  const { location, problems, newestWholeBatch } = inspection;
  if (problems.length === 0) return { text: 'nothing to repair: every byte is as it was written', document: { removed: [] }, exitCode: 0 };
  const plan = planRepair(inspection);
  if (plan === null) {
    const reason =
      newestWholeBatch === null
        ? 'no committed batch is whole'
        : 'what is damaged is needed by no start, or was committed and cannot be read again';
    return { text: [`nothing can be repaired: ${reason}`, ...problemLines(inspection)].join('\n'), document: { problems }, exitCode: 1 };
  }
  if (!dryRun) await repairCheckpoint(location, plan);
  const lines = plan.removed.map((path) => `  ${dryRun ? 'would remove' : 'removed'} ${path}`);
  const text = [`back to batch ${plan.batchId}; the batches after it run again and reach the sink again under their ids`, ...lines].join(
    '\n',
  );
  return { text, document: { ...plan, dryRun }, exitCode: 0 };
}

function tableOf(titles: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const cells = [titles, ...rows].map((row) => row.map(String));
  const widths = titles.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
