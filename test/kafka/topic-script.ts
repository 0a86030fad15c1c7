// Plays steps of topic scripts (create, produce, transactions, compaction ...) through TopicScript.java, which uses Kafka's own clients.
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { KafkaBroker } from './broker.ts';
import { testKafkaFile } from './broker-classpath.ts';

type Json = any;

/** One running player; steps are done in order. */
export class TopicScript {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;

  constructor(broker: KafkaBroker) {
    this.#child = broker.java([testKafkaFile('TopicScript.java'), broker.bootstrapServers], '128m');
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    // What the clients log is of interest only where a step fails, and then the answer says so.
    this.#child.stderr.resume();
  }

  /** Does one step; resolves to its answer. */
  async run(step: Json): Promise<Json> {
    this.#child.stdin.write(`${JSON.stringify(step)}\n`);
    const { value, done } = await this.#answers.next();
    if (done === true) throw new Error(`TopicScript ended at ${step.op}`);
    const answer = JSON.parse(value);
    if (answer.error !== undefined) throw new Error(`step ${step.op} of the setup failed: ${answer.error}`);
    return answer;
  }

  /** Ends the player. */
  async close(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.stdin.end();
    await gone;
  }
}
