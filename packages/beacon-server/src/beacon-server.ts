import { createServer, isIPv6, type Server } from "node:net";
import { hostname } from "node:os";
import { resolve } from "node:path";
import { type Clock, Disposer, deferred, systemClock } from "@beamtime/concurrency";
import { errorMessage } from "@beamtime/errors";
import type { Client, Services } from "./answers.js";
import { ConfigDirectory } from "./config-directory.js";
import { ConfigEditor } from "./config-editor.js";
import { Connection } from "./connection.js";
import { listenOnPort, listenOnSocket } from "./listen.js";
import { LockTable } from "./lock-table.js";
import type { RedisLocation } from "./redis-location.js";

export interface BeaconServerOptions {
  /** Root of the YAML configuration; without it requests of files fail. */
  readonly directory?: string | undefined;
  /** Interface to listen on. Default loopback: the protocol has no authentication. */
  readonly host?: string | undefined;
  /** TCP port; 0, the default, takes a free one. */
  readonly port?: number | undefined;
  /** Path of a Unix socket to listen on as well; clients of this machine are sent there. */
  readonly socket?: string | undefined;
  /** The Redis server of settings and channels; a function is asked at each request, which waits for its answer. */
  readonly settings: RedisLocation | (() => RedisLocation | Promise<RedisLocation>);
  /** The Redis server of the scans. */
  readonly data?: RedisLocation | (() => RedisLocation | Promise<RedisLocation>) | undefined;
  /** Largest file that is read or written, in bytes; a client that announces more is dropped. Default 64 MiB. */
  readonly maxFileBytes?: number | undefined;
  /** Name of this machine, for clients that ask whether they run on it. Default: as the system says. */
  readonly hostname?: string | undefined;
  readonly clock?: Clock | undefined;
  /** Told of clients that had to be dropped, and of failures to accept one. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/**
 * The Beacon server of a beamline, for clients of BLISS 1.11: tells where Redis is, serves and changes the configuration
 * files, keeps the locks. Redis itself is the caller's. Owned by whoever starts it.
 *
 * @example
 * await using beacon = await BeaconServer.start({ directory: "config", settings: { host: "localhost", port: 6379 } });
 * console.log(`BEACON_HOST=${beacon.address}`);
 * @see BLISS `bliss/config/conductor/server.py`
 */
export class BeaconServer implements AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly #hostname: string;
  readonly #owned: Disposer;

  private constructor(fields: { host: string; port: number; hostname: string }, owned: Disposer) {
    this.host = fields.host;
    this.port = fields.port;
    this.#hostname = fields.hostname;
    this.#owned = owned;
  }

  /** Listens. @throws BeaconServerError when the port or the socket is taken or not allowed */
  static async start(options: BeaconServerOptions): Promise<BeaconServer> {
    const { host = "127.0.0.1", port = 0, socket, onWarning = () => {}, clock = systemClock } = options;
    const { settings, data, maxFileBytes = 64 * 1024 * 1024 } = options;
    const root = options.directory === undefined ? undefined : resolve(options.directory);
    const locks = new LockTable<Client>({ clock });
    const services: Services = {
      hostname: options.hostname ?? hostname(),
      socket: socket === undefined ? undefined : resolve(socket),
      settings: located(settings),
      data: data && located(data),
      locks,
      reader: root === undefined ? undefined : new ConfigDirectory(root, { maxBytes: maxFileBytes, clock }),
      editor: root === undefined ? undefined : new ConfigEditor(root),
    };

    await using disposer = new Disposer();
    disposer.defer(() => services.editor?.idle());
    disposer.defer(() => locks.close());
    const accept = (): Server => {
      const connections = new Set<Connection>();
      const server = createServer((accepted) => {
        const peer = accepted.remoteAddress ? `${accepted.remoteAddress}:${accepted.remotePort}` : "a local client";
        const onRefused = (message: string): void => onWarning(`${peer} is dropped: ${message}`);
        const connection = new Connection(accepted, services, { maxPayload: maxFileBytes + 8192, onRefused });
        connections.add(connection);
        accepted.once("close", () => connections.delete(connection));
      });
      disposer.defer(async () => {
        for (const connection of connections) connection.destroy();
        await closed(server);
      });
      return server;
    };
    const tcp = accept();
    await listenOnPort(tcp, host, port);
    const servers = [tcp];
    if (services.socket !== undefined) {
      const local = accept();
      await listenOnSocket(local, services.socket);
      servers.push(local);
    }
    for (const server of servers) server.on("error", (error) => onWarning(`no client: ${errorMessage(error)}`));
    const bound = tcp.address();
    return new BeaconServer(
      { host, port: typeof bound === "object" && bound ? bound.port : port, hostname: services.hostname },
      disposer.move(),
    );
  }

  /** `host:port`, as BEACON_HOST takes it, `[::1]:port` too; this machine's name where it listens on all interfaces. */
  get address(): string {
    if (/^(0\.0\.0\.0|::)$/.test(this.host)) return `${this.#hostname}:${this.port}`;
    return isIPv6(this.host) ? `[${this.host}]:${this.port}` : `${this.host}:${this.port}`;
  }

  /** Stops listening, drops all clients, finishes a change of the configuration that is under way. Twice is fine. */
  async close(): Promise<void> {
    await this.#owned[Symbol.asyncDispose]();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function located(location: BeaconServerOptions["settings"]): Services["settings"] {
  return typeof location === "function" ? location : () => location;
}

async function closed(server: Server): Promise<void> {
  if (!server.listening) return;
  const done = deferred<void>();
  server.close(() => done.resolve());
  await done.promise;
}
