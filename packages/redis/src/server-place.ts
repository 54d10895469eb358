import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ArgumentError } from "@beamtime/errors";

export interface StartRedisServerOptions {
  /** `data`: scans, in memory only; `settings`: settings, kept in a file. Default `data`. */
  readonly role?: "data" | "settings" | undefined;
  /** Folder of the socket and of the settings' file; kept. Default: a temporary one, removed in the end. */
  readonly directory?: string | undefined;
  /** Path of the Unix socket. Default in the folder. */
  readonly socket?: string | undefined;
  /** TCP port; 0 takes a free one. Default: none, just the socket. */
  readonly port?: number | undefined;
  /** Address of the TCP port. Default 127.0.0.1: this machine only. */
  readonly host?: string | undefined;
  /** As Redis writes it. Default `1gb`. */
  readonly maxmemory?: string | undefined;
}

/** Where a server of ours is at home, and how it is called there. */
export interface ServerPlace {
  readonly directory: string;
  /** File of the directory in which the server keeps what it keeps. */
  readonly databaseFile: string;
  /** Path of the Unix socket. */
  readonly path: string;
  readonly host: string;
  readonly port: number | undefined;
  /** Settings on the command line of the server. */
  readonly args: readonly string[];
  /** Whether the directory was made for this server alone. */
  readonly temporary: boolean;
  /** Removes the directory if it is a temporary one. */
  leave(): Promise<void>;
}

/** The server configurations that BLISS ships, without their paths. */
const roles = {
  data: { file: "beacon_data.rdb", save: "", policy: "allkeys-lru" },
  settings: { file: "beacon.rdb", save: "900 1 300 10 60 10000", policy: "volatile-ttl" },
} as const;

/** Longest path of a Unix socket: the server would cut a longer one without a word. */
const longestPath = 107;

/** Makes the directory and finds a free port, as asked for. @throws ArgumentError when the path of the socket is too long */
export async function prepareServerPlace(
  options: StartRedisServerOptions,
  { socketName = "redis.sock" }: { readonly socketName?: string } = {},
): Promise<ServerPlace> {
  const { role = "data", host = "127.0.0.1", maxmemory = "1gb" } = options;
  const temporary = options.directory === undefined;
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), "beamtime-redis-")));
  await mkdir(directory, { recursive: true });
  const path = options.socket ?? join(directory, socketName);
  if (Buffer.byteLength(path) > longestPath) {
    throw new ArgumentError(
      "socket",
      `'${path}' is too long for a Unix socket: expected at most ${longestPath} bytes; give a directory of a shorter name, which may be a link, or another path as socket`,
    );
  }
  const port = options.port === 0 ? await freePort(host) : options.port;
  const { file, save, policy } = roles[role];
  const args = [
    ...["--dir", directory, "--unixsocket", path, "--port", String(port ?? 0), "--bind", host],
    // who may use the port may use the socket: BLISS clients of other users are sent there
    ...(port === undefined ? [] : ["--unixsocketperm", "777"]),
    ...["--protected-mode", "no", "--databases", "16", "--appendonly", "no", "--tcp-keepalive", "300"],
    ...["--stream-node-max-bytes", "4096", "--stream-node-max-entries", "100", "--notify-keyspace-events", ""],
    ...["--maxmemory", maxmemory, "--save", save, "--dbfilename", file, "--maxmemory-policy", policy],
  ];
  const leave = async (): Promise<void> => {
    if (temporary) await rm(directory, { recursive: true, force: true });
  };
  return { directory, databaseFile: file, path, host, port, args, temporary, leave };
}

async function freePort(host: string): Promise<number> {
  const probe = createServer().listen(0, host);
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo; // a TCP server that listens has one
  probe.close();
  await once(probe, "close");
  return port;
}
