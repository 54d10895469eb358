import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { type Deferred, deferred } from "@beamtime/concurrency";

/** One request that is expected, and what is done with it. */
interface Step {
  readonly request: string;
  readonly answer: string[];
  /** May be asked any number of times, in any order with those beside it that may. */
  readonly isRepeated: boolean;
  /** Hangs up instead of answering. */
  hangsUp: boolean;
}

/**
 * An IcePAP that knows one conversation: it answers each request that it expects next as the transcript says, and everything
 * else by an error. Lines `→` are requests, `↻` those that may come as often as one likes, lines `←` below them their answers;
 * `✂` hangs up.
 */
export class IcepapReplayer implements AsyncDisposable {
  /** What went otherwise than in the transcript. */
  readonly deviations: string[] = [];
  /** All that was asked. */
  readonly requests: string[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #steps: Step[] = [];
  #reached: { readonly request: string; readonly at: Deferred<void> } | undefined;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(transcript: string): Promise<IcepapReplayer> {
    const server = createServer();
    const replayer = new IcepapReplayer(server);
    replayer.append(transcript);
    server.on("connection", (socket) => replayer.#serve(socket));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return replayer;
  }

  get host(): string {
    const address = this.#server.address();
    return `127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  }

  /** The conversation goes on. */
  append(transcript: string): void {
    for (const line of transcript.split("\n").map((text) => text.trim())) {
      const step = this.#steps.at(-1);
      const isRepeated = line.startsWith("↻ ");
      if (isRepeated || line.startsWith("→ ")) {
        this.#steps.push({ request: line.slice(2), answer: [], isRepeated, hangsUp: false });
      }
      if (line.startsWith("← ")) step?.answer.push(line.slice(2));
      else if (line === "✂" && step) step.hangsUp = true;
      else if (!/^([→↻] |$)/.test(line)) throw new Error(`no line of a transcript: ${line}`);
    }
  }

  /** Resolves when a request arrives. */
  async asked(request: string): Promise<void> {
    if (this.requests.includes(request)) return;
    this.#reached = { request, at: deferred<void>() };
    await this.#reached.at.promise;
  }

  /** What is wrong: deviations, and what was never asked. */
  get faults(): string[] {
    const missed = this.#steps.filter(({ isRepeated }) => !isRepeated);
    return [...this.deviations, ...missed.map(({ request }) => `never asked: ${request}`)];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    const closed = once(this.#server, "close");
    this.#server.close();
    await closed;
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("error", () => {});
    let pending = "";
    socket.on("data", (chunk) => {
      const requests = (pending + chunk.toString("latin1")).split("\r");
      pending = requests.pop() ?? "";
      for (const request of requests) this.#answer(request, socket);
    });
  }

  #answer(request: string, socket: Socket): void {
    this.requests.push(request);
    const step = this.#step(request);
    if (!step) {
      this.deviations.push(`asked ${request} instead of ${this.#steps[0]?.request ?? "nothing"}`);
      socket.write(`${request.replace("#", "").split(" ")[0]} ERROR this is not in the transcript\r\n`);
    } else if (step.hangsUp) socket.destroy();
    else socket.write(step.answer.map((line) => `${line}\r\n`).join(""));
    if (this.#reached?.request === request) this.#reached.at.resolve();
  }

  /** What the transcript says to a request; what comes before it in the transcript is over. */
  #step(request: string): Step | undefined {
    for (const [index, step] of this.#steps.entries()) {
      if (step.request === request) {
        if (!step.isRepeated) this.#steps.splice(0, index + 1);
        return step;
      }
      if (!step.isRepeated) return undefined;
    }
    return undefined;
  }
}
