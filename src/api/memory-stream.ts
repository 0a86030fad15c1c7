// MemoryStream: a source of rows that the program itself adds. Spark counterpart: `MemoryStream`.
import { parseDdl } from '../engine/analyzer.js';
import type { StructType } from '../plan/data-type.js';
import { nextSourceNumber, readNode } from '../plan/relation.js';
import { MemorySource } from '../source/memory.js';
import type { Offset } from '../source/source.js';
import { describe, invalidArgument } from './argument.js';
import { DataFrame } from './data-frame.js';
import { Schema } from './schema.js';
import type { Session } from './session.js';
import type { InputRow } from './types/row-types.js';

/**
 * A stream in memory, for tests and for programs that feed themselves. Rows stay until all queries that run over it have committed them.
 *
 * ```ts
 * const trades = new MemoryStream(session, schema({ id: 'string', amount: 'int' }));
 * const query = await trades.toDF().writeStream.format('console').start();
 * trades.addData({ id: 'apple', amount: 10 });
 * await query.processAllAvailable();
 * ```
 */
export class MemoryStream<T> {
  /** The columns and their types, in Spark's JSON form. */
  readonly schema: StructType;
  readonly #dataFrame: DataFrame<T>;
  readonly #source: MemorySource;

  /** Throws PARSE_SYNTAX_ERROR or UNSUPPORTED_DATATYPE where the schema is not one, ARGUMENT_INVALID where it is not a `schema(...)`. */
  constructor(session: Session, schema: Schema<T>) {
    if (!(schema instanceof Schema)) throw invalidArgument('MemoryStream', `the schema must be a schema(...), got ${describe(schema)}`);
    const sourceNumber = nextSourceNumber();
    this.schema = parseDdl(schema.ddl);
    const source = new MemorySource(sourceNumber, this.schema);
    const plan = readNode({ source: sourceNumber, format: 'columns', schema: schema.ddl, options: {} });
    this.#source = source;
    this.#dataFrame = new DataFrame<T>(session, plan, new Map([[sourceNumber, () => source.forQuery()]]));
  }

  /** The stream as a DataFrame. */
  toDF(): DataFrame<T> {
    return this.#dataFrame;
  }

  /**
   * Adds rows, which one batch will read together, and returns the offset after them. Nullable columns may be left out. `long` takes
   * bigints and safe whole numbers, `timestamp` Dates. Throws VALUE_NOT_ENCODABLE naming column and row; then none of the rows is added.
   */
  addData(...rows: readonly InputRow<T>[]): Offset {
    return this.#source.addRows(rows as readonly object[]);
  }
}
