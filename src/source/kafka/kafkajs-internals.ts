// The inner modules of kafkajs 2.2.4 that millrace builds on, with types for what is used of them. Nothing of kafkajs is replaced or
// changed: a request goes out with kafkajs's encoder and is answered into a decoder of ours, so other users of kafkajs see no difference.
import { createRequire } from 'node:module';
import type { ConnectionOptions } from 'node:tls';
import type { BearerToken } from './oauth-bearer.js';

/** A request as kafkajs sends it, and how its answer is read. */
export interface ProtocolRequest<T> {
  readonly request: {
    readonly apiKey: number;
    readonly apiVersion: number;
    readonly apiName: string;
    encode(): Promise<Encoder>;
    /** Absent: an answer comes. */
    expectResponse?(): boolean;
  };
  readonly response: { decode(payload: Buffer): Promise<unknown>; parse(decoded: unknown): Promise<T> };
  readonly requestTimeout?: number;
}

/** kafkajs's writer of requests; every call returns the encoder. */
export interface Encoder {
  writeInt16(value: number): Encoder;
  writeInt32(value: number): Encoder;
  writeString(value: string | null): Encoder;
  /** A length of four bytes, then the bytes. */
  writeBytes(value: Buffer): Encoder;
}

/** Gives the newest version of a request that both sides speak. */
export type Lookup = (apiKey: number, definition: RequestDefinition) => (options: object) => ProtocolRequest<unknown>;

interface RequestDefinition {
  readonly versions: readonly string[];
}

/** The requests of a connection that wait for their turn. */
interface RequestQueue {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

/** One connection of a pool. */
export interface Connection {
  readonly requestQueue: RequestQueue;
  rejectRequests(error: Error): void;
}

/** Two connections to one broker: fetches, which may wait at the broker, have their own. */
export interface ConnectionPool {
  send<T>(request: ProtocolRequest<T>): Promise<T>;
  map<T>(callback: (connection: Connection) => T): T[];
}

/** A broker: connects, authenticates, agrees on versions. */
export interface Broker {
  readonly connectionPool: ConnectionPool;
  readonly lookupRequest: Lookup;
  isConnected(): boolean;
  connect(): Promise<void>;
  disconnect(): Promise<void>;
}

/** What kafkajs's logger hands over. */
export interface LogEntry {
  readonly namespace: string;
  readonly level: number;
  readonly label: string;
  readonly log: { readonly message: string; readonly [key: string]: unknown };
}

/** SASL as kafkajs takes it. */
export type SaslOptions =
  | { readonly mechanism: string; readonly username: string; readonly password: string }
  | { readonly mechanism: string; readonly oauthBearerProvider: () => Promise<BearerToken> };

export interface ConnectionPoolOptions {
  readonly host: string;
  readonly port: number;
  readonly ssl: ConnectionOptions | null;
  readonly sasl: SaslOptions | null;
  readonly clientId: string;
  readonly connectionTimeout: number;
  readonly requestTimeout: number;
  readonly enforceRequestTimeout: boolean;
  readonly socketFactory: (options: SocketOptions) => KafkajsSocket;
  readonly logger: unknown;
}

/** What kafkajs does with a socket, besides listening to its data, end, error and timeout. */
export interface KafkajsSocket extends NodeJS.EventEmitter {
  write(bytes: Buffer, encoding: BufferEncoding): boolean;
  end(): void;
  unref(): void;
}

export interface SocketOptions {
  readonly host: string;
  readonly port: number;
  readonly ssl: ConnectionOptions | null;
  readonly onConnect: () => void;
}

/** The requests that are used. */
export type RequestName = 'Fetch' | 'InitProducerId' | 'ListOffsets' | 'Metadata' | 'Produce';

/** What is used of kafkajs. */
export interface KafkajsInternals {
  readonly BrokerClass: new (options: { connectionPool: ConnectionPool; logger: unknown; allowAutoTopicCreation: boolean }) => Broker;
  readonly ConnectionPoolClass: new (options: ConnectionPoolOptions) => ConnectionPool;
  readonly requests: Readonly<Record<RequestName, RequestDefinition>>;
  readonly apiKeys: Readonly<Record<RequestName, number>>;
  readonly EncoderClass: new (initialBytes?: number) => Encoder;
  createLogger(options: { level: number; logCreator: () => (entry: LogEntry) => void }): unknown;
  readonly LEVELS: Readonly<Record<'NOTHING' | 'ERROR' | 'WARN' | 'INFO' | 'DEBUG', number>>;
  /** The protocol's name and meaning of an error code. */
  createErrorFromCode(code: number): Error & { readonly type: string };
}

let loaded: KafkajsInternals | undefined;

/** The inner modules of kafkajs. They are loaded with the first call: a program that reads no topic has no need of them. */
export function kafkajs(): KafkajsInternals {
  loaded ??= load();
  return loaded;
}

function load(): KafkajsInternals {
  const require = createRequire(import.meta.url);
  return {
    ...require('kafkajs/src/protocol/requests'),
    ...require('kafkajs/src/loggers'),
    ...require('kafkajs/src/protocol/error'),
    BrokerClass: require('kafkajs/src/broker'),
    ConnectionPoolClass: require('kafkajs/src/network/connectionPool'),
    apiKeys: require('kafkajs/src/protocol/requests/apiKeys'),
    EncoderClass: require('kafkajs/src/protocol/encoder'),
  } as KafkajsInternals;
}

/**
 * Keeps a connection quiet while nothing waits: kafkajs 2.2.4 arms this check again each millisecond for ever (3 % of a core when idle),
 * with a negative delay, of which Node 22 and later warn on the console. Only this connection's own queue is changed.
 */
export function quietIdleChecks({ requestQueue }: Connection): void {
  const schedule = requestQueue.scheduleCheckPendingRequests.bind(requestQueue);
  requestQueue.scheduleCheckPendingRequests = () => {
    if (requestQueue.pending.length > 0) schedule();
  };
}
