// One vector of the Kafka source's offset JSON: written in Spark's order, read with Spark's strictness.
import { Session } from 'millrace';
import { partitionKey, toOffsetJson } from '../../dist/source/kafka/offset-plan.js';
import { offsetJson } from '../../dist/source/offset.js';

type Json = any;

/** Writes or reads offsets; tells what differs from Spark. */
export async function runOffsetCase(golden: Json): Promise<string[]> {
  if (golden.error === undefined) {
    const offsets = new Map<string, bigint>(
      golden.offsets.map(([topic, partition, offset]: Json[]) => [partitionKey({ topic, partition }), BigInt(offset)]),
    );
    const written = offsetJson(toOffsetJson(offsets));
    if (golden.title.startsWith('read'))
      return written === golden.json && isAccepted(golden.json)
        ? []
        : [`expected to be read and written as ${golden.json}, got ${written}`];
    return written === golden.json ? [] : [`expected ${golden.json}, got ${written}`];
  }
  return isAccepted(golden.json) ? [`expected the error ${golden.error.message}, got none`] : [];
}

/** Whether a reader takes the text as `startingOffsets`; words such as `earliest` are no offset JSON. */
function isAccepted(json: string): boolean {
  if (!json.trimStart().startsWith('{')) return false;
  try {
    Session.create({ appName: 'offsets' })
      .readStream.format('kafka')
      .options({ 'kafka.bootstrap.servers': 'localhost:1', subscribe: 'trades', startingOffsets: json })
      .load();
    return true;
  } catch {
    return false;
  }
}
