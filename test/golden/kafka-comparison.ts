// What a Kafka vector recorded against what came out here: rows, offsets, tasks and errors.
import { createHash } from 'node:crypto';
import type { ResultBatch } from 'millrace';

type Json = any;

/** Longer values stand as length and digest in the vectors. */
const WHOLE_BYTES_MAX = 2048;
/** Recorded as "NOW" and not as the time that a record was given. */
const NOW_WINDOW_MICROS = 15n * 60n * 1_000_000n;

/** What millrace calls errors for which Spark has a Java class and no condition. */
const CODES_BY_CLASS: Readonly<Record<string, readonly string[]>> = {
  IllegalArgumentException: ['OPTION_INVALID', 'KAFKA_RECORD_INVALID'],
  NumberFormatException: ['OPTION_INVALID'],
  NoSuchElementException: ['OPTION_INVALID'],
  ConfigException: ['OPTION_INVALID'],
  AssertionError: ['OPTION_INVALID'],
  UnknownTopicOrPartitionException: ['KAFKA_TOPIC_NOT_FOUND'],
  TimeoutException: ['KAFKA_WRITE_FAILED', 'KAFKA_FETCH_FAILED'],
  RecordTooLargeException: ['KAFKA_RECORD_INVALID'],
  NullPointerException: ['KAFKA_RECORD_INVALID'],
};

/** Bytes as the vectors write them. */
export function bytesValue(bytes: Uint8Array | null): Json {
  if (bytes === null) return null;
  if (bytes.length <= WHOLE_BYTES_MAX) return Buffer.from(bytes).toString('base64');
  return { length: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** The rows of the Kafka source as the vectors write them, by topic, partition and offset. */
export function kafkaRows(batch: ResultBatch<any>): Json[] {
  const hasHeaders = batch.columnNames.includes('headers');
  const column = (name: string): Json => batch.column(name);
  const rows = Array.from({ length: batch.numRows }, (_, row) => ({
    key: bytesValue(column('key').get(row)),
    value: bytesValue(column('value').get(row)),
    topic: column('topic').get(row),
    partition: column('partition').get(row),
    offset: Number(column('offset').get(row)),
    timestamp: column('timestamp').values[row] as bigint,
    timestampType: column('timestampType').get(row),
    ...(hasHeaders && { headers: headersValue(column('headers').get(row)) }),
  }));
  return rows.sort((left, right) => compare(left.topic, right.topic) || left.partition - right.partition || left.offset - right.offset);
}

/** Any batch's rows as arrays of plain values. */
export function plainRows(batch: ResultBatch<any>): Json[][] {
  const columns = batch.columnNames.map((_, position) => batch.columnAt(position));
  return Array.from({ length: batch.numRows }, (_, row) =>
    columns.map((column) => {
      const value: Json = column.get(row);
      return typeof value === 'bigint' ? Number(value) : value instanceof Uint8Array ? bytesValue(value) : value;
    }),
  );
}

function headersValue(headers: Json): Json {
  return headers?.map(({ key, value }: Json) => [key, bytesValue(value)]) ?? null;
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Compares rows one by one; a "NOW" stands for any time of the last minutes. */
export function compareRows(place: string, expected: readonly Json[], got: readonly Json[], differences: string[]): void {
  if (expected.length !== got.length) differences.push(`${place}: ${expected.length} rows expected, got ${got.length}`);
  for (const [index, wanted] of expected.entries()) {
    const row = got[index];
    if (row === undefined) return;
    const isNow = wanted.timestamp === 'NOW' && isRecent(row.timestamp);
    const text = jsonText({ ...row, ...(isNow && { timestamp: 'NOW' }) });
    if (jsonText(wanted) !== text) {
      differences.push(`${place}: row ${index} expected ${jsonText(wanted)}, got ${text}`);
      return;
    }
  }
}

function isRecent(micros: bigint): boolean {
  const age = BigInt(Date.now()) * 1000n - micros;
  return age > -NOW_WINDOW_MICROS && age < NOW_WINDOW_MICROS;
}

/** JSON with keys in order, so that equal values have equal texts. */
export function jsonText(value: Json): string {
  return JSON.stringify(value, (_, part) => {
    if (typeof part === 'bigint') return Number(part);
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).sort(([left], [right]) => compare(left, right)));
  });
}

/** Adds a difference where two values are not the same JSON. */
export function compareJson(place: string, expected: Json, got: Json, differences: string[]): void {
  if (jsonText(expected ?? null) !== jsonText(got ?? null))
    differences.push(`${place}: ${jsonText(expected ?? null)} expected, got ${jsonText(got ?? null)}`);
}

/** Compares an error's class and message with the recorded one's; `place` is where it came: `load`, `start`, `run` or `save`. */
export function compareKafkaError(expected: Json, error: unknown, place: string, differences: string[]): void {
  const { code, message } = error as { code?: string; message: string };
  if (expected === undefined) {
    differences.push(`unexpected error at ${place}: ${String(message).slice(0, 400)}`);
    return;
  }
  // An error of the call that caused it is better than Spark's error of a later one; a later one is not.
  if (expected.at === 'load' && place !== 'load') differences.push(`the error is due at load, came at ${place}`);
  const { classes, javaClass, text } = whatFailed(expected);
  const codes = classes.length > 0 ? classes : (CODES_BY_CLASS[javaClass] ?? []);
  if (!codes.includes(code as string)) differences.push(`error ${codes.join(' or ') || javaClass} expected, got ${code}: ${message}`);
  if (text !== null && !plainText(message).includes(plainText(text).replace(/\.$/, '')))
    differences.push(`message ${JSON.stringify(plainText(text))} expected, got ${JSON.stringify(plainText(message))}`);
}

/** The error itself, out of what a job or a query wraps around it. */
function whatFailed(expected: Json): { classes: string[]; javaClass: string; text: string | null } {
  const chain = [{ class: expected.javaClass, message: expected.message, errorClass: expected.errorClass }, ...(expected.causes ?? [])];
  const classes = chain.map((link) => link.errorClass).filter((name) => name !== undefined && name !== 'STREAM_FAILED');
  const isWrapper = ({ class: name, message }: Json): boolean =>
    /\.(StreamingQuery|Execution)Exception$/.test(name) || String(message).startsWith('Job aborted due to stage failure');
  const inner = chain.find((link) => !isWrapper(link)) ?? chain[0];
  // A query's error may have lost the message's end on its way down the chain; the wrapper has all of it.
  const text = classes.length > 0 ? (expected.messageParameters?.message ?? inner.message) : inner.message;
  return { classes, javaClass: inner.class.split('.').at(-1), text };
}

/** A message without its class and state, and without what differs from run to run: generated ids, and the order of Scala's sets. */
function plainText(message: string): string {
  return message
    .replace(/^\[[\w.]+\] /, '')
    .replace(/ SQLSTATE: \w{5}$/, '')
    .replace(/\s*with consumer group \S+/g, '')
    .replace(/Set\(([^)]*)\)/g, (_, names: string) => `Set(${names.split(', ').sort().join(', ')})`)
    .replace(/\s+/g, ' ')
    .trim();
}
