// Everything that `writeStream.start()` hands to the engine: the plan as built, and how it shall run.
import type { Relation } from '../plan/nodes.generated.js';
import type { OutputMode, Sink } from '../sink/sink.js';
import type { BatchSource } from '../source/batch-source.js';
import type { Source } from '../source/source.js';
import type { Diversions } from './diversions.js';

/** When batches start. Triggers have no say in event time. */
export type Trigger = { readonly processingTime: string | number } | { readonly availableNow: true } | { readonly once: true };

/** A streaming query before it starts. */
export interface QueryDefinition {
  readonly name: string | null;
  readonly plan: Relation;
  /** Makes the source of reader number N; called once per start. */
  readonly sources: ReadonlyMap<number, () => Source>;
  /** Sources that end, by reader number: read again in every batch. */
  readonly statics?: ReadonlyMap<number, BatchSource>;
  readonly sink: Sink;
  /** Where records go that do not go on. Not Spark's; absent = nowhere. */
  readonly diversions?: Diversions;
  readonly outputMode: OutputMode;
  /** null: the default trigger, as soon as possible. */
  readonly trigger: Trigger | null;
  readonly checkpointLocation: string | null;
  /** Interval text: a source that is quiet for as long has its watermark moved by the clock. Not Spark's; absent = never. */
  readonly closeOnIdle?: string;
  /** All configurations, as text. */
  readonly conf: Readonly<Record<string, string>>;
}
