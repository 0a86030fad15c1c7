// Walks the headers of the record batches in a record set: where batches begin and end and which offsets they span, never their records.
import { MillraceError } from '../../error/millrace-error.js';
import type { AbortedTransaction } from './fetch-response.js';

// Offsets of the fields of a v2 batch header.
const LENGTH_AT = 8;
const LENGTH_END = 12;
const MAGIC_AT = 16;
const ATTRIBUTES_AT = 21;
const LAST_OFFSET_DELTA_AT = 23;
const PRODUCER_ID_AT = 43;
const HEADER_BYTES = 61;

const ATTRIBUTE_TRANSACTIONAL = 0x10;
const ATTRIBUTE_CONTROL = 0x20;

/** The place of a partition's records, for errors. */
export interface RecordSetPlace {
  readonly topic: string;
  readonly partition: number;
}

/** What the whole batches at the front of a record set are. */
export interface RecordSetMeasure {
  /** Bytes of whole batches; what follows is a batch that the size limit of the fetch cut. */
  readonly wholeBytes: number;
  /** The offset after the last whole batch, -1 without one. */
  readonly nextOffset: number;
}

/** One batch as the walk sees it. */
type BatchVisitor = (start: number, end: number, firstOffset: number, lastOffset: number) => boolean | void;

/** Measures the whole batches. Throws KAFKA_BATCH_CORRUPT and KAFKA_BATCH_UNSUPPORTED. */
export function measureRecordSet(recordSet: Buffer, place: RecordSetPlace): RecordSetMeasure {
  let nextOffset = -1;
  const wholeBytes = walk(recordSet, place, (_start, _end, _firstOffset, lastOffset) => {
    nextOffset = lastOffset + 1;
  });
  return { wholeBytes, nextOffset };
}

/** Calls `take` for every batch that has offsets of `from`..`to` (`to` excluded), in order. */
export function forEachBatch(
  recordSet: Buffer,
  place: RecordSetPlace,
  from: number,
  to: number,
  take: (start: number, end: number) => void,
): void {
  walk(recordSet, place, (start, end, firstOffset, lastOffset) => {
    if (firstOffset >= to) return false;
    if (lastOffset >= from) take(start, end);
    return true;
  });
}

/**
 * The parts of the record set between the batches of aborted transactions: what read_committed sees. The list is good only for the response it
 * came with and must be followed from that response's first batch on, as the Java consumer does it; so it is applied at once.
 */
export function dropAborted(recordSet: Buffer, place: RecordSetPlace, aborted: readonly AbortedTransaction[]): Buffer[] {
  const waiting = [...aborted].sort((left, right) => left.firstOffset - right.firstOffset);
  const open = new Set<bigint>();
  const kept: Buffer[] = [];
  let keptFrom = 0;
  const keepTo = (end: number) => {
    if (end > keptFrom) kept.push(recordSet.subarray(keptFrom, end));
  };
  const whole = walk(recordSet, place, (start, end, _firstOffset, lastOffset) => {
    for (let next = waiting[0]; next !== undefined && next.firstOffset <= lastOffset; next = waiting[0]) {
      open.add(next.producerId);
      waiting.shift();
    }
    const attributes = recordSet.readInt16BE(start + ATTRIBUTES_AT);
    if ((attributes & ATTRIBUTE_TRANSACTIONAL) !== 0) {
      const producerId = recordSet.readBigInt64BE(start + PRODUCER_ID_AT);
      // The marker closes the transaction: what the producer writes after it is another one.
      if ((attributes & ATTRIBUTE_CONTROL) !== 0) open.delete(producerId);
      else if (open.has(producerId)) {
        keepTo(start);
        keptFrom = end;
      }
    }
  });
  keepTo(whole);
  return kept;
}

/** Visits whole batches until the visitor gives false; returns where it stopped. */
function walk(recordSet: Buffer, place: RecordSetPlace, visit: BatchVisitor): number {
  let start = 0;
  let offsetMin = 0;
  while (start + MAGIC_AT < recordSet.length) {
    const firstOffset = Number(recordSet.readBigInt64BE(start));
    const magic = recordSet.readInt8(start + MAGIC_AT);
    if (magic !== 2)
      throw refused(
        magic >= 0 && magic < 2 ? 'KAFKA_BATCH_UNSUPPORTED' : 'KAFKA_BATCH_CORRUPT',
        place,
        firstOffset,
        `its format is magic ${magic}, only 2 is read`,
      );
    const length = recordSet.readInt32BE(start + LENGTH_AT);
    if (length < HEADER_BYTES - LENGTH_END)
      throw refused('KAFKA_BATCH_CORRUPT', place, firstOffset, `the length ${length} is too short for a batch`);
    const end = start + LENGTH_END + length;
    if (end > recordSet.length) break;
    const lastOffset = firstOffset + recordSet.readInt32BE(start + LAST_OFFSET_DELTA_AT);
    // Progress hangs on these numbers, so they are checked here too and not only where the checksum is.
    if (firstOffset < offsetMin || lastOffset < firstOffset || !Number.isSafeInteger(lastOffset)) {
      throw refused(
        'KAFKA_BATCH_CORRUPT',
        place,
        firstOffset,
        `it spans the offsets ${firstOffset} to ${lastOffset} after ${offsetMin - 1}`,
      );
    }
    if (visit(start, end, firstOffset, lastOffset) === false) break;
    offsetMin = lastOffset + 1;
    start = end;
  }
  return start;
}

function refused(
  code: 'KAFKA_BATCH_CORRUPT' | 'KAFKA_BATCH_UNSUPPORTED',
  place: RecordSetPlace,
  offset: number,
  reason: string,
): MillraceError {
  const parameters = { topic: place.topic, partition: String(place.partition), offset: String(offset), reason };
  return new MillraceError(code, { parameters, context: { ...place, offset } });
}
