// The configurations that the engine itself reads, typed, read once when a query starts.
import { type Conf, confBoolean, confBytes, confChoice, confDurationMs, confInt } from './conf-values.js';
import type { WatermarkPolicy } from './watermark.js';

/** See schema/config.toml for each. */
export interface QuerySettings {
  readonly timeZone: string;
  readonly binaryOutputStyle: string;
  readonly watermarkPolicy: WatermarkPolicy;
  readonly noDataBatchesEnabled: boolean;
  readonly progressUpdatesMax: number;
  readonly minBatchesToRetain: number;
  /** How often, at most, listeners are told that there was no data. */
  readonly idleEventIntervalMs: number;
  /** 0: stop() waits as long as the running batch takes. */
  readonly stopTimeoutMs: number;
  /** 0: one per available core. */
  readonly workers: number;
  readonly inlineBytesMax: number;
}

/** Throws CONFIG_INVALID, CONFIG_UNKNOWN. */
export function readSettings(conf: Conf): QuerySettings {
  return {
    timeZone: conf['spark.sql.session.timeZone'] ?? 'UTC',
    binaryOutputStyle: conf['spark.sql.binaryOutputStyle'] ?? 'HEX_DISCRETE',
    watermarkPolicy: confChoice(conf, 'spark.sql.streaming.multipleWatermarkPolicy', ['min', 'max']),
    noDataBatchesEnabled: confBoolean(conf, 'spark.sql.streaming.noDataMicroBatches.enabled'),
    progressUpdatesMax: confInt(conf, 'spark.sql.streaming.numRecentProgressUpdates'),
    minBatchesToRetain: confInt(conf, 'spark.sql.streaming.minBatchesToRetain'),
    idleEventIntervalMs: confDurationMs(conf, 'spark.sql.streaming.noDataProgressEventInterval'),
    stopTimeoutMs: confDurationMs(conf, 'spark.sql.streaming.stopTimeout'),
    workers: confInt(conf, 'millrace.workers'),
    inlineBytesMax: confBytes(conf, 'millrace.inlineBytesMax'),
  };
}
