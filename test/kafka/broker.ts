// Starts a real Apache Kafka broker (KRaft, one node) on loopback for a test, and makes sure that it is gone afterwards.
import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { brokerClasspath } from './broker-classpath.ts';

/** How the broker is set up. */
export interface BrokerOptions {
  /** Whether a producer's or consumer's first use of a topic makes it. Off unless asked for, as in production. */
  readonly autoCreateTopics?: boolean;
  /** Further lines of server.properties. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Is told the broker's own port and gives the one at which clients shall reach it: a proxy's. */
  readonly advertise?: (port: number) => number;
  /** Joins the cluster of this broker, as node 2, instead of being one of its own. */
  readonly joins?: KafkaBroker;
}

const START_DEADLINE_MS = 90_000;
const STOP_DEADLINE_MS = 30_000;
const POLL_MS = 50;

// Runs the command given as arguments and ends it when this shell is told to stop or when the pipe to the test closes, so that
// even a test killed with SIGKILL leaves no broker behind. The shell reaps the child: its own exit says that the broker is gone.
const GUARD = `
exec 3<&0
"$@" 3<&- </dev/null &
child=$!
trap 'kill -TERM $child 2>/dev/null' TERM
(cat <&3 >/dev/null; kill -KILL $child 2>/dev/null) &
wait $child
while kill -0 $child 2>/dev/null; do wait $child; done
`;

/** One broker with its ports and its data; both stay the same over a restart. */
export class KafkaBroker {
  readonly bootstrapServers: string;
  private readonly controllerPort: number;
  private readonly clusterId: string;
  private readonly numBrokers: number;
  private readonly folder: string;
  private readonly logPath: string;
  private readonly classpath: string;
  private process: ChildProcess | null = null;
  private readonly onExit = (): void => this.killNow();

  private constructor(folder: string, classpath: string, port: number, controllerPort: number, options: BrokerOptions) {
    this.folder = folder;
    this.classpath = classpath;
    this.logPath = join(folder, 'broker.log');
    this.bootstrapServers = `127.0.0.1:${port}`;
    const { joins } = options;
    this.controllerPort = joins?.controllerPort ?? controllerPort;
    // One that begins with a dash would be an option of the tool.
    const drawn = Buffer.from(crypto.randomUUID().replaceAll('-', ''), 'hex').toString('base64url').replace(/^-/, 'A');
    this.clusterId = joins?.clusterId ?? drawn;
    this.numBrokers = joins === undefined ? 1 : 2;
    const properties: Record<string, string> = {
      'process.roles': joins === undefined ? 'broker,controller' : 'broker',
      'node.id': joins === undefined ? '1' : '2',
      'controller.quorum.voters': `1@127.0.0.1:${this.controllerPort}`,
      listeners: `PLAINTEXT://127.0.0.1:${port}${joins === undefined ? `,CONTROLLER://127.0.0.1:${controllerPort}` : ''}`,
      'advertised.listeners': `PLAINTEXT://127.0.0.1:${options.advertise?.(port) ?? port}`,
      'controller.listener.names': 'CONTROLLER',
      'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
      'log.dirs': join(folder, 'logs'),
      'auto.create.topics.enable': String(options.autoCreateTopics ?? false),
      'offsets.topic.num.partitions': '1',
      'offsets.topic.replication.factor': '1',
      'transaction.state.log.num.partitions': '1',
      'transaction.state.log.replication.factor': '1',
      'transaction.state.log.min.isr': '1',
      'group.initial.rebalance.delay.ms': '0',
      // A crashed broker may register again only when its old session is over.
      'broker.session.timeout.ms': '2000',
      'broker.heartbeat.interval.ms': '500',
      'num.network.threads': '2',
      'num.io.threads': '2',
      'log.cleaner.dedupe.buffer.size': '8388608',
      'log.segment.delete.delay.ms': '1000',
      ...options.properties,
    };
    const lines = Object.entries(properties).map(([name, value]) => `${name}=${value}\n`);
    writeFileSync(this.propertiesPath, lines.join(''));
  }

  private get propertiesPath(): string {
    return join(this.folder, 'server.properties');
  }

  /** Starts a broker with empty data; resolves when it answers. */
  static async start(options: BrokerOptions = {}): Promise<KafkaBroker> {
    const classpath = await brokerClasspath();
    const [port, controllerPort] = await freePorts(2);
    const folder = mkdtempSync(join(tmpdir(), 'millrace-kafka-'));
    const broker = new KafkaBroker(folder, classpath, port as number, controllerPort as number, options);
    process.on('exit', broker.onExit);
    try {
      await broker.format();
      await broker.run();
    } catch (error) {
      await broker.stop();
      throw error;
    }
    return broker;
  }

  /** Stops the broker and removes its data. Safe to call twice. */
  async stop(): Promise<void> {
    await this.halt('SIGTERM');
    process.off('exit', this.onExit);
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Stops the broker but keeps ports and data. `SIGKILL` is a crash, `SIGTERM` an orderly shutdown. */
  async halt(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const guard = this.process;
    this.process = null;
    if (guard === null || guard.exitCode !== null || guard.signalCode !== null) return;
    const gone = once(guard, 'exit');
    if (signal === 'SIGTERM') guard.kill('SIGTERM');
    else killGroup(guard);
    const late = setTimeout(() => killGroup(guard), STOP_DEADLINE_MS);
    await gone;
    clearTimeout(late);
    // Whoever of the group is left (the watcher's cat) goes now.
    killGroup(guard);
  }

  /** Starts a halted broker again, on the same ports and data. */
  async resume(): Promise<void> {
    await this.run();
  }

  /** Stops and starts the broker, on the same ports and data. */
  async restart(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    await this.halt(signal);
    await this.resume();
  }

  /** A kafkajs client for this broker, silent unless something is wrong. */
  client(clientId = 'millrace-test'): Kafka {
    return new Kafka({ clientId, brokers: [this.bootstrapServers], logLevel: logLevel.NOTHING });
  }

  /** Makes a topic and waits until every partition has a leader. */
  async createTopic(topic: string, numPartitions = 1, configs: Readonly<Record<string, string>> = {}): Promise<void> {
    const admin = this.client().admin();
    await admin.connect();
    try {
      const configEntries = Object.entries(configs).map(([name, value]) => ({ name, value }));
      await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions, replicationFactor: 1, configEntries }] });
    } finally {
      await admin.disconnect();
    }
  }

  /** kafka-console-producer of the broker's own distribution; it sends every line written to its stdin. */
  consoleProducer(topic: string): ConsoleProducer {
    const args = ['--bootstrap-server', this.bootstrapServers, '--topic', topic, '--timeout', '5'];
    return new ConsoleProducer(this.java(['org.apache.kafka.tools.ConsoleProducer', ...args], '128m'));
  }

  /** A Java program on the broker's class path; it is gone when the test is. */
  java(args: readonly string[], heap: string): ChildProcessWithoutNullStreams {
    const child = spawn('java', [...this.javaOptions(heap), ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
    const kill = (): void => void child.kill('SIGKILL');
    process.on('exit', kill);
    child.on('exit', () => process.off('exit', kill));
    // A program that ends early closes the pipe; whoever waits for it sees how it ended.
    child.stdin.on('error', () => {});
    return child;
  }

  /** The end of the broker's log, for messages of failed tests. */
  logTail(): string {
    try {
      return readFileSync(this.logPath, 'utf8').slice(-4000);
    } catch {
      return '';
    }
  }

  private javaOptions(heap: string): string[] {
    return [
      `-Xmx${heap}`,
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
      '-cp',
      this.classpath,
    ];
  }

  private async format(): Promise<void> {
    const log = openSync(join(this.folder, 'format.log'), 'w');
    const args = [...this.javaOptions('128m'), 'kafka.tools.StorageTool', 'format', '-t', this.clusterId, '-c', this.propertiesPath];
    const child = spawn('java', args, { stdio: ['ignore', log, log] });
    const [code] = (await once(child, 'exit')) as [number | null];
    closeSync(log);
    if (code !== 0) throw new Error(`StorageTool failed (${code}): ${readFileSync(join(this.folder, 'format.log'), 'utf8')}`);
  }

  private async run(): Promise<void> {
    const log = openSync(this.logPath, 'a');
    const command = ['java', '-Xms256m', ...this.javaOptions('512m'), 'kafka.Kafka', this.propertiesPath];
    // A group of its own, so that Ctrl-C at the terminal reaches the test, which then stops the broker in order.
    const guard = spawn('sh', ['-c', GUARD, 'sh', ...command], { stdio: ['pipe', log, log], detached: true });
    closeSync(log);
    this.process = guard;
    await this.answering(guard);
  }

  private async answering(guard: ChildProcess): Promise<void> {
    const deadline = Date.now() + START_DEADLINE_MS;
    const kafka = new Kafka({
      brokers: [this.bootstrapServers],
      logLevel: logLevel.NOTHING,
      connectionTimeout: 1000,
      retry: { retries: 0 },
    });
    for (;;) {
      if (guard.exitCode !== null) throw new Error(`The broker ended with ${guard.exitCode}:\n${this.logTail()}`);
      if (Date.now() > deadline) throw new Error(`The broker does not answer:\n${this.logTail()}`);
      const admin = kafka.admin();
      try {
        await admin.connect();
        const { brokers, controller } = await admin.describeCluster();
        if (brokers.length >= this.numBrokers && controller !== null) return;
      } catch {
        // Not up yet.
      } finally {
        await admin.disconnect().catch(() => {});
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  private killNow(): void {
    if (this.process !== null) killGroup(this.process);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A running console producer. */
export class ConsoleProducer {
  private readonly child: ChildProcessWithoutNullStreams;
  private output = '';

  constructor(child: ChildProcessWithoutNullStreams) {
    this.child = child;
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
  }

  /** Sends one record. */
  send(line: string): void {
    this.child.stdin.write(`${line}\n`);
  }

  /** Ends the input and waits until everything is sent. */
  async close(): Promise<void> {
    const gone = this.child.exitCode === null ? once(this.child, 'exit') : Promise.resolve();
    this.child.stdin.end();
    await gone;
    if (this.child.exitCode !== 0) throw new Error(`ConsoleProducer ended with ${this.child.exitCode}: ${this.output}`);
  }

  /** Ends it at once. */
  kill(): void {
    this.child.kill('SIGKILL');
  }
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Nobody of the group is left.
  }
}

/** Ports that nobody listens on; all are held until all are known, so that they differ. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports: number[] = [];
  for (const server of servers) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ports.push((server.address() as { port: number }).port);
  }
  for (const server of servers) {
    server.close();
    await once(server, 'close');
  }
  return ports;
}
