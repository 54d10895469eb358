import { createServer, type Server, type Socket } from "node:net";
import { deferred } from "@beamtime/concurrency";
import { errorMessage } from "@beamtime/errors";
import { FrameDecoder } from "@beamtime/protocol";
import { answerFrame, type RedisLocations } from "./address-answers.js";
import { BeaconServerError } from "./beacon-server-error.js";

export interface AddressServerOptions extends RedisLocations {
  /** Interface to listen on. Default loopback: the protocol has no authentication. */
  readonly host?: string;
  /** TCP port; 0, the default, takes a free one. */
  readonly port?: number;
}

/** Largest request that is read: an address request has a few bytes. */
const maxPayload = 64 * 1024;

/**
 * Tells BLISS clients where Redis is: the part of a Beacon server (messages 30 to 34) that the Python data client
 * needs to follow a session. Owned by whoever starts it.
 *
 * @example
 * await using beacon = await AddressServer.start({ settings: { path }, data: { path } });
 * console.log(`BEACON_HOST=${beacon.address}`);
 */
export class AddressServer implements AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;

  private constructor(server: Server, sockets: Set<Socket>, host: string, port: number) {
    this.#server = server;
    this.#sockets = sockets;
    this.host = host;
    this.port = port;
  }

  /** Listens. @throws BeaconServerError when the port is taken or not allowed */
  static async start(options: AddressServerOptions): Promise<AddressServer> {
    const { host = "127.0.0.1", port = 0 } = options;
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
      answer(socket, options);
    });
    const listening = deferred<void>();
    server.once("error", (error) => listening.reject(error));
    server.listen(port, host, () => listening.resolve());
    try {
      await listening.promise;
    } catch (error) {
      throw new BeaconServerError(
        `cannot listen on ${host}:${port} (${errorMessage(error)}): give another port, or 0 for a free one`,
        { cause: error },
      );
    }
    const address = server.address();
    return new AddressServer(server, sockets, host, typeof address === "object" && address ? address.port : port);
  }

  /** `host:port`, as BEACON_HOST takes it. */
  get address(): string {
    return `${this.host}:${this.port}`;
  }

  /** Stops listening and drops all clients. Twice is fine. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (!this.#server.listening) return;
    const closed = deferred<void>();
    this.#server.close(() => closed.resolve());
    await closed.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function answer(socket: Socket, locations: RedisLocations): void {
  const frames = new FrameDecoder({ maxPayload });
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk) => {
    try {
      for (const frame of frames.push(chunk)) {
        // a client that does not read its answers is not read either
        if (!socket.write(answerFrame(frame.type, frame.payload, locations))) socket.pause();
      }
    } catch {
      socket.destroy(); // a frame beyond the limit, or of negative length: not a Beacon client
    }
  });
  socket.on("drain", () => socket.resume());
}
