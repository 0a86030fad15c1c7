// A broker's socket as kafkajs sees it: what it writes goes out as it is, and the responses to its fetches are kept off its buffers.
import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import net, { type Socket } from 'node:net';
import { type KafkajsSocket, kafkajs, type SocketOptions } from './kafkajs-internals.js';
import type { ReceiveMemory } from './receive-memory.js';
import { type FetchResponses, ResponseFrames } from './response-frames.js';

const KEEP_ALIVE_MS = 30_000;
/** A request begins with its size, the number of its kind, the kind's version, and its own number. */
const API_KEY_AT = 4;
const CORRELATION_AT = 8;
const REQUEST_HEADER_BYTES = 12;

/** A connection; its events are those of a socket. */
export class BrokerSocket extends EventEmitter implements KafkajsSocket {
  readonly #socket: Socket;
  readonly #frames: ResponseFrames;

  /** Connects. Fetched records go into `memory` and to `responses`. */
  constructor({ host, port, ssl, onConnect }: SocketOptions, memory: ReceiveMemory, responses: FetchResponses) {
    super();
    this.#frames = new ResponseFrames(memory, responses, (bytes) => this.emit('data', bytes));
    if (ssl === null) {
      // The kernel writes where the bytes shall be. A socket of TLS has no such way: its bytes are copied.
      const onread = {
        buffer: () => this.#frames.target,
        callback: (length: number, buffer: Uint8Array) => this.#receive(buffer.subarray(0, length)),
      };
      this.#socket = net.connect({ host, port, onread } as net.TcpNetConnectOpts, onConnect);
    } else {
      const serverName = net.isIP(host) === 0 ? { servername: host } : {};
      // Loaded late: a start without it is quicker.
      const tls = createRequire(import.meta.url)('node:tls') as typeof import('node:tls');
      this.#socket = tls.connect({ host, port, ...serverName, ...ssl }, onConnect);
      this.#socket.on('data', (bytes) => this.#receive(bytes));
    }
    this.#socket.setKeepAlive(true, KEEP_ALIVE_MS);
    // A request is one small write; without this the kernel may hold it back for the acknowledgement of the last.
    this.#socket.setNoDelay(true);
    for (const event of ['end', 'error', 'timeout', 'close']) this.#socket.on(event, (...details) => this.emit(event, ...details));
  }

  write(bytes: Buffer, encoding: BufferEncoding): boolean {
    const isFetch = bytes.length >= REQUEST_HEADER_BYTES && bytes.readInt16BE(API_KEY_AT) === kafkajs().apiKeys.Fetch;
    if (isFetch) this.#frames.expect(bytes.readInt32BE(CORRELATION_AT));
    return this.#socket.write(bytes, encoding);
  }

  end(): void {
    this.#socket.end();
  }

  unref(): void {
    this.#socket.unref();
  }

  destroy(reason: Error): void {
    this.#socket.destroy(reason);
  }

  #receive(bytes: Uint8Array): boolean {
    if (this.#socket.destroyed) return false;
    try {
      this.#frames.push(bytes);
    } catch (error) {
      this.#socket.destroy(error instanceof Error ? error : new Error(String(error)));
    }
    return true;
  }
}
