// Makes MillraceErrors out of what the Kafka client and the brokers report.
import { MillraceError } from '../../error/millrace-error.js';
import { reasonOf } from '../../error/reason-of.js';
import { partitionOf, partitionSet } from './offset-plan.js';

// The protocol's error codes that are acted on.
export const OFFSET_OUT_OF_RANGE = 1;
export const UNKNOWN_TOPIC_OR_PARTITION = 3;

// Leadership moves, a broker starts or stops: new metadata and another try help.
// 5 LEADER_NOT_AVAILABLE, 6 NOT_LEADER_OR_FOLLOWER, 7 REQUEST_TIMED_OUT, 8 BROKER_NOT_AVAILABLE, 9 REPLICA_NOT_AVAILABLE, 13 NETWORK_EXCEPTION,
// 56 KAFKA_STORAGE_ERROR, 74 FENCED_LEADER_EPOCH, 75 UNKNOWN_LEADER_EPOCH, 78 OFFSET_NOT_AVAILABLE, 100 UNKNOWN_TOPIC_ID
const RETRIABLE = new Set([UNKNOWN_TOPIC_OR_PARTITION, 5, 6, 7, 8, 9, 13, 56, 74, 75, 78, 100]);

/** Whether an error code of the protocol passes with new metadata and time. */
export function isRetriableCode(errorCode: number): boolean {
  return RETRIABLE.has(errorCode);
}

/** Whether trying again cannot help: the broker said no, or speaks another language. */
export function isFinal(error: unknown): boolean {
  if (error instanceof MillraceError) return !error.retryable;
  const { name, code } = error as { name?: unknown; code?: unknown };
  if (name === 'KafkaJSSASLAuthenticationError' || name === 'KafkaJSServerDoesNotSupportApiKey') return true;
  return typeof code === 'string' && /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_)/.test(code);
}

/** Whether nobody listens there, as opposed to somebody slow. */
export function isRefusal(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'EHOSTUNREACH';
}

/** KAFKA_UNREACHABLE with the last thing that went wrong. */
export function unreachable(servers: readonly string[], cause: unknown): MillraceError {
  if (cause instanceof MillraceError) return cause;
  const parameters = { servers: servers.join(','), reason: reasonOf(cause) };
  return new MillraceError('KAFKA_UNREACHABLE', { parameters, context: { servers: parameters.servers }, cause });
}

/** KAFKA_TOPIC_NOT_FOUND. */
export function topicNotFound(topic: string): MillraceError {
  return new MillraceError('KAFKA_TOPIC_NOT_FOUND', { parameters: { topic }, context: { topic } });
}

/** KAFKA_FETCH_FAILED for one partition. */
export function fetchFailed(key: string, reason: string, cause?: unknown): MillraceError {
  const { topic, partition } = partitionOf(key);
  return new MillraceError('KAFKA_FETCH_FAILED', {
    parameters: { topic, partition: String(partition), reason },
    context: { topic, partition },
    cause,
  });
}

/** Offsets of a range are gone (retention, deletion), or are not there yet. */
export function couldNotReadRange(key: string, startOffset: number | bigint, endOffset: number | bigint): MillraceError {
  const parameters = { topicPartition: key, startOffset: String(startOffset), endOffset: String(endOffset) };
  return dataLoss('COULD_NOT_READ_OFFSET_RANGE', parameters, { ...partitionOf(key), startOffset, endOffset });
}

/** The partition ends before the place that was reached: its topic was made anew, or its log was cut. */
export function offsetChanged(key: string, prevOffset: bigint, newOffset: bigint): MillraceError {
  const parameters = { topicPartition: key, prevOffset: String(prevOffset), newOffset: String(newOffset) };
  return dataLoss('PARTITION_OFFSET_CHANGED', parameters, { ...partitionOf(key), prevOffset, newOffset });
}

/** A partition that came up while the query ran has already lost its first records. */
export function newPartitionNotAtZero(key: string, startOffset: bigint): MillraceError {
  const parameters = { topicPartition: key, startOffset: String(startOffset) };
  return dataLoss('ADDED_PARTITION_DOES_NOT_START_FROM_OFFSET_ZERO', parameters, { ...partitionOf(key), startOffset });
}

/** New partitions that were gone before their first offset was known. */
export function initialOffsetsNotFound(keys: readonly string[]): MillraceError {
  const partitions = partitionSet(keys);
  return dataLoss('INITIAL_OFFSET_NOT_FOUND_FOR_PARTITIONS', { partitions }, { partitions });
}

/** Partitions of the start offset are not there any more, or are not subscribed to any more. */
export function partitionsDeleted(keys: readonly string[], hasGroupId: boolean): MillraceError {
  const partitions = partitionSet(keys);
  if (!hasGroupId) return dataLoss('PARTITIONS_DELETED', { partitions }, { partitions });
  const parameters = { partitions, groupIdConfig: 'kafka.group.id' };
  return dataLoss('PARTITIONS_DELETED_AND_GROUP_ID_CONFIG_PRESENT', parameters, { partitions });
}

type Loss =
  | 'COULD_NOT_READ_OFFSET_RANGE'
  | 'PARTITION_OFFSET_CHANGED'
  | 'ADDED_PARTITION_DOES_NOT_START_FROM_OFFSET_ZERO'
  | 'INITIAL_OFFSET_NOT_FOUND_FOR_PARTITIONS'
  | 'PARTITIONS_DELETED'
  | 'PARTITIONS_DELETED_AND_GROUP_ID_CONFIG_PRESENT';

function dataLoss(loss: Loss, parameters: Readonly<Record<string, string>>, context: Readonly<Record<string, unknown>>): MillraceError {
  return new MillraceError(`KAFKA_DATA_LOSS.${loss}`, { parameters, context });
}
