// Plays the topic scripts of Kafka vectors so that every record lands where it landed for Spark.
import type { TopicScript } from '../kafka/topic-script.ts';

type Json = any;

/** Where a case is played. */
export interface KafkaStage {
  readonly bootstrapServers: string;
  readonly script: TopicScript;
}

/** Plays steps. */
export async function playSteps({ script }: KafkaStage, steps: readonly Json[]): Promise<void> {
  for (const step of inLogOrder(steps)) {
    const { at } = await script.run(step);
    // Where the script does not say the partition, the client's partitioner must have chosen as it did for Spark.
    if (step.at !== undefined && JSON.stringify(step.at) !== JSON.stringify(at))
      throw new Error(`records landed at ${JSON.stringify(at)}, not at ${JSON.stringify(step.at)}`);
  }
}

/**
 * The steps in the order of what they left in the log. A transaction's end is answered before its marker is written, so that records of
 * the next step may have overtaken it in the recording: then they are sent first.
 */
function inLogOrder(steps: readonly Json[]): Json[] {
  const ordered: Json[] = [];
  const nextOffsets = new Map<number, number>();
  for (const step of steps) {
    const before = ordered.at(-1);
    const [first] = step.op === 'produce' ? (step.at ?? []) : [];
    const overtakes = /^(commit|abort)Txn$/.test(before?.op) && first !== undefined && first[1] === nextOffsets.get(first[0]);
    if (overtakes) ordered.splice(-1, 0, step);
    else ordered.push(step);
    for (const [partition, offset] of step.at ?? []) nextOffsets.set(partition, offset + 1);
  }
  return ordered;
}
