// Runs the program's own aggregates over the groups of a batch that Rust hands over, and hands back what they made of them.
import { encodeColumn } from '../batch/encode-column.js';
import { type PhysicalField, physicalFieldsOf } from '../batch/physical-type.js';
import { writeTableSet } from '../batch/write-input-batch.js';
import { MillraceError } from '../error/millrace-error.js';
import { reasonOf } from '../error/reason-of.js';
import { native } from '../native/load.js';
import type { StructType } from '../plan/data-type.js';
import type { ColumnVector } from '../result/column-vector.js';
import { type OpenTable, openTableSet } from '../result/table-set.js';
import type { AggregatorFunctions, BoundAggregator } from './aggregator.js';
import { keyText } from './call-failure.js';
import { importFunctions, missingExport } from './module-import.js';
import type { ShardRange } from './program-runner.js';
import { RecentRunners } from './recent-runners.js';
import { type RowViewMaker, rowViewClass } from './row-views.js';

/** What Rust says about a grouping with aggregates of the program. */
export interface FoldsDescription {
  readonly aggregates: readonly {
    readonly number: number;
    /** The columns of its values. */
    readonly input: StructType;
    /** Its columns in the table of parts: end of its values, whether a buffer is held, the buffer. */
    readonly held: StructType;
    /** Its columns in the answer: buffer, result. */
    readonly kept: StructType;
  }[];
  /** The columns of groups: where its parts end, and its keys. */
  readonly groups: StructType;
  /** Whether a group may have several parts, whose buffers are merged: a session has. */
  readonly merges: boolean;
}

/** Columns of an aggregate in the table of parts. */
const HELD_COLUMNS = 3;

/** One aggregate with all that is needed to run it. */
interface Fold {
  readonly name: string;
  readonly functions: AggregatorFunctions;
  readonly makeView: RowViewMaker | null;
  readonly inputType: string;
  readonly kept: readonly [buffer: PhysicalField, result: PhysicalField];
}

/** Columns of the groups or the parts of a batch. */
type Columns = readonly ColumnVector[];

const runners = new RecentRunners<FoldRunner>();

/** Runs aggregates over some shards, in whatever thread. Rejects with what they threw, or what is wrong with their modules. */
export async function runFolds(shards: ShardRange, description: FoldsDescription, bound: readonly BoundAggregator[]): Promise<void> {
  const make = async () => new FoldRunner(description, bound, await Promise.all(bound.map((each) => load(each, description.merges))));
  (await runners.get(`${shards.handle} ${shards.stage}`, make)).run(shards);
}

/** Runs the aggregates of one grouping, batch by batch. */
class FoldRunner {
  readonly #folds: readonly Fold[];
  readonly #tables: readonly (readonly PhysicalField[])[];

  constructor({ aggregates, groups }: FoldsDescription, bound: readonly BoundAggregator[], functions: readonly AggregatorFunctions[]) {
    const parts = aggregates.flatMap(({ held }) => physicalFieldsOf(held));
    const inputs = aggregates.map(({ input }) => physicalFieldsOf(input));
    this.#tables = [physicalFieldsOf(groups), parts, ...inputs];
    this.#folds = aggregates.map(({ kept }, index) => {
      const { name, takesRows } = bound[index] as BoundAggregator;
      const input = inputs[index] as PhysicalField[];
      return {
        name,
        functions: functions[index] as AggregatorFunctions,
        makeView: takesRows ? rowViewClass(input.map((field) => field.name)) : null,
        inputType: input.map((field) => field.typeName).join(', '),
        kept: physicalFieldsOf(kept) as [PhysicalField, PhysicalField],
      };
    });
  }

  /** Runs them over some shards. Throws FAILED_EXECUTE_UDF with the key that was in hand; nothing is handed back then. */
  run({ handle, batchId, stage, first, count }: ShardRange): void {
    const tables = openTableSet(native.openGroups(handle, batchId, stage, first, count), this.#tables);
    const [groups, parts, ...values] = tables as [OpenTable, OpenTable, ...OpenTable[]];
    const columns = this.#folds.flatMap((fold, index) => {
      const held = parts.columns.slice(index * HELD_COLUMNS, (index + 1) * HELD_COLUMNS);
      return runFold(fold, groups, held, values[index] as OpenTable);
    });
    native.answerGroups(handle, batchId, stage, first, writeTableSet([{ numRows: groups.numRows, columns }]));
  }
}

/** One aggregate over all groups: the columns of its buffers and of its results. */
function runFold(fold: Fold, { numRows: numGroups, columns: [partEnds, ...keys] }: OpenTable, held: Columns, values: OpenTable) {
  const { functions, makeView } = fold;
  const [ends, isHeld, buffers] = held as [ColumnVector, ColumnVector, ColumnVector];
  const valueEnds = ends.values as Int32Array;
  const groupEnds = (partEnds as ColumnVector).values as Int32Array;
  const [onlyColumn] = values.columns as [ColumnVector];
  const kept: unknown[] = new Array(numGroups);
  const results: unknown[] = new Array(numGroups);
  let part = 0;
  let row = 0;
  for (let group = 0; group < numGroups; group += 1) {
    try {
      let buffer = isHeld.get(part) === true ? buffers.get(part) : functions.zero();
      for (const groupEnd = groupEnds[group] as number, first = part; part < groupEnd; part += 1) {
        if (part > first && isHeld.get(part) === true) buffer = functions.merge?.(buffer, buffers.get(part));
        for (const end = valueEnds[part] as number; row < end; row += 1) {
          buffer = functions.reduce(buffer, makeView === null ? onlyColumn.get(row) : new makeView(values.columns, row));
        }
      }
      kept[group] = buffer;
      results[group] = functions.finish(buffer);
    } catch (cause) {
      throw failure(fold, keys, group, cause);
    }
  }
  return [kept, results].map((made, index) => {
    try {
      return encodeColumn(fold.kept[index] as PhysicalField, made);
    } catch (cause) {
      const group = cause instanceof MillraceError ? cause.context['row'] : undefined;
      if (group === undefined) throw cause;
      throw failure(fold, keys, Number(group), cause);
    }
  });
}

function failure({ name, inputType, kept }: Fold, keys: Columns, group: number, cause: unknown): MillraceError {
  const parts = keys.map((column) => column.get(group));
  const parameters = { functionName: `\`${name}\``, signature: inputType, result: kept[1].typeName, reason: reasonOf(cause) };
  return new MillraceError('FAILED_EXECUTE_UDF', { parameters, context: { key: keyText(parts.length === 1 ? parts[0] : parts) }, cause });
}

/** The functions of an aggregate; those of a module are exported under their names, or together as its default. */
async function load({ functions }: BoundAggregator, merges: boolean): Promise<AggregatorFunctions> {
  if (!('module' in functions)) return functions;
  const found = await importFunctions<AggregatorFunctions>('udaf', functions.module, functions.loader, 'reduce');
  if (merges && typeof found.merge !== 'function') throw missingExport('udaf', functions.module, 'merge');
  return found;
}
