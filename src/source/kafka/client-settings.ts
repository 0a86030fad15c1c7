// Turns the `kafka.*` options, which are the Java client's settings, into what the connection here needs.
import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import type { MillraceError } from '../../error/millrace-error.js';
import type { SaslOptions } from './kafkajs-internals.js';
import { bearerTokens, type OAuthBearerSettings } from './oauth-bearer.js';
import { invalidOption } from './option-values.js';

/** How to reach the brokers and how much to ask of them. Defaults are the Java client's unless a comment says why not. */
export interface ClientSettings {
  readonly bootstrapServers: readonly string[];
  readonly clientId: string;
  readonly ssl: ConnectionOptions | null;
  readonly sasl: SaslOptions | null;
  readonly readCommitted: boolean;
  readonly requestTimeoutMs: number;
  readonly connectTimeoutMs: number;
  /** How long the start of a query tries to reach any broker. */
  readonly startTimeoutMs: number;
  readonly retryBackoffMs: number;
  readonly retryBackoffMaxMs: number;
  readonly metadataAgeMaxMs: number;
  /** How long a fetch may wait at the broker for data; data that comes ends the wait. */
  readonly fetchWaitMaxMs: number;
  readonly fetchBytesMin: number;
  readonly fetchBytesMax: number;
  readonly partitionFetchBytesMax: number;
}

type Values = ReadonlyMap<string, string>;

const SECURITY_PROTOCOLS = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'];
const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'];
const INT_MAX = 2 ** 31 - 1;

/** Reads the settings, given without their prefix. Throws OPTION_INVALID. */
export function readClientSettings(values: Values): ClientSettings {
  const protocol = choice(values, 'security.protocol', 'PLAINTEXT', SECURITY_PROTOCOLS);
  const isolation = values.get('isolation.level') ?? 'read_uncommitted';
  if (isolation !== 'read_uncommitted' && isolation !== 'read_committed') {
    throw invalidSetting('isolation.level', isolation, 'String must be one of: read_committed, read_uncommitted');
  }
  checkUnusedNumbers(values);
  const requestTimeoutMs = settingInt(values, 'request.timeout.ms', 30_000, 1);
  return {
    bootstrapServers: readServers(values.get('bootstrap.servers') ?? ''),
    clientId: values.get('client.id') ?? 'millrace',
    ssl: protocol.endsWith('SSL') ? readTls(values) : null,
    sasl: protocol.startsWith('SASL') ? readSasl(values) : null,
    readCommitted: isolation === 'read_committed',
    requestTimeoutMs,
    connectTimeoutMs: settingInt(values, 'socket.connection.setup.timeout.ms', Math.min(10_000, requestTimeoutMs), 1),
    // Java tries for a minute (default.api.timeout.ms); somebody waits in front of the screen here.
    startTimeoutMs: settingInt(values, 'default.api.timeout.ms', Math.min(15_000, requestTimeoutMs), 1),
    retryBackoffMs: settingInt(values, 'reconnect.backoff.ms', 50, 1),
    retryBackoffMaxMs: settingInt(values, 'reconnect.backoff.max.ms', 1000, 1),
    // Spark asks for the partitions before every batch; a quiet stream here asks this often.
    metadataAgeMaxMs: settingInt(values, 'metadata.max.age.ms', 5000, 1),
    fetchWaitMaxMs: settingInt(values, 'fetch.max.wait.ms', 500, 0),
    fetchBytesMin: settingInt(values, 'fetch.min.bytes', 1, 0),
    // Java: 50 MiB. A response is assembled in one buffer, and smaller ones overlap with the work on the one before.
    fetchBytesMax: settingInt(values, 'fetch.max.bytes', 16 * 2 ** 20, 0),
    // Java: 1 MiB, for a consumer that has many partitions and hands out 500 records at a time.
    partitionFetchBytesMax: settingInt(values, 'max.partition.fetch.bytes', 4 * 2 ** 20, 0),
  };
}

function readServers(text: string): string[] {
  const servers = text
    .split(',')
    .map((server) => server.trim())
    .filter((server) => server !== '');
  if (servers.length === 0) throw invalidSetting('bootstrap.servers', text, 'it names no server');
  for (const server of servers) {
    const port = Number(/^[^:\s]+:(\d+)$/.exec(server)?.[1]);
    if (!(port >= 1 && port <= 65_535)) throw invalidSetting('bootstrap.servers', text, `${server} is not of the form host:port`);
  }
  return servers;
}

/** PEM and PKCS12 stores are read; Java's own JKS format is not. */
function readTls(values: Values): ConnectionOptions {
  const options: ConnectionOptions = {};
  const authorities = values.get('ssl.truststore.certificates') ?? store(values, 'truststore', ['PEM']);
  if (authorities !== undefined) options.ca = authorities;
  const keystoreType = (values.get('ssl.keystore.type') ?? 'JKS').toUpperCase();
  const chain = values.get('ssl.keystore.certificate.chain');
  const key = values.get('ssl.keystore.key');
  const keystore = store(values, 'keystore', ['PEM', 'PKCS12']);
  if (chain !== undefined && key !== undefined) Object.assign(options, { cert: chain, key });
  else if (keystore !== undefined && keystoreType === 'PEM') Object.assign(options, { cert: keystore, key: keystore });
  else if (keystore !== undefined) Object.assign(options, { pfx: keystore });
  const passphrase = values.get('ssl.key.password') ?? values.get('ssl.keystore.password');
  if (passphrase !== undefined) options.passphrase = passphrase;
  // As in Java, an empty algorithm means that the host's name is not checked.
  if (values.get('ssl.endpoint.identification.algorithm')?.trim() === '') options.checkServerIdentity = () => undefined;
  return options;
}

function store(values: Values, kind: 'truststore' | 'keystore', types: readonly string[]): Buffer | undefined {
  const name = `ssl.${kind}.location`;
  const path = values.get(name);
  if (path === undefined) return undefined;
  const type = (values.get(`ssl.${kind}.type`) ?? 'JKS').toUpperCase();
  if (!types.includes(type))
    throw invalidSetting(`ssl.${kind}.type`, type, `only ${types.join(' and ')} can be read; keytool and openssl convert others`);
  try {
    return readFileSync(path);
  } catch (cause) {
    throw invalidSetting(name, path, `the file cannot be read: ${(cause as Error).message}`);
  }
}

/** User and password come from `sasl.jaas.config`, as in Java, or from `sasl.username` and `sasl.password`, as in librdkafka. */
function readSasl(values: Values): SaslOptions {
  const mechanism = choice(values, 'sasl.mechanism', 'PLAIN', MECHANISMS);
  const jaas = values.get('sasl.jaas.config') ?? '';
  if (mechanism === 'OAUTHBEARER') return { mechanism, oauthBearerProvider: bearerTokens(readBearer(values, jaas)) };
  const username = jaasValue(jaas, 'username') ?? values.get('sasl.username');
  const password = jaasValue(jaas, 'password') ?? values.get('sasl.password');
  if (username === undefined || password === undefined) {
    // Never the value: it may hold the password.
    throw invalidSetting('sasl.jaas.config', '...', 'it must name username="..." and password="..."');
  }
  return { mechanism, username, password };
}

/** As in Java: the credentials stand in `sasl.jaas.config`, where tokens come from in `sasl.oauthbearer.token.endpoint.url`. */
function readBearer(values: Values, jaas: string): OAuthBearerSettings {
  const url = values.get('sasl.oauthbearer.token.endpoint.url');
  const endpoint = url === undefined ? undefined : tryUrl(url);
  if (endpoint === null || (endpoint !== undefined && !['https:', 'http:', 'file:'].includes(endpoint.protocol))) {
    throw invalidSetting('sasl.oauthbearer.token.endpoint.url', url ?? '', 'it must be a URL of https or of a file');
  }
  const subject = jaasValue(jaas, 'unsecuredLoginStringClaim_sub');
  if (endpoint === undefined && subject === undefined)
    throw invalidSetting('sasl.oauthbearer.token.endpoint.url', '', 'it says where tokens come from');
  const [clientId, clientSecret, scope] = ['clientId', 'clientSecret', 'scope'].map((entry) => jaasValue(jaas, entry));
  if (endpoint?.protocol.startsWith('http') === true && (clientId === undefined || clientSecret === undefined)) {
    throw invalidSetting('sasl.jaas.config', '...', 'it must name clientId="..." and clientSecret="..."');
  }
  const extensions = [...jaas.matchAll(/\bextension_(\w+)\s*=\s*"([^"]*)"/g)].map(([, key = '', value = '']) => [key, value]);
  return {
    ...(endpoint !== undefined && { endpoint }),
    ...(clientId !== undefined && { clientId }),
    ...(clientSecret !== undefined && { clientSecret }),
    ...(scope !== undefined && { scope }),
    ...(subject !== undefined && { subject }),
    extensions: Object.fromEntries(extensions),
    timeoutMs: settingInt(values, 'sasl.login.read.timeout.ms', 10_000, 1),
  };
}

function tryUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}

function jaasValue(config: string, name: string): string | undefined {
  const match = new RegExp(`\\b${name}\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s";]+))`).exec(config);
  if (match === null) return undefined;
  return match[2] ?? (match[1] as string).replace(/\\(.)/g, '$1');
}

function choice(values: Values, name: string, otherwise: string, choices: readonly string[]): string {
  const value = (values.get(name) ?? otherwise).trim().toUpperCase();
  if (!choices.includes(value)) throw invalidSetting(name, value, `String must be one of: ${choices.join(', ')}`);
  return value;
}

/** A whole number of Java's type int. Throws OPTION_INVALID. */
export function settingInt(values: Values, name: string, otherwise: number, min: number): number {
  const text = values.get(name)?.trim();
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!/^[+-]?\d+$/.test(text) || Math.abs(value) > INT_MAX) throw invalidSetting(name, text, 'Not a number of type INT');
  if (value < min) throw invalidSetting(name, text, `Value must be at least ${min}`);
  return value;
}

/** Settings of Kafka's clients that do nothing here but are checked as there, each with its least value. */
const UNUSED_NUMBERS: Readonly<Record<string, number>> = {
  'auto.commit.interval.ms': 0,
  'max.poll.interval.ms': 1,
  'max.poll.records': 1,
  'metrics.num.samples': 1,
  'metrics.sample.window.ms': 0,
  'receive.buffer.bytes': -1,
  'retry.backoff.ms': 0,
  'send.buffer.bytes': -1,
};

function checkUnusedNumbers(values: Values): void {
  for (const [name, min] of Object.entries(UNUSED_NUMBERS)) settingInt(values, name, min, min);
}

/** OPTION_INVALID in the words of Kafka's ConfigException. */
export function invalidSetting(name: string, value: string, reason: string): MillraceError {
  return invalidOption(`kafka.${name}`, value, `Invalid value ${value} for configuration ${name}: ${reason}`);
}
