// Keys that a function of the program computes, row by row, before the rows are brought to the shards of their keys.
import { encodeColumn } from '../batch/encode-column.js';
import { type PhysicalField, physicalFieldsOf } from '../batch/physical-type.js';
import { writeTableSet } from '../batch/write-input-batch.js';
import { MillraceError } from '../error/millrace-error.js';
import { reasonOf } from '../error/reason-of.js';
import { native } from '../native/load.js';
import type { StructType } from '../plan/data-type.js';
import { openTableSet } from '../result/table-set.js';
import { keyToText } from './key-text.js';
import type { KeyFunction } from './program.js';
import { type RowViewMaker, rowViewClass } from './row-views.js';

const KEY_FIELD: PhysicalField = { name: 'key', nullable: false, typeName: 'string', type: { kind: 'string' } };

/** Computes the keys of the rows on one side of a stage: 0 is the input, 1 what state begins with. */
export class KeyComputer {
  readonly #fields: readonly PhysicalField[];
  readonly #makeView: RowViewMaker;
  readonly #keyOf: KeyFunction;
  readonly #side: 0 | 1;

  constructor(input: StructType, keyOf: KeyFunction, side: 0 | 1) {
    this.#side = side;
    this.#fields = physicalFieldsOf(input);
    this.#makeView = rowViewClass(this.#fields.map((field) => field.name));
    this.#keyOf = keyOf;
  }

  /** Computes the keys of a batch. Throws what the function threw, as KEY_FUNCTION_FAILED. */
  run(handle: number, batchId: number, stage: number): void {
    const [rows] = openTableSet(native.openRows(handle, batchId, stage, this.#side), [this.#fields]);
    if (rows === undefined) return;
    const keys = Array.from({ length: rows.numRows }, (_, index) => this.#keyText(new this.#makeView(rows.columns, index)));
    native.answerRows(
      handle,
      batchId,
      stage,
      this.#side,
      writeTableSet([{ numRows: keys.length, columns: [encodeColumn(KEY_FIELD, keys)] }]),
    );
  }

  #keyText(row: object): string {
    try {
      return keyToText(this.#keyOf(row));
    } catch (cause) {
      if (cause instanceof MillraceError) throw cause;
      throw new MillraceError('KEY_FUNCTION_FAILED', { parameters: { reason: reasonOf(cause) }, cause });
    }
  }
}
