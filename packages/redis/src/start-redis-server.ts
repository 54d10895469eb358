import { launchTiedServer } from "./launch-tied-server.js";
import type { LaunchedServer } from "./launched-server.js";
import { prepareServerPlace, type ServerPlace, type StartRedisServerOptions } from "./server-place.js";

/** A running server, owned by who started it. It ends with this process, however this process ends. */
export interface RedisServer extends AsyncDisposable {
  /** Its Unix socket, for `connectRedis`. */
  readonly target: { readonly path: string };
  readonly host: string;
  /** Undefined where only the socket was asked for. */
  readonly port: number | undefined;
  readonly pid: number;
  /** Ends it in order (a settings server saves first) and removes the temporary folder. Twice is fine. */
  stop(): Promise<void>;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
  /** Freezes it: connections stay, nothing is answered. */
  pause(): void;
  resume(): void;
}

/**
 * Starts a private server with the settings of beamlines and waits until it answers.
 *
 * @throws RedisError when no server is installed or when it does not start; the message has its last words
 */
export async function startRedisServer(options: StartRedisServerOptions = {}): Promise<RedisServer> {
  const place = await prepareServerPlace(options);
  try {
    return new StartedServer(await launchTiedServer(place), place);
  } catch (error) {
    await place.leave();
    throw error;
  }
}

class StartedServer implements RedisServer {
  readonly #server: LaunchedServer;
  readonly #place: ServerPlace;

  constructor(server: LaunchedServer, place: ServerPlace) {
    this.#server = server;
    this.#place = place;
  }

  get target(): { readonly path: string } {
    return { path: this.#place.path };
  }

  get host(): string {
    return this.#place.host;
  }

  get port(): number | undefined {
    return this.#place.port;
  }

  get pid(): number {
    return this.#server.pid;
  }

  async stop(): Promise<void> {
    await this.#server.stop();
    await this.#place.leave();
  }

  async kill(): Promise<void> {
    this.#server.signal("SIGKILL");
    await this.#server.ended;
    await this.#place.leave();
  }

  pause(): void {
    this.#server.signal("SIGSTOP");
  }

  resume(): void {
    this.#server.signal("SIGCONT");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
