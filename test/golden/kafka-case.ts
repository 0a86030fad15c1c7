// One vector of golden/kafka against a real broker: its topic script is played, then the product reads or writes and is compared with Spark.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Session } from 'millrace';
import { KafkaBroker } from '../kafka/broker.ts';
import { TopicScript } from '../kafka/topic-script.ts';
import { compareJson, compareKafkaError, compareRows, kafkaRows, plainRows } from './kafka-comparison.ts';
import { type KafkaStage, playSteps } from './kafka-script.ts';
import { runSinkCase, runSinkStreamCase } from './kafka-sink-case.ts';
import { runStreamCase } from './kafka-stream-case.ts';
import { watchTasks } from './kafka-tasks.ts';

type Json = any;

/** One broker for all cases of a run, started with the first. */
export class KafkaConformance {
  readonly #directory: string;
  #broker: KafkaBroker | null = null;
  #script: TopicScript | null = null;
  /** Cases whose topics are there. */
  readonly #played = new Set<string>();
  #setups: ReadonlyMap<string, Json[]> | null = null;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Plays a case; tells what differs from Spark. */
  async run(golden: Json): Promise<string[]> {
    this.#broker ??= await KafkaBroker.start({ properties: { 'log.cleaner.backoff.ms': '200' } });
    this.#script ??= new TopicScript(this.#broker);
    const stage = { bootstrapServers: this.#broker.bootstrapServers, script: this.#script };
    const borrowed: string | undefined = golden.setupOf;
    if (borrowed !== undefined && !this.#played.has(borrowed)) await playSteps(stage, this.#setupsById().get(borrowed) ?? []);
    if (borrowed !== undefined) this.#played.add(borrowed);
    try {
      await playSteps(stage, golden.setup ?? []);
      this.#played.add(golden.id);
      return await runKind(golden, stage);
    } finally {
      await stage.script.run({ op: 'endCase' });
    }
  }

  async close(): Promise<void> {
    await this.#script?.close();
    await this.#broker?.stop();
  }

  /** The topic scripts of all cases, for cases that read another's topics. */
  #setupsById(): ReadonlyMap<string, Json[]> {
    if (this.#setups !== null) return this.#setups;
    const files = readdirSync(this.#directory).filter((name) => name.endsWith('.jsonl'));
    const lines = files.flatMap((name) => readFileSync(join(this.#directory, name), 'utf8').split('\n').filter(Boolean));
    this.#setups = new Map(lines.map((line) => JSON.parse(line)).map(({ id, setup }) => [id, setup ?? []]));
    return this.#setups;
  }
}

/** A case's options as the API takes them: objects as compact JSON. */
export function optionsOf(options: Json, { bootstrapServers }: KafkaStage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(options ?? {}).map(([name, value]) => {
      const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
      return [name, text.replaceAll('<BOOTSTRAP>', bootstrapServers)];
    }),
  );
}

/** The DataFrame of a reader, with the case's projection. */
export function projected(frame: Json, select: string[] | undefined): Json {
  return select === undefined ? frame : frame.selectExpr(...select);
}

function runKind(golden: Json, stage: KafkaStage): Promise<string[]> {
  switch (golden.kind) {
    case 'batch':
      return runBatchCase(golden, stage);
    case 'stream':
      return runStreamCase(golden, stage);
    case 'sink':
      return runSinkCase(golden, stage);
    case 'sinkstream':
      return runSinkStreamCase(golden, stage);
    default:
      throw new Error(`no kind ${golden.kind}`);
  }
}

async function runBatchCase(golden: Json, stage: KafkaStage): Promise<string[]> {
  const differences: string[] = [];
  let place = 'load';
  try {
    const frame: Json = Session.create().read.format('kafka').options(optionsOf(golden.options, stage)).load();
    const tasks = watchTasks(frame);
    if (golden.schema !== undefined) compareJson('schema', golden.schema, schemaText(frame), differences);
    place = 'run';
    const batch = await projected(frame, golden.select).toResultBatch();
    if (golden.error !== undefined) differences.push(`expected the error ${golden.error.message}, got none`);
    else if (golden.selected !== undefined) compareJson('rows', golden.selected, plainRows(batch), differences);
    else compareRows('rows', golden.rows, kafkaRows(batch), differences);
    if (golden.tasks !== undefined) compareTasks('tasks', golden.tasks, tasks[0], differences);
  } catch (error) {
    compareKafkaError(golden.error, error, place, differences);
  }
  return differences;
}

/** Tasks are compared as a set. */
export function compareTasks(place: string, expected: Json[], got: Json[] | undefined, differences: string[]): void {
  const texts = (tasks: Json[]): string[] => tasks.map((task) => JSON.stringify(task)).sort();
  compareJson(place, texts(expected), texts(got ?? []), differences);
}

function schemaText(frame: Json): string {
  const typeText = (type: Json): string => {
    if (type.type === 'struct') return `struct<${type.fields.map((field: Json) => `${field.name}:${typeText(field.type)}`).join(',')}>`;
    if (type.type === 'array') return `array<${typeText(type.elementType)}>`;
    return { long: 'bigint', integer: 'int' }[type as string] ?? type;
  };
  return typeText(frame.schema);
}
