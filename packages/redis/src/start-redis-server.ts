import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { findRedisServer } from "./find-redis-server.js";
import { RedisError } from "./redis-error.js";

export interface StartRedisServerOptions {
  /** `data`: scans, in memory only; `settings`: settings, kept in a file. Default `data`. */
  readonly role?: "data" | "settings";
  /** Folder of the socket and of the settings' file; kept. Default: a temporary one, removed in the end. */
  readonly directory?: string;
  /** Path of the Unix socket. Default `redis.sock` in the folder. */
  readonly socket?: string;
  /** TCP port; 0 takes a free one. Default: none, just the socket. */
  readonly port?: number;
  /** Address of the TCP port. Default 127.0.0.1: this machine only. */
  readonly host?: string;
  /** As Redis writes it. Default `1gb`. */
  readonly maxmemory?: string;
}

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

/** The server configurations that BLISS ships, without their paths. */
const roleSettings = {
  data: ["--save", "", "--dbfilename", "beacon_data.rdb", "--maxmemory-policy", "allkeys-lru"],
  settings: ["--save", "900 1 300 10 60 10000", "--dbfilename", "beacon.rdb", "--maxmemory-policy", "volatile-ttl"],
} as const;

/** Runs the server beside a watcher, which kills it when the pipe from this process breaks. Prints the server's pid. */
const launcher = `exec 3<&0; "$@" 3<&- & server=$!; echo "$server"; { cat <&3; kill -9 "$server"; } >/dev/null 2>&1 & wait "$server"`;

/**
 * Starts a private server with the settings of beamlines and waits until it answers.
 *
 * @throws RedisError when no server is installed or when it does not start; the message has its last words
 */
export async function startRedisServer(options: StartRedisServerOptions = {}): Promise<RedisServer> {
  const { role = "data", host = "127.0.0.1", maxmemory = "1gb" } = options;
  const { executable, env } = await findRedisServer();
  const temporary = options.directory === undefined;
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), "beamtime-redis-")));
  await mkdir(directory, { recursive: true });
  const path = options.socket ?? join(directory, "redis.sock");
  const port = options.port === 0 ? await freePort(host) : options.port;
  const settings = [
    ...["--dir", directory, "--unixsocket", path, "--port", String(port ?? 0), "--bind", host],
    ...["--protected-mode", "no", "--databases", "16", "--appendonly", "no", "--tcp-keepalive", "300"],
    ...["--stream-node-max-bytes", "4096", "--stream-node-max-entries", "100", "--notify-keyspace-events", ""],
    ...["--maxmemory", maxmemory, ...roleSettings[role]],
  ];
  // in a session of its own: Ctrl-C or the end of a terminal must reach neither the server nor its watcher
  const args = ["-c", launcher, "sh", executable, ...settings];
  const launched = spawn("sh", args, { env, stdio: "pipe", detached: true });
  const remove = async (): Promise<void> => {
    if (temporary) await rm(directory, { recursive: true, force: true });
  };
  const ended = once(launched, "close").then(() => launched.stdin.destroy());
  try {
    const pid = await started(launched, executable);
    return new StartedServer(pid, ended, remove, { path, host, port });
  } catch (error) {
    launched.stdin.destroy();
    await ended;
    await remove();
    throw error;
  }
}

/** Reads the output until the server accepts connections. */
function started(launched: ChildProcess, executable: string): Promise<number> {
  return new Promise((resolve, reject) => {
    let pid: number | undefined;
    const output: string[] = [];
    const listen = (line: string): void => {
      if (pid === undefined && /^\d+$/.test(line)) pid = Number(line);
      else if (pid !== undefined && line.includes("eady to accept connections")) resolve(pid);
      else output.push(line);
      if (output.length > 10) output.shift();
    };
    for (const stream of [launched.stdout, launched.stderr]) {
      if (stream) createInterface({ input: stream }).on("line", listen);
    }
    launched.on("error", reject);
    launched.on("close", () => reject(new RedisError(`${executable} did not start: ${output.slice(-3).join(" | ")}`)));
  });
}

async function freePort(host: string): Promise<number> {
  const probe = createServer().listen(0, host);
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo; // a TCP server that listens has one
  probe.close();
  await once(probe, "close");
  return port;
}

class StartedServer implements RedisServer {
  readonly target: { readonly path: string };
  readonly host: string;
  readonly port: number | undefined;
  readonly pid: number;
  readonly #ended: Promise<unknown>;
  readonly #remove: () => Promise<void>;
  #running = true;

  constructor(
    pid: number,
    ended: Promise<unknown>,
    remove: () => Promise<void>,
    at: { path: string; host: string; port: number | undefined },
  ) {
    this.pid = pid;
    this.#remove = remove;
    this.#ended = ended.then(() => {
      this.#running = false;
    });
    this.target = { path: at.path };
    this.host = at.host;
    this.port = at.port;
  }

  async stop(): Promise<void> {
    this.#signal("SIGCONT");
    this.#signal("SIGTERM");
    await this.#ended;
    await this.#remove();
  }

  async kill(): Promise<void> {
    this.#signal("SIGKILL");
    await this.#ended;
    await this.#remove();
  }

  pause(): void {
    this.#signal("SIGSTOP");
  }

  resume(): void {
    this.#signal("SIGCONT");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.#running) process.kill(this.pid, signal);
  }
}
