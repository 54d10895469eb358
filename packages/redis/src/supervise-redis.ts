import { join } from "node:path";
import { type Clock, systemClock } from "@beamtime/concurrency";
import { ArgumentError, errorMessage } from "@beamtime/errors";
import { attachToServer, launchDetachedServer } from "./launch-detached-server.js";
import { launchTiedServer } from "./launch-tied-server.js";
import type { LaunchedServer } from "./launched-server.js";
import { RedisError } from "./redis-error.js";
import { findRunningServer } from "./running-server.js";
import { prepareServerPlace, type ServerPlace, type StartRedisServerOptions } from "./server-place.js";

/** What a supervisor tells, with a sentence for people. After `failed` it has given up. */
export interface RedisSupervisionEvent {
  readonly kind: "started" | "adopted" | "died" | "restarted" | "failed";
  readonly message: string;
}

export interface SuperviseRedisOptions extends StartRedisServerOptions {
  /** Called with all that happens. */
  readonly onEvent?: ((event: RedisSupervisionEvent) => void) | undefined;
  /**
   * Whether the server outlives this process when it dies, to be adopted by the next supervisor with the same role,
   * directory, socket and port. Needs a directory, where its output goes to `redis.log` or `redis_data.log`. Default
   * false: it ends with this process.
   */
  readonly survives?: boolean | undefined;
  /** Clock of the pauses before a restart. Default the machine's. */
  readonly clock?: Clock | undefined;
}

/** A server that is started again when it dies, in the same place. Whoever supervises it disposes of it. */
export interface SupervisedRedis extends AsyncDisposable {
  /** Its Unix socket, for `connectRedis`. */
  readonly target: { readonly path: string };
  readonly host: string;
  /** Undefined where only the socket was asked for. */
  readonly port: number | undefined;
  /** Of the server that runs, or ran last. */
  readonly pid: number;
  /** `failed`: it died so often that nobody tries any longer. */
  readonly state: "running" | "restarting" | "failed" | "stopped";
  /** Ends the server in order (a settings server saves first), also an adopted one. Twice is fine. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** A server that lived for less, in seconds, died quickly. */
const quickLife = 10;

/** So many quick deaths in a row are enough. */
const mostQuickDeaths = 5;

/** Pause before the first restart, in seconds; doubled each time. */
const firstPause = 0.1;

/**
 * Runs one of the two servers of a beamline, and starts it again when it dies: with growing pauses, and no longer when
 * it died five times within moments. A settings server comes back with what it saved last.
 *
 * Default sockets are `redis.sock` and `redis_data.sock`: both roles may share a directory.
 *
 * @throws RedisError when no server is installed, when it does not start, or when its socket or port are taken
 * @throws ArgumentError for a server that `survives` without a directory
 */
export async function superviseRedis(options: SuperviseRedisOptions = {}): Promise<SupervisedRedis> {
  const { role = "data", survives = false } = options;
  if (survives && options.directory === undefined) {
    throw new ArgumentError(
      "directory",
      "a server that survives needs a directory, where the next supervisor finds it",
    );
  }
  const name = role === "data" ? "redis_data" : "redis";
  const place = await prepareServerPlace(options, { socketName: `${name}.sock` });
  const supervisor = new Supervisor(place, join(place.directory, `${name}.log`), options);
  try {
    await supervisor.begin();
  } catch (error) {
    await place.leave();
    throw error;
  }
  return supervisor;
}

class Supervisor implements SupervisedRedis {
  readonly #place: ServerPlace;
  readonly #log: string;
  readonly #options: SuperviseRedisOptions;
  readonly #clock: Clock;
  readonly #ending = new AbortController();
  #port: number | undefined;
  #server: LaunchedServer | undefined;
  #state: SupervisedRedis["state"] = "running";
  #supervising: Promise<void> | undefined;

  constructor(place: ServerPlace, log: string, options: SuperviseRedisOptions) {
    this.#place = place;
    this.#log = log;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#port = place.port;
  }

  get target(): { readonly path: string } {
    return { path: this.#place.path };
  }

  get host(): string {
    return this.#place.host;
  }

  get port(): number | undefined {
    return this.#port;
  }

  get pid(): number {
    return this.#server?.pid ?? Number.NaN;
  }

  get state(): SupervisedRedis["state"] {
    return this.#state;
  }

  async begin(): Promise<void> {
    const server = (await this.#adopt()) ?? (await this.#launch());
    this.#supervising = this.#supervise(server);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#ending.signal.aborted) {
      this.#ending.abort(new Error("the supervisor ends"));
      if (this.#state === "running") await this.#server?.stop();
    }
    await this.#supervising;
    this.#state = "stopped";
    await this.#place.leave();
  }

  async #adopt(): Promise<LaunchedServer | undefined> {
    const running = await findRunningServer(this.#place, this.#options.port);
    if (!running) return undefined;
    const { pid, port, directory, supervisor } = running;
    if (supervisor !== undefined || !this.#options.survives) {
      const by = supervisor === undefined ? "" : `, supervised by process ${supervisor}`;
      throw new RedisError(`the Redis server of ${directory} runs already (process ${pid}${by}): stop it first`, {
        address: this.#place.path,
      });
    }
    this.#server = await attachToServer(this.#place, pid, this.#log);
    this.#port = port === 0 ? undefined : port;
    this.#tell("adopted", `Redis of ${directory} goes on (process ${pid})`);
    return this.#server;
  }

  async #launch(again = false): Promise<LaunchedServer> {
    const { role, survives } = this.#options;
    this.#server = await (survives ? launchDetachedServer(this.#place, this.#log) : launchTiedServer(this.#place));
    this.#state = "running";
    const place = `Redis at ${this.#place.path}`;
    const process = `process ${this.#server.pid}`;
    const kept = role === "settings" ? "what it saved last" : "nothing of what it had";
    if (again) this.#tell("restarted", `${place} runs again, with ${kept} (${process})`);
    else this.#tell("started", `${place} runs (${process})`);
    return this.#server;
  }

  async #supervise(first: LaunchedServer): Promise<void> {
    const { signal } = this.#ending;
    let quickDeaths = 0;
    for (let server: LaunchedServer | undefined = first; server; ) {
      const since = this.#clock.now();
      await server.ended;
      if (signal.aborted) return;
      this.#state = "restarting";
      const lastWords = (await server.lastWords()) || "none";
      this.#tell("died", `Redis at ${this.#place.path} (process ${server.pid}) has died, its last words: ${lastWords}`);
      quickDeaths = this.#clock.now() - since < quickLife ? quickDeaths + 1 : 1;
      server = await this.#restart(quickDeaths, lastWords);
    }
  }

  /** Undefined when it was given up, or when the supervisor ends. */
  async #restart(deaths: number, lastWords: string): Promise<LaunchedServer | undefined> {
    const { signal } = this.#ending;
    let words = lastWords;
    for (let count = deaths; count < mostQuickDeaths; count++) {
      try {
        await this.#clock.sleep(firstPause * 2 ** (count - 1), { signal });
        const server = await this.#launch(true);
        if (!signal.aborted) return server;
        await server.stop();
        return undefined;
      } catch (error) {
        if (signal.aborted) return undefined;
        words = errorMessage(error);
      }
    }
    this.#state = "failed";
    this.#tell(
      "failed",
      `Redis at ${this.#place.path} died ${mostQuickDeaths} times within moments and is left alone; its last words: ${words}`,
    );
    return undefined;
  }

  #tell(kind: RedisSupervisionEvent["kind"], message: string): void {
    this.#options.onEvent?.({ kind, message });
  }
}
