import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { BeaconServer, type RedisLocation } from "@beamtime/beacon-server";
import { Disposer, deferred } from "@beamtime/concurrency";
import { connectRedis, dataDatabase, type RedisTarget } from "@beamtime/redis";
import { superviseRedis } from "@beamtime/redis/server";
import { placeOf, type RedisPlace } from "./redis-place.js";
import { SessionError } from "./session-error.js";
import { watchDeadScans } from "./watch-dead-scans.js";

export interface StartBeaconOptions {
  /** Of the configuration; without it, files are not served. */
  readonly directory?: string | undefined;
  /** Interface to listen on. Default loopback: whoever reaches it controls the beamline. */
  readonly host?: string | undefined;
  /** Default 0: a free one. */
  readonly port?: number | undefined;
  /** Unix socket to listen on as well. */
  readonly socket?: string | undefined;
  /** The settings Redis, when one runs already. Default: one of its own. */
  readonly settings?: RedisTarget | undefined;
  /** The data Redis, when one runs already. Default: one of its own. */
  readonly data?: RedisTarget | undefined;
  /** Ports of its own Redis servers. Default: free ones. */
  readonly ports?: { readonly settings?: number; readonly data?: number } | undefined;
  /**
   * A service: its Redis servers keep their settings in `directory`, outlive a crash of this process, and are taken
   * over by the next one. Default false: everything ends and is forgotten with this process.
   */
  readonly isService?: boolean | undefined;
  /** Called with what the operator should know. */
  readonly onWarning?: ((source: string, message: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A Beacon server with the Redis servers that it tells of. Owned by whoever started it. */
export interface Beacon extends AsyncDisposable {
  /** `host:port`, for BEACON_HOST. */
  readonly address: string;
  /** For connections of this process: with the credentials that were given, which clients are not told. */
  readonly settings: RedisTarget;
  readonly data: RedisTarget;
}

/**
 * Starts a Beacon server with its two Redis servers, or before those that are given, and ends the scans of processes that
 * die.
 *
 * @throws SessionError when there is no such directory
 * @throws BeaconServerError when the port is taken
 * @throws RedisError when a Redis server cannot be started or reached
 */
export async function startBeacon(options: StartBeaconOptions = {}): Promise<Beacon> {
  const { host, port, socket, ports = {}, onWarning = () => {}, signal } = options;
  const directory = options.directory === undefined ? undefined : await existing(resolve(options.directory));
  await using disposer = new Disposer();
  const serverOf = async (role: "settings" | "data"): Promise<RedisPlace> => {
    const given = options[role];
    if (given !== undefined) return await placeOf(given, signal);
    const kept = options.isService ? { directory, survives: true } : {};
    const server = disposer.use(
      await superviseRedis({
        role,
        port: ports[role] ?? 0,
        host,
        ...kept,
        onEvent: ({ kind, message }) => kind !== "started" && onWarning(`Redis (${role})`, message),
      }),
    );
    return {
      target: server.target,
      location: () => ({ host: server.host, port: server.port, path: server.target.path }),
    };
  };
  const places: { settings?: RedisPlace; data?: RedisPlace } = {};
  const running = deferred<void>();
  const located = (role: "settings" | "data") => (): RedisLocation | Promise<RedisLocation> =>
    places[role]?.location() ?? running.promise.then(() => located(role)());
  // first, so that a second server on the port touches nothing of the first one; requests wait for Redis
  const server = disposer.use(
    await BeaconServer.start({
      directory,
      host,
      port,
      socket,
      settings: located("settings"),
      data: located("data"),
      onWarning: (message) => onWarning("Beacon", message),
    }),
  );
  const settings = await serverOf("settings");
  const data = await serverOf("data");
  Object.assign(places, { settings, data });
  running.resolve();
  const connection = disposer.use(await connectRedis(data.target, { db: dataDatabase, signal }));
  disposer.use(watchDeadScans(connection, onWarning));
  const owned = disposer.move();
  return {
    address: server.address,
    settings: settings.target,
    data: data.target,
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
  };
}

/** A directory that is there: a misspelt one is not to become an empty configuration. */
async function existing(directory: string): Promise<string> {
  const found = await stat(directory).catch(() => undefined);
  if (found?.isDirectory()) return directory;
  throw new SessionError(
    `${directory} is ${found ? "no directory" : "not there"}: expected the directory of a configuration; make it first for a new one`,
  );
}
