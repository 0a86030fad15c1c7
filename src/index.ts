// millrace: Structured Streaming for Node.js. The public names, and nothing else.
export { DataFrameReader } from './api/batch-reader.js';
export { DataFrameWriter } from './api/batch-writer.js';
export { Column, WhenColumn } from './api/column.js';
export { ColumnBatch } from './api/column-batch.js';
export { DataFrame } from './api/data-frame.js';
export type { DataSource, DataSourceOptions } from './api/data-source.js';
export * from './api/functions.js';
export { GroupedData } from './api/grouped-data.js';
export { KeyValueGroupedDataset } from './api/key-value-grouped-dataset.js';
export { MemoryStream } from './api/memory-stream.js';
export type { OptionValue } from './api/options.js';
export { PivotedData } from './api/pivoted-data.js';
export { DataStreamReader, type KafkaHeader, type KafkaRow, type RateRow, type SocketRow, type TextRow } from './api/reader.js';
export { Window, WindowSpec } from './api/row-window.js';
export { type Configurations, type ConfigurationValue, RuntimeConfig } from './api/runtime-config.js';
export { type RowOf, Schema, schema } from './api/schema.js';
export { type DataFrameRow, Session, type SessionOptions } from './api/session.js';
export { StreamingQuery } from './api/streaming-query.js';
export { StreamingQueryManager } from './api/streaming-query-manager.js';
export type { Aggregator, AggregatorCalls, AggregatorOfModule } from './api/types/aggregator-types.js';
export type { ColumnOrName, Operand } from './api/types/column-types.js';
export type { Ddl, TypeOf } from './api/types/ddl-types.js';
export type { JoinType } from './api/types/join-types.js';
export type { InputRow, Refs } from './api/types/row-types.js';
export type {
  GroupState,
  KeyRows,
  ListState,
  MapState,
  ProcessorContext,
  ProcessorFunctions,
  ProcessorModule,
  StatefulProcessor,
  StateTimers,
  StateVariable,
  ValueState,
} from './api/types/state-types.js';
export type { AnyNumber, Decimal, Double } from './api/types/value-types.js';
export { udaf } from './api/udaf.js';
export type { UDFRegistration } from './api/udf-registration.js';
export { type AggregateSpec, WindowAggregator, type WindowAggregatorOptions, type WindowAggregatorRow } from './api/window-aggregator.js';
export { type BadRecord, type BatchFunction, DataStreamWriter, type LateRow } from './api/writer.js';
export type { CalendarInterval } from './batch/calendar-interval.js';
export type { ColumnInput } from './batch/encode-columns.js';
export type { ConfigurationName } from './engine/config.generated.js';
export type { StateRequest } from './engine/live-state.js';
export type { EventTimeProgress, RowCounts, SourceProgress, StateOperatorProgress, StreamingQueryProgress } from './engine/progress.js';
export type { Trigger } from './engine/query-definition.js';
export type {
  QueryIdleEvent,
  QueryProgressEvent,
  QueryStartedEvent,
  QueryTerminatedEvent,
  StreamingQueryListener,
} from './engine/query-events.js';
export type { StreamingQueryStatus } from './engine/query-status.js';
export type { ErrorCode } from './error/codes.generated.js';
export { MillraceError } from './error/millrace-error.js';
export type { ArrayType, DataType, MapType, StructField, StructType } from './plan/data-type.js';
export type { LiteralValue } from './plan/literal.js';
export type { ColumnVector } from './result/column-vector.js';
export { ResultBatch } from './result/result-batch.js';
export type { SaveMode } from './sink/file-folder.js';
export type { ForeachWriter } from './sink/foreach.js';
export type { DataSourceStreamWriter } from './sink/program-sink.js';
export type { OutputMode, SinkQuery } from './sink/sink.js';
export type { DataSourceStreamReader } from './source/program-source.js';
export type { Offset } from './source/source.js';
