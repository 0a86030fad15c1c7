// DataSource: sources and sinks that a program writes in TypeScript. Spark counterpart: PySpark's `DataSource`.
import type { StructType } from '../plan/data-type.js';
import type { DataSourceStreamWriter } from '../sink/program-sink.js';
import type { DataSourceStreamReader } from '../source/program-source.js';
import { describe, invalidArgument } from './argument.js';
import type { Schema } from './schema.js';

/** The options that the reader or writer was given, as text, by the names that were used. */
export type DataSourceOptions = Readonly<Record<string, string>>;

/**
 * A source, a sink, or both, of the program's own: `session.readStream.format(mySource).load()`, `df.writeStream.format(mySink).start()`.
 *
 * ```ts
 * const ticks: DataSource<{ n: number }> = {
 *   name: 'ticks',
 *   schema: 'n INT',
 *   streamReader: () => ({
 *     initialOffset: () => 0,
 *     latestOffset: (start) => Number(start) + 1,
 *     read: (_start, end) => [{ n: Number(end) }],
 *   }),
 * };
 * ```
 */
export interface DataSource<Row = Record<string, unknown>> {
  /** How progress reports and errors call it. */
  readonly name: string;
  /** The columns of a source, as DDL text or as a `schema(...)`; `readStream.schema(...)` may name others. */
  readonly schema?: string | Schema<Row>;
  /** Makes what a query reads from; called once for each start. */
  streamReader?(options: DataSourceOptions): DataSourceStreamReader<Row>;
  /** Makes what a query writes to; called once for each start. `schema` are the columns that will come. */
  streamWriter?(options: DataSourceOptions, schema: StructType): DataSourceStreamWriter<Row>;
}

/** The data source, where it has what is asked of it. Throws ARGUMENT_INVALID. */
export function dataSourceWith<M extends 'streamReader' | 'streamWriter'>(
  caller: string,
  given: unknown,
  method: M,
): DataSource<any> & Required<Pick<DataSource<any>, M>> {
  const source = given as DataSource<any> | null;
  if (typeof source !== 'object' || source === null || typeof source.name !== 'string') {
    throw invalidArgument(caller, `a format is a name, or an object with a name and ${method}(), not ${describe(given)}`);
  }
  if (typeof source[method] !== 'function') throw invalidArgument(caller, `the data source ${source.name} has no ${method}()`);
  return source as DataSource<any> & Required<Pick<DataSource<any>, M>>;
}
