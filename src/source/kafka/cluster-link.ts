// Speaks to the brokers through kafkajs's connections: metadata, offsets and fetches, one call each, no retries of its own.
import { channel } from 'node:diagnostics_channel';
import { BrokerSocket } from './broker-socket.js';
import type { ClientSettings } from './client-settings.js';
import { FETCH_VERSION_MAX, FETCH_VERSION_MIN, type FetchedPartition, readFetchResponse } from './fetch-response.js';
import { type Broker, kafkajs, type LogEntry, type ProtocolRequest, quietIdleChecks, type RequestName } from './kafkajs-internals.js';
import type { TopicPartition } from './offset-plan.js';
import { type Received, ReceiveMemory } from './receive-memory.js';
import { type FetchResponses, takeResponse } from './response-frames.js';

/** What the cluster says about topics. */
export interface ClusterMetadata {
  readonly topics: readonly TopicMetadata[];
}

/** One topic; `errorCode` is 0 where all is well. */
export interface TopicMetadata {
  readonly topic: string;
  readonly errorCode: number;
  readonly isInternal: boolean;
  readonly partitions: readonly { readonly partition: number; readonly leader: number }[];
}

/** A question for an offset: -1 the end, -2 the beginning, else the first record at or after that time. */
export interface OffsetQuery extends TopicPartition {
  readonly timestampMs: bigint;
}

/** Its answer; `offset` is -1 where no record is that new. */
export interface OffsetAnswer extends TopicPartition {
  readonly errorCode: number;
  readonly offset: bigint;
}

/** A fetch from one broker. Partitions are served in order until the sizes are used up. */
export interface FetchRequest {
  readonly waitMaxMs: number;
  readonly bytesMax: number;
  readonly partitions: readonly (TopicPartition & { readonly fetchOffset: number; readonly bytesMax: number })[];
}

/** What a broker answers to a fetch. The record sets lie in `received`, which whoever gets the answer holds. */
export interface FetchAnswer {
  readonly partitions: readonly FetchedPartition[];
  readonly received: Received;
}

/** Record batches for partitions that one broker leads, one for each at most. */
export interface ProduceRequest {
  /** How many replicas answer for the records: -1 all, 1 the leader, 0 nobody. */
  readonly acks: number;
  readonly timeoutMs: number;
  readonly batches: readonly (TopicPartition & { readonly bytes: Buffer })[];
}

/** What became of one batch. */
export interface ProduceAnswer extends TopicPartition {
  readonly errorCode: number;
}

/** Who a producer is: the broker knows its batches by this and their numbers. */
export interface ProducerIdentity {
  readonly producerId: string;
  readonly producerEpoch: number;
}

interface DecodedProduce {
  readonly topics: readonly {
    readonly topicName: string;
    readonly partitions: readonly { readonly partition: number; readonly errorCode: number }[];
  }[];
}

/** A message of the Kafka client. Subscribe with `diagnostics_channel.subscribe('millrace:kafka:log', listener)`; nothing is printed. */
export interface KafkaLogMessage {
  readonly level: 'ERROR' | 'WARN' | 'INFO' | 'DEBUG';
  readonly namespace: string;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

interface DecodedMetadata {
  readonly brokers: readonly { readonly nodeId: number; readonly host: string; readonly port: number }[];
  readonly topicMetadata: readonly {
    readonly topic: string;
    readonly topicErrorCode: number;
    readonly isInternal?: boolean;
    readonly partitionMetadata: readonly { readonly partitionId: number; readonly leader: number }[];
  }[];
}

interface DecodedOffsets {
  readonly responses: readonly {
    readonly topic: string;
    readonly partitions: readonly { readonly partition: number; readonly errorCode: number; readonly offset: string }[];
  }[];
}

/** A broker, the sockets that its connections have opened, so that they can be cut at once, and what they have fetched. */
interface Peer {
  readonly broker: Broker;
  readonly sockets: Set<BrokerSocket>;
  readonly responses: FetchResponses;
}

const READ_UNCOMMITTED = 0;
const READ_COMMITTED = 1;
const logChannel = channel('millrace:kafka:log');

/** The connections of one source to one cluster. */
export class ClusterLink {
  readonly #settings: ClientSettings;
  readonly #logger = kafkajs().createLogger({ level: kafkajs().LEVELS.WARN, logCreator: () => publishLog });
  readonly #peers = new Map<string, Peer>();
  readonly #addresses = new Map<number, string>();
  readonly #memory = new ReceiveMemory();
  #turn = 0;
  #isClosed = false;

  constructor(settings: ClientSettings) {
    this.#settings = settings;
  }

  /** Asks some broker about topics; an empty list asks about all. Errors of single topics are in the answer. */
  async metadata(topics: readonly string[]): Promise<ClusterMetadata> {
    const address = this.#someAddress();
    const decoded = await this.#call<DecodedMetadata>(address, 'Metadata', { topics, allowAutoTopicCreation: false });
    this.#addresses.clear();
    for (const { nodeId, host, port } of decoded.brokers) this.#addresses.set(nodeId, `${host}:${port}`);
    return {
      topics: decoded.topicMetadata.map(({ topic, topicErrorCode, isInternal, partitionMetadata }) => ({
        topic,
        errorCode: topicErrorCode,
        isInternal: isInternal ?? false,
        partitions: partitionMetadata.map(({ partitionId, leader }) => ({ partition: partitionId, leader })),
      })),
    };
  }

  /** Asks the leader `node` for offsets. */
  async listOffsets(node: number, queries: readonly OffsetQuery[]): Promise<OffsetAnswer[]> {
    const topics = byTopic(queries, ({ partition, timestampMs }) => ({ partition, timestamp: timestampMs }));
    const decoded = await this.#call<DecodedOffsets>(this.#addressOf(node), 'ListOffsets', {
      isolationLevel: this.#isolationLevel,
      topics,
    });
    return decoded.responses.flatMap(({ topic, partitions }) =>
      partitions.map(({ partition, errorCode, offset }) => ({ topic, partition, errorCode, offset: BigInt(offset) })),
    );
  }

  /** Fetches raw record sets from the leader `node`. */
  async fetch(node: number, request: FetchRequest): Promise<FetchAnswer> {
    const { fetchBytesMin: minBytes } = this.#settings;
    const topics = byTopic(request.partitions, ({ partition, fetchOffset, bytesMax }) => ({ partition, fetchOffset, maxBytes: bytesMax }));
    const options = { isolationLevel: this.#isolationLevel, maxWaitTime: request.waitMaxMs, minBytes, maxBytes: request.bytesMax, topics };
    const peer = await this.#connected(this.#addressOf(node));
    const protocol = peer.broker.lookupRequest(kafkajs().apiKeys.Fetch, kafkajs().requests.Fetch)(options);
    const version = protocol.request.apiVersion;
    if (version < FETCH_VERSION_MIN || version > FETCH_VERSION_MAX)
      throw new Error(`The broker speaks Fetch only up to version ${version}`);
    const decode = async (standIn: Buffer): Promise<FetchAnswer> => {
      const received = takeResponse(peer.responses, standIn);
      return { partitions: readFetchResponse(received.bytes, version), received };
    };
    return this.#send<FetchAnswer>(this.#addressOf(node), peer, {
      ...protocol,
      response: { decode, parse: async (answer) => answer as FetchAnswer },
    });
  }

  /** Sends batches as they are to the leader `node`. With acks 0 there is no answer. */
  async produce(node: number, { acks, timeoutMs, batches }: ProduceRequest): Promise<ProduceAnswer[]> {
    const address = this.#addressOf(node);
    const peer = await this.#connected(address);
    const protocol = peer.broker.lookupRequest(
      kafkajs().apiKeys.Produce,
      kafkajs().requests.Produce,
    )({ acks, timeout: timeoutMs, topicData: [] });
    const topics = byTopic(batches, ({ partition, bytes }) => ({ partition, bytes }));
    // The versions that have these batches are all written alike: no transaction, acks, timeout, topics.
    const encode = async () => {
      const encoder = new (kafkajs().EncoderClass)().writeString(null).writeInt16(acks).writeInt32(timeoutMs).writeInt32(topics.length);
      for (const { topic, partitions } of topics) {
        encoder.writeString(topic).writeInt32(partitions.length);
        for (const { partition, bytes } of partitions) encoder.writeInt32(partition).writeBytes(bytes);
      }
      return encoder;
    };
    const { decode } = protocol.response;
    const decoded = await this.#send<DecodedProduce | null>(address, peer, {
      ...protocol,
      request: { ...protocol.request, encode },
      response: { decode, parse: async (answer) => answer as DecodedProduce },
    });
    if (acks === 0 || decoded === null) return batches.map(({ topic, partition }) => ({ topic, partition, errorCode: 0 }));
    return decoded.topics.flatMap(({ topicName, partitions }) =>
      partitions.map(({ partition, errorCode }) => ({ topic: topicName, partition, errorCode })),
    );
  }

  /** An identity for a producer whose batches the broker keeps apart, so that one that is sent again is not there twice. */
  async initProducerId(): Promise<ProducerIdentity> {
    const options = { transactionalId: null, transactionTimeout: 0 };
    const answer = await this.#call<ProducerIdentity & { errorCode: number }>(this.#someAddress(), 'InitProducerId', options);
    if (answer.errorCode !== 0) throw kafkajs().createErrorFromCode(answer.errorCode);
    return answer;
  }

  /** Cuts all connections; calls under way reject. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#peers.keys()].map((address) => this.#drop(address)));
  }

  get #isolationLevel(): number {
    return this.#settings.readCommitted ? READ_COMMITTED : READ_UNCOMMITTED;
  }

  /** Known brokers and bootstrap servers in turn, those with a connection first. */
  #someAddress(): string {
    const known = [...new Set([...this.#addresses.values(), ...this.#settings.bootstrapServers])];
    const connected = known.filter((address) => this.#peers.get(address)?.broker.isConnected());
    const choice = connected.length > 0 ? connected : known;
    this.#turn += 1;
    return choice[this.#turn % choice.length] as string;
  }

  #addressOf(node: number): string {
    const address = this.#addresses.get(node);
    if (address === undefined) throw new Error(`The cluster has no broker ${node}`);
    return address;
  }

  /** One request whose answer is decoded by kafkajs but not judged: it would throw away all for one partition's error. */
  async #call<T>(address: string, name: RequestName, options: object): Promise<T> {
    const peer = await this.#connected(address);
    const protocol = peer.broker.lookupRequest(kafkajs().apiKeys[name], kafkajs().requests[name])(options);
    const { decode } = protocol.response;
    return this.#send<T>(address, peer, { ...protocol, response: { decode, parse: async (decoded) => decoded as T } });
  }

  async #connected(address: string): Promise<Peer> {
    if (this.#isClosed) throw new Error('The source is closed');
    let peer = this.#peers.get(address);
    if (peer === undefined) {
      peer = this.#createPeer(address);
      this.#peers.set(address, peer);
    }
    try {
      if (!peer.broker.isConnected()) await peer.broker.connect();
    } catch (error) {
      await this.#drop(address, peer);
      throw error;
    }
    return peer;
  }

  /** After any failure the connections are made anew: a connection that timed out may be half open, and may still bring a late answer. */
  async #send<T>(address: string, peer: Peer, protocol: ProtocolRequest<T>): Promise<T> {
    try {
      return await peer.broker.connectionPool.send(protocol);
    } catch (error) {
      await this.#drop(address, peer);
      throw error;
    }
  }

  async #drop(address: string, peer = this.#peers.get(address)): Promise<void> {
    if (peer === undefined) return;
    if (this.#peers.get(address) === peer) this.#peers.delete(address);
    const reason = new Error('The connection was closed');
    peer.broker.connectionPool.map((connection) => connection.rejectRequests(reason));
    for (const socket of peer.sockets) socket.destroy(reason);
    await peer.broker.disconnect().catch(() => {});
  }

  #createPeer(address: string): Peer {
    const colon = address.lastIndexOf(':');
    const sockets = new Set<BrokerSocket>();
    const responses: FetchResponses = new Map();
    const { ssl, sasl, clientId, connectTimeoutMs, requestTimeoutMs } = this.#settings;
    const connectionPool = new (kafkajs().ConnectionPoolClass)({
      host: address.slice(0, colon),
      port: Number(address.slice(colon + 1)),
      ssl,
      // kafkajs stores its authenticator in the object.
      sasl: sasl === null ? null : { ...sasl },
      clientId,
      connectionTimeout: connectTimeoutMs,
      requestTimeout: requestTimeoutMs,
      enforceRequestTimeout: true,
      socketFactory: (options) => {
        const socket = new BrokerSocket(options, this.#memory, responses);
        sockets.add(socket);
        socket.once('close', () => sockets.delete(socket));
        return socket;
      },
      logger: this.#logger,
    });
    connectionPool.map(quietIdleChecks);
    const broker = new (kafkajs().BrokerClass)({ connectionPool, logger: this.#logger, allowAutoTopicCreation: false });
    return { broker, sockets, responses };
  }
}

/** The name of an error code in an answer, such as `NOT_LEADER_FOR_PARTITION`. */
export function protocolErrorName(errorCode: number): string {
  return kafkajs().createErrorFromCode(errorCode).type;
}

function byTopic<T extends TopicPartition, P>(items: readonly T[], convert: (item: T) => P): { topic: string; partitions: P[] }[] {
  const topics = new Map<string, P[]>();
  for (const item of items) {
    const partitions = topics.get(item.topic);
    if (partitions === undefined) topics.set(item.topic, [convert(item)]);
    else partitions.push(convert(item));
  }
  return [...topics].map(([topic, partitions]) => ({ topic, partitions }));
}

function publishLog({ label, namespace, log }: LogEntry): void {
  if (!logChannel.hasSubscribers) return;
  const { message, ...details } = log;
  logChannel.publish({ level: label, namespace, message, details } as KafkaLogMessage);
}
