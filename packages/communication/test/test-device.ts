import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { type Deferred, deferred } from "@beamtime/concurrency";

/** One request, and the connection it came on. */
export interface DeviceRequest {
  /** Without its line feed. */
  readonly text: string;
  readonly socket: Socket;
  /** Counted from 0 over all connections. */
  readonly index: number;
}

/** A device that listens on a free port, keeps what it was sent, line by line, and does with it what a test says. */
export class TestDevice implements AsyncDisposable {
  readonly requests: string[] = [];
  /** Over all time. */
  connections = 0;
  readonly sockets = new Set<Socket>();
  readonly #server: Server;
  readonly #waiting: { readonly count: () => boolean; readonly reached: Deferred<void> }[] = [];

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(onRequest: (request: DeviceRequest) => void = () => {}, port = 0): Promise<TestDevice> {
    const server = createServer();
    const device = new TestDevice(server);
    server.on("connection", (socket) => {
      device.connections++;
      device.sockets.add(socket);
      let pending = "";
      socket.on("error", () => {});
      socket.on("close", () => {
        device.sockets.delete(socket);
        device.#tell();
      });
      socket.on("data", (chunk) => {
        const lines = (pending + chunk.toString("latin1")).split("\n");
        pending = lines.pop() ?? "";
        for (const text of lines) {
          const index = device.requests.push(text) - 1;
          onRequest({ text, socket, index });
        }
        device.#tell();
      });
      device.#tell();
    });
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return device;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address ? address.port : 0;
  }

  /** Resolves once it holds. */
  until(holds: () => boolean): Promise<void> {
    if (holds()) return Promise.resolve();
    const reached = deferred<void>();
    this.#waiting.push({ count: holds, reached });
    return reached.promise;
  }

  /** Resolves once so many requests have arrived. */
  received(count: number): Promise<void> {
    return this.until(() => this.requests.length >= count);
  }

  /** Hangs up on everybody, as a device that is switched off and on. */
  hangUp(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.hangUp();
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    await closed;
  }

  #tell(): void {
    for (const waiting of this.#waiting.splice(0)) {
      if (waiting.count()) waiting.reached.resolve();
      else this.#waiting.push(waiting);
    }
  }
}
