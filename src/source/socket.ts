// Lines of text from a TCP connection, for demonstrations (Spark's `socket` source): what came over the wire is in memory alone, so that a query which is
// started again cannot read it again.
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { encodeRows } from '../batch/encode-rows.js';
import { MillraceError } from '../error/millrace-error.js';
import type { StructType } from '../plan/data-type.js';
import { columnsSplit } from './columns-split.js';
import type { Offset, ReadLimit, Source, Split } from './source.js';
import { optionBoolean, optionInt, optionInvalid, optionText } from './source-option.js';

/** Offsets count lines; before the first one is -1, as in Spark. */
const BEFORE_ALL = -1;
const PORT_MAX = 65_535;

/** A line, and when it came. */
interface Line {
  readonly value: string;
  readonly timestamp: Date;
}

/** The columns of the source: `value`, and `timestamp` with the option `includeTimestamp`. */
export function socketSchema(options: Readonly<Record<string, string>>): string {
  return optionBoolean(options, 'includeTimestamp') === true ? 'value STRING, timestamp TIMESTAMP' : 'value STRING';
}

/** Makes the source of reader `sourceNumber`. Options: `host`, `port`, `includeTimestamp`. Throws OPTION_INVALID. */
export function createSocketSource(sourceNumber: number, schema: StructType, options: Readonly<Record<string, string>>): Source {
  const host = optionText(options, 'host');
  const port = optionInt(options, 'port', 0);
  if (host === undefined) throw optionInvalid('host', '', 'set a host to read from');
  if (port === undefined || port > PORT_MAX) throw optionInvalid('port', String(port ?? ''), 'set a port to read from');
  return new SocketSource(sourceNumber, schema, host, port);
}

class SocketSource implements Source {
  readonly description: string;
  readonly offsetKind = 'number';
  readonly #sourceNumber: number;
  readonly #schema: StructType;
  readonly #host: string;
  readonly #port: number;
  #socket: Socket | null = null;
  #failure: Error | null = null;
  /** The lines that no batch has committed. */
  #lines: Line[] = [];
  /** The offset of the line before them. */
  #base = BEFORE_ALL;
  #pinned: number | null = null;
  #wake: (() => void) | null = null;

  constructor(sourceNumber: number, schema: StructType, host: string, port: number) {
    this.#sourceNumber = sourceNumber;
    this.#schema = schema;
    this.#host = host;
    this.#port = port;
    this.description = `TextSocketV2[host: ${host}, port: ${port}]`;
  }

  async open(start: Offset | null): Promise<void> {
    this.#base = start === null ? BEFORE_ALL : Number(start);
    const socket = connect(this.#port, this.#host);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', (cause) => reject(this.#unreachable(cause)));
    });
    this.#socket = socket;
    socket.on('error', (cause) => this.#fail(cause));
    createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (value) => {
      this.#lines.push({ value, timestamp: new Date() });
      this.#wake?.();
    });
  }

  async initialOffset(): Promise<Offset> {
    return BEFORE_ALL;
  }

  async latestOffset(start: Offset, _limit: ReadLimit): Promise<Offset> {
    if (this.#failure !== null) throw this.#failure;
    return Math.max(Number(start), this.#pinned ?? this.#newest());
  }

  async prepareForTriggerAvailableNow(): Promise<void> {
    this.#pinned = this.#newest();
  }

  async splits(start: Offset, end: Offset): Promise<Split[]> {
    const [from, to] = [Number(start) - this.#base, Number(end) - this.#base];
    if (from < 0 || to > this.#lines.length) {
      throw new MillraceError('SOURCE_DATA_LOST', { parameters: { source: this.description, start: String(start), end: String(end) } });
    }
    const rows = this.#lines.slice(from, to);
    if (rows.length === 0) return [];
    const { bytes } = encodeRows(this.#schema, this.#schema.fields.length > 1 ? rows : rows.map(({ value }) => ({ value })));
    return [columnsSplit(this.#sourceNumber, bytes)];
  }

  async commit(end: Offset): Promise<void> {
    this.#lines = this.#lines.slice(Number(end) - this.#base);
    this.#base = Number(end);
  }

  awaitData(start: Offset, signal: AbortSignal): Promise<void> {
    if (this.#newest() > Number(start) || this.#failure !== null || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        this.#wake = null;
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#wake = wake;
      signal.addEventListener('abort', wake, { once: true });
    });
  }

  async close(): Promise<void> {
    this.#socket?.destroy();
    this.#socket = null;
  }

  #newest(): number {
    return this.#base + this.#lines.length;
  }

  #fail(cause: Error): void {
    this.#failure = this.#unreachable(cause);
    this.#wake?.();
  }

  #unreachable(cause: Error): MillraceError {
    return new MillraceError('SOCKET_UNREACHABLE', {
      parameters: { host: this.#host, port: String(this.#port), reason: cause.message },
      cause,
    });
  }
}
