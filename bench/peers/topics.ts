// The workloads' topics on a broker of their own: loaded once for a run of the benchmark, by Kafka's own producer.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { KafkaBroker } from '../../test/kafka/broker.ts';
import { brokerClasspath } from '../../test/kafka/broker-classpath.ts';
import { classesOf } from './installation.ts';
import type { PeerData } from './peer-data.ts';
import type { Size, Workload } from './workloads.ts';

const run = promisify(execFile);
const PARTITIONS = 4;

/** Topics of 4 partitions, keyed, with the record that moves the watermark once in each partition. */
export class Topics {
  readonly #loaded = new Set<string>();
  #broker: KafkaBroker | null = null;

  /** Where the broker answers. */
  get bootstrapServers(): string {
    return this.#broker?.bootstrapServers ?? '';
  }

  /** The topic with a size of a workload. */
  async topic(workload: Workload, size: Size, scale: number, data: PeerData): Promise<string> {
    this.#broker ??= await KafkaBroker.start({ properties: { 'log.retention.ms': '-1' } });
    const topic = `${workload.name}-${size}-x${scale}`;
    if (this.#loaded.has(topic)) return topic;
    console.error(`loading ${topic} …`);
    await this.#broker.createTopic(topic, PARTITIONS);
    const jars = await brokerClasspath();
    const classes = await classesOf('jobs/kafka/TopicLoader.java', jars.replace(/\/\*$/, ''));
    const folder = await data.input(workload, 'ndjson', size);
    const words = [this.#broker.bootstrapServers, topic, String(PARTITIONS), workload.topicKey ?? '', folder];
    await run('java', ['-Xmx1g', '-Dorg.slf4j.simpleLogger.defaultLogLevel=error', '-cp', `${classes}:${jars}`, 'TopicLoader', ...words]);
    this.#loaded.add(topic);
    return topic;
  }

  async stop(): Promise<void> {
    await this.#broker?.stop();
  }
}
