// A TCP proxy before a broker that can be slow, silent (half-open connections) or cut, as networks are.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** How often a slow proxy passes a piece on. */
const TICK_MS = 20;

/** One way of a connection: what came in and has not been passed on. */
interface Pipe {
  readonly from: Socket;
  readonly to: Socket;
  readonly waiting: Buffer[];
}

/** The proxy. Point the broker's `advertised.listeners` at its port, and it at the broker's. */
export class FaultProxy {
  /** The broker's own port. */
  target = 0;
  readonly port: number;
  readonly #server: Server;
  readonly #pipes = new Set<Pipe>();
  readonly #sockets = new Set<Socket>();
  readonly #timer: NodeJS.Timeout;
  /** Bytes passed on by each way in a tick; 0 = none. */
  #bytesPerTick = Number.POSITIVE_INFINITY;
  /** Connections that were made. */
  numConnections = 0;

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (client) => this.#accept(client));
    this.#timer = setInterval(() => this.#pass(), TICK_MS);
  }

  static async start(): Promise<FaultProxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new FaultProxy(server);
  }

  /** Passes on this many bytes a second, each way of each connection. */
  slow(bytesPerSecond: number): void {
    this.#bytesPerTick = Math.max(1, Math.floor((bytesPerSecond * TICK_MS) / 1000));
  }

  /** Takes everything and passes nothing on: the connections stay, and nobody says that they are dead. */
  fallSilent(): void {
    this.#bytesPerTick = 0;
  }

  /** Passes everything on again; connections that were silent are cut, as when the machine behind them has gone. */
  heal(): void {
    const wasSilent = this.#bytesPerTick === 0;
    this.#bytesPerTick = Number.POSITIVE_INFINITY;
    if (wasSilent) this.cut();
  }

  /** Cuts every connection with a reset. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
    this.#pipes.clear();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client: Socket): void {
    this.numConnections += 1;
    const broker = connect(this.target, '127.0.0.1');
    for (const [from, to] of [
      [client, broker],
      [broker, client],
    ] as const) {
      const pipe: Pipe = { from, to, waiting: [] };
      this.#pipes.add(pipe);
      this.#sockets.add(from);
      from.on('data', (bytes) => {
        if (this.#bytesPerTick === Number.POSITIVE_INFINITY && pipe.waiting.length === 0) to.write(bytes);
        else pipe.waiting.push(bytes);
      });
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.#pipes.delete(pipe);
        this.#sockets.delete(from);
        to.destroy();
      });
    }
  }

  #pass(): void {
    for (const { to, waiting } of this.#pipes) {
      let left = this.#bytesPerTick;
      while (left > 0 && waiting.length > 0) {
        const bytes = waiting[0] as Buffer;
        to.write(bytes.subarray(0, left));
        if (bytes.length > left) waiting[0] = bytes.subarray(left);
        else waiting.shift();
        left -= bytes.length;
      }
    }
  }
}
