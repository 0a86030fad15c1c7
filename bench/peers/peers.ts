// Who is measured: how each is installed, what it can do, and the command that runs a workload on it.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { benchFile, classesOf, jarsOf, packagesOfNode, pythonWith } from './installation.ts';
import type { Command } from './measured-run.ts';
import type { FileForm } from './peer-data.ts';
import type { InputPath, Workload } from './workloads.ts';

/** One run that is wanted. */
export interface Task {
  readonly workload: Workload;
  readonly path: InputPath;
  /** The folder of the files, or the topic. */
  readonly input: string;
  readonly records: number;
  /** A file or folder that does not exist yet. */
  readonly result: string;
  /** A folder for what the program leaves behind. */
  readonly scratch: string;
}

/** A program that does the workloads. */
export interface Peer {
  readonly name: string;
  readonly can: (workload: Workload, path: InputPath) => boolean;
  /** Installs what is missing; what it returns makes the command of a task. */
  readonly install: (path: InputPath) => Promise<(task: Task) => Command>;
  /** The longest data that it gets: more would only take longer. */
  readonly scaleMax?: number;
  /** It emits rows as they change: the last one of a window and key counts. */
  readonly emitsUpdates?: boolean;
  /** The form of the files, where it is not the usual one. */
  readonly form?: (path: InputPath) => FileForm;
}

const MILLRACE = fileURLToPath(new URL('../../dist/cli/millrace.js', import.meta.url));
const JVM = ['-Xmx3g', '-Dorg.slf4j.simpleLogger.defaultLogLevel=error'];
const JAVA_OPENS = ['util', 'lang', 'time'].map((name) => `--add-opens=java.base/java.${name}=ALL-UNNAMED`);

const isText = (workload: Workload) => workload.data === 'W1' || workload.data === 'W2';

/** Whether it has more than one stateful operator, one behind the other. */
const isChained = ({ name }: Workload) => name === 'W3-q5' || name === 'W3-q8';

/** Batch engines: they read all there is and end. Sessions are written in DuckDB's SQL alone. */
function batchEngine(name: string, packages: readonly string[]): Peer {
  return {
    name,
    can: (workload, path) => path !== 'kafka' && (name === 'duckdb' || workload.name !== 'W3-q11'),
    install: async () => {
      const python = await pythonWith(name, packages);
      return ({ workload, path, input, result }) => ({
        program: python,
        words: [benchFile('jobs/batch.py'), name, workload.name, path, input, result],
      });
    },
  };
}

/** Bytewax and Pathway: W1 and W2, from files and topics. */
function pythonStream(name: string, packages: readonly string[]): Peer {
  return {
    name,
    can: (workload, path) => isText(workload) && path !== 'parquet',
    install: async () => {
      const python = await pythonWith(name, packages);
      return ({ workload, path, input, result }) => ({
        program: python,
        words: [benchFile(`jobs/${name}_job.py`), workload.name, path, input, result],
      });
    },
    scaleMax: 1,
  };
}

export const PEERS: readonly Peer[] = [
  {
    name: 'millrace',
    can: () => true,
    install: async () => {
      const job = benchFile('jobs/millrace.ts');
      return ({ workload, path, input, result }) => ({
        program: process.execPath,
        words: [MILLRACE, 'run', job, '--', workload.name, path, input, result],
      });
    },
  },
  {
    name: 'node',
    can: (workload, path) => path === 'file' && isText(workload),
    install: async () => runsNode('file', ''),
    scaleMax: 2,
  },
  batchEngine('duckdb', ['duckdb==2.0.0']),
  batchEngine('polars', ['polars==2.1.0']),
  batchEngine('datafusion', ['datafusion==55.0.0', 'pyarrow']),
  batchEngine('chdb', ['chdb==4.4.0']),
  {
    name: 'sail',
    can: (workload, path) => path === 'file' && isText(workload),
    install: async () => {
      // It refuses newer clients.
      const python = await pythonWith('sail', ['pysail==0.7.2', 'pyspark[connect]==4.1.1']);
      return ({ workload, input, result }) => ({ program: python, words: [benchFile('jobs/sail_job.py'), workload.name, input, result] });
    },
  },
  {
    name: 'spark',
    can: () => true,
    install: async (way) => {
      const python = await pythonWith('spark', ['pyspark==4.3.0']);
      const jars = way === 'kafka' ? await jarsOf('jobs/spark/pom.xml') : '';
      return ({ workload, path, input, result, scratch }) => ({
        program: python,
        words: [benchFile('jobs/spark/job.py'), workload.name, path, input, result, path === 'kafka' ? '500000' : '1'],
        environment: { SCRATCH: scratch, KAFKA_JARS: jars },
      });
    },
    scaleMax: 1,
  },
  {
    name: 'flink',
    can: (workload, path) => !isChained(workload) && (isText(workload) || path !== 'kafka'),
    install: async () => {
      const jars = await jarsOf('jobs/flink/pom.xml');
      const classes = await classesOf('jobs/flink/FlinkJob.java', jars);
      return ({ workload, path, input, result }) => ({
        program: 'java',
        words: [
          ...JVM,
          '-XX:+UseParallelGC',
          ...JAVA_OPENS,
          ...['-cp', `${classes}:${join(jars, '*')}`, 'FlinkJob'],
          workload.name,
          path,
          input,
          result,
        ],
      });
    },
    scaleMax: 5,
    form: (path) => (path === 'parquet' ? 'bin' : 'ndjson'),
  },
  {
    name: 'kstreams',
    can: (workload, path) => path === 'kafka' && isText(workload),
    install: async () => {
      const jars = await jarsOf('jobs/kafka/pom.xml');
      const classes = await classesOf('jobs/kafka/StreamsJob.java', jars);
      return ({ workload, input, records, result, scratch }) => ({
        program: 'java',
        words: [...JVM, '-cp', `${classes}:${join(jars, '*')}`, 'StreamsJob', workload.name, input, String(records), result],
        environment: { SCRATCH: scratch },
      });
    },
    scaleMax: 1,
    emitsUpdates: true,
  },
  {
    name: 'quix',
    can: (workload, path) => path === 'kafka' && isText(workload),
    install: async () => {
      const python = await pythonWith('quix', ['quixstreams==3.28.1', 'orjson']);
      return ({ workload, input, records, result, scratch }) => ({
        program: python,
        words: [benchFile('jobs/quix_job.py'), workload.name, input, String(records), result],
        environment: { SCRATCH: scratch },
      });
    },
    scaleMax: 0.05,
    emitsUpdates: true,
  },
  pythonStream('bytewax', ['bytewax==0.21.1', 'orjson', 'confluent-kafka']),
  pythonStream('pathway', ['pathway==0.33.0']),
  nodeClient('kafkajs', 'kafkajs@2.2.4'),
  nodeClient('platformatic', '@platformatic/kafka@2.12.1'),
];

/** A Kafka client of npm's under what is written without an engine. */
function nodeClient(name: string, specifier: string): Peer {
  return {
    name,
    can: (workload, path) => path === 'kafka' && isText(workload),
    install: async () => runsNode(name, await packagesOfNode(name, [specifier])),
    scaleMax: 1,
  };
}

/** What is written without an engine: JSON.parse and a Map. */
function runsNode(how: string, packages: string): (task: Task) => Command {
  return ({ workload, input, result }) => ({
    program: process.execPath,
    words: [benchFile('jobs/node.mjs'), workload.name, how, input, result],
    environment: { PACKAGES: packages },
  });
}
