import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { beaconMessage, encodeFrame, FrameDecoder } from "@beamtime/protocol";

/** One request as the server got it. */
export interface ScriptedRequest {
  readonly type: number;
  readonly payload: string;
  /** The number of the connection, from 1. */
  readonly connection: number;
  /** What is before the first `|`. */
  readonly key: string;
  readonly answer: (type: number, payload: string) => void;
  readonly socket: Socket;
}

/** A TCP server that says what the test tells it to; clients are greeted unless `greet` is false. */
export class ScriptedBeacon implements AsyncDisposable {
  readonly requests: ScriptedRequest[] = [];
  readonly sockets = new Set<Socket>();
  readonly #server: Server;
  readonly #waiting = new Set<() => void>();
  #connections = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(
    onRequest: (request: ScriptedRequest) => void = () => {},
    { greet = true, port = 0 }: { greet?: boolean; port?: number } = {},
  ): Promise<ScriptedBeacon> {
    const server = createServer();
    const beacon = new ScriptedBeacon(server);
    server.on("connection", (socket) => beacon.#serve(socket, greet, onRequest));
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return beacon;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port; // a TCP server that listens has one
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** The next request of that type that the server gets, or has got and nobody asked for. */
  async request(type: number): Promise<ScriptedRequest> {
    for (;;) {
      const at = this.requests.findIndex((request) => request.type === type);
      const [request] = at < 0 ? [] : this.requests.splice(at, 1);
      if (request) return request;
      await new Promise<void>((resolve) => {
        this.#waiting.add(resolve);
      });
    }
  }

  /** Cuts all connections. */
  drop(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.drop();
    if (this.#server.listening) await once(this.#server.close(), "close");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #serve(socket: Socket, greet: boolean, onRequest: (request: ScriptedRequest) => void): void {
    const connection = ++this.#connections;
    const frames = new FrameDecoder();
    this.sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => this.sockets.delete(socket));
    socket.on("data", (chunk) => {
      for (const frame of frames.push(chunk)) {
        const payload = new TextDecoder().decode(frame.payload);
        const answer = (type: number, text: string): void => void socket.write(encodeFrame(type, text));
        if (frame.type === beaconMessage.setClientName && greet) {
          answer(beaconMessage.clientNameOk, payload);
          continue;
        }
        const key = payload.split("|")[0] ?? "";
        const request = { type: frame.type, payload, connection, key, answer, socket };
        this.requests.push(request);
        onRequest(request);
        for (const wake of this.#waiting) wake();
        this.#waiting.clear();
      }
    });
  }
}
