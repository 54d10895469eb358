import { realpath } from "node:fs/promises";
import { errorMessage } from "@beamtime/errors";
import { connectRedis, type RedisConnection, settingsDatabase } from "./redis-connection.js";
import { RedisError } from "./redis-error.js";
import type { RedisTarget } from "./redis-target.js";
import type { ServerPlace } from "./server-place.js";

/** A server that was there already. */
export interface RunningServer {
  readonly pid: number;
  /** 0: none. */
  readonly port: number;
  readonly directory: string;
  readonly databaseFile: string;
  /** Id of the process that supervises it, if any. */
  readonly supervisor: number | undefined;
}

/** Beginning of the name of the connection that a supervisor holds to its server. */
export const supervisorName = "beamtime-supervisor:";

/** How long a server may take to tell who it is: one of ours may be loading its file. */
const patienceMs = { socket: 30_000, port: 2000 };

/**
 * Looks whether a server runs in a place already.
 *
 * @returns the one that keeps its file in this place; undefined when nobody is there
 * @throws RedisError when somebody else is, or the server of this place was started for another port
 */
export async function findRunningServer(
  place: ServerPlace,
  wantedPort = place.port,
): Promise<RunningServer | undefined> {
  const { path, host, databaseFile } = place;
  const found = await inspect({ path }, patienceMs.socket);
  if (found) {
    const isOurs = found.directory === (await realpath(place.directory)) && found.databaseFile === databaseFile;
    if (!isOurs) throw new RedisError(`${named(found)} uses the socket ${path}: stop it, or give another socket`);
    if (wantedPort !== 0 && found.port !== (wantedPort ?? 0)) {
      throw new RedisError(
        `${named(found)} runs already, on port ${found.port}: use this port, or stop it with kill ${found.pid}`,
        { address: path },
      );
    }
    return found;
  }
  if (wantedPort === undefined || wantedPort === 0) return undefined;
  const address = `${host}:${wantedPort}`;
  const other = await inspect({ host, port: wantedPort }, patienceMs.port).catch((error: unknown) => {
    throw new RedisError(
      `port ${address} is taken, by something that is no Redis server or lets nobody in: stop it, or give another port`,
      { address, cause: error },
    );
  });
  if (!other) return undefined;
  throw new RedisError(`port ${address} is taken by ${named(other)}: stop it, or give another port`, { address });
}

function named({ pid, directory }: RunningServer): string {
  return `the Redis server of ${directory} (process ${pid})`;
}

/** Who listens there; undefined when nobody does. @throws RedisError when it does not tell */
async function inspect(target: RedisTarget, patience: number): Promise<RunningServer | undefined> {
  const signal = AbortSignal.timeout(patience);
  try {
    await using connection = await connectRedis(target, { db: settingsDatabase, signal });
    return await describe(connection);
  } catch (error) {
    const cause = error instanceof RedisError ? error.cause : error;
    if (cause instanceof Error && "code" in cause && ["ENOENT", "ECONNREFUSED"].includes(String(cause.code))) return;
    throw new RedisError(`what listens on ${JSON.stringify(target)} does not tell who it is: ${errorMessage(error)}`, {
      cause: error,
    });
  }
}

async function describe({ client }: RedisConnection): Promise<RunningServer> {
  const setting = async (name: string): Promise<string> => {
    const [, value] = (await client.config("GET", name)) as string[]; // a name and its value
    return value ?? "";
  };
  const [directory, databaseFile, port, info, clients] = await Promise.all([
    setting("dir"),
    setting("dbfilename"),
    setting("port"),
    client.info("server"),
    client.client("LIST"),
  ]);
  const supervisor = new RegExp(` name=${supervisorName}(\\d+) `).exec(String(clients))?.[1];
  return {
    pid: Number(/process_id:(\d+)/.exec(info)?.[1]),
    port: Number(port),
    directory,
    databaseFile,
    supervisor: supervisor === undefined ? undefined : Number(supervisor),
  };
}
