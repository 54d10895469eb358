import { mkdir } from "node:fs/promises";
import { AddressServer, type RedisLocation } from "@beamtime/beacon-server";
import { Disposer, systemClock } from "@beamtime/concurrency";
import { type ConfigObjects, type ConfigProblem, loadConfig } from "@beamtime/config";
import { simulationPlugins } from "@beamtime/controller-simulation";
import { memorySettings, ScanAbort, type SettingValue } from "@beamtime/core";
import { Counter } from "@beamtime/counters";
import { errorMessage } from "@beamtime/errors";
import { hdf5Writer } from "@beamtime/hdf5";
import { Axis } from "@beamtime/motion";
import { redisPublisher, redisScanNumbers } from "@beamtime/publisher";
import { connectRedis, type RedisConnection, type RedisTarget } from "@beamtime/redis";
import { startRedisServer } from "@beamtime/redis/server";
import { createScanCommands } from "@beamtime/scans";
import { ScanSavingParameters } from "./scan-saving-parameters.js";
import type { Session, SessionOptions } from "./session.js";
import { SessionError } from "./session-error.js";
import { SessionScans } from "./session-scans.js";

/**
 * Opens a session of a configuration: connects to Redis (or starts one), makes the objects, prepares the directory
 * where data goes. What fails on the way leaves nothing behind.
 *
 * An object that cannot be made is reported to `onWarning` and left out, as a beamline goes on without it.
 *
 * @throws ConfigError when the configuration has no such session
 * @throws RedisError when Redis cannot be reached or started
 * @throws SessionError when the data directory cannot be made
 */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { name, clock = systemClock, onWarning = () => {}, signal } = options;
  await using disposer = new Disposer();

  const config = typeof options.config === "string" ? await loadConfig(options.config) : options.config;
  const description = config.session(name);
  const report = ({ file, line, message }: ConfigProblem): void =>
    onWarning(line === undefined ? file : `${file}:${line}`, message);
  for (const problem of [...config.problems, ...description.problems]) report(problem);

  const own = options.redis === "private" ? await startPrivateRedis(disposer) : undefined;
  const target = own?.target ?? options.redis;
  const connection = disposer.use(await connectRedis(target, { signal }));
  const location = own?.location ?? locationOf(connection);
  const beacon = disposer.use(await AddressServer.start({ settings: location, data: location }));

  const objects = disposer.use(config.objects({ plugins: options.plugins ?? simulationPlugins, clock }));
  const made = await makeObjects(objects, description.objects, onWarning);
  for (const problem of objects.problems) report(problem);
  const axes = [...made.values()].filter((object) => object instanceof Axis);
  const counters = [...made.values()].filter((object) => object instanceof Counter);
  await initializeAxes(axes, onWarning, signal);

  const saving = await ScanSavingParameters.open(name, options.settings ?? memorySettings(), {
    clock,
    initial: settingsOf(description.scanSaving),
  });
  await makeDirectory(saving.get().rootPath);
  const writer = disposer.use(hdf5Writer());
  const scans = new SessionScans({
    saving,
    numbers: redisScanNumbers(connection),
    sinks: [redisPublisher(connection), writer, ...(options.sinks ?? [])],
    axes,
    clock,
    identity: { instrument: textOf(config.root["instrument"]), beamline: textOf(config.root["beamline"]) },
  });
  const commands = createScanCommands({
    newScan: (chain, scanOptions, kind) => scans.make(chain, scanOptions, kind),
    defaultCounters: () => counters,
  });

  let abort = new AbortController();
  const abortAll = (reason: unknown = new ScanAbort()): void => {
    for (const scan of scans.running) scan.abort(reason);
    abort.abort(reason);
    abort = new AbortController();
  };
  disposer.defer(() => saving.saved());
  const owned = disposer.move();
  return {
    name,
    config,
    objects,
    axes,
    counters,
    commands,
    scanSaving: saving,
    scans: scans.history,
    running: scans.running,
    redis: target,
    beaconAddress: beacon.address,
    env: Object.freeze({
      ...Object.fromEntries(made),
      ...commands,
      SCANS: scans.history,
      SCAN_SAVING: saving,
      config: objects,
    }),
    get signal() {
      return abort.signal;
    },
    abort: abortAll,
    addSink: (factory) => scans.addSink(factory),
    newScan: (chain, scanOptions) => scans.make(chain, scanOptions),
    async [Symbol.asyncDispose]() {
      const ends = [...scans.running].map((scan) => scan.waitState("DONE"));
      abortAll();
      await Promise.allSettled(ends);
      await owned[Symbol.asyncDispose]();
    },
  };
}

/** A server of the session's own, on a TCP port as well, which is what BLISS clients are told. */
async function startPrivateRedis(disposer: Disposer): Promise<{ target: RedisTarget; location: RedisLocation }> {
  const server = disposer.use(await startRedisServer({ role: "data", port: 0 }));
  return { target: server.target, location: { host: server.host, port: server.port ?? 0 } };
}

/** Where a connection leads, from its address: `host:port` or the path of a socket. */
function locationOf({ address }: RedisConnection): RedisLocation {
  if (address.startsWith("/")) return { path: address };
  const end = address.lastIndexOf(":");
  return { host: address.slice(0, end), port: Number(address.slice(end + 1)) };
}

async function makeObjects(
  objects: ConfigObjects,
  names: readonly string[],
  onWarning: (source: string, message: string) => void,
): Promise<ReadonlyMap<string, unknown>> {
  const made = new Map<string, unknown>();
  for (const name of names) {
    try {
      made.set(name, await objects.get(name));
    } catch (error) {
      onWarning(name, `is left out: ${errorMessage(error)}`);
    }
  }
  return made;
}

/** Learns where the axes are. One that does not answer stays in the session: it is tried again when it is moved. */
async function initializeAxes(
  axes: readonly Axis[],
  onWarning: (source: string, message: string) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  await Promise.all(
    axes.map((axis) =>
      axis
        .initialize({ signal })
        .catch((error: unknown) => onWarning(axis.name, `does not answer: ${errorMessage(error)}`)),
    ),
  );
  signal?.throwIfAborted();
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** Of a YAML mapping, what SCAN_SAVING can take: plain values. */
function settingsOf(mapping: Readonly<Record<string, unknown>>): Record<string, SettingValue> {
  return Object.fromEntries(
    Object.entries(mapping).filter((entry): entry is [string, SettingValue] =>
      ["string", "number", "boolean"].includes(typeof entry[1]),
    ),
  );
}

async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw new SessionError(
      `cannot make the data directory ${path} (${errorMessage(error)}): set SCAN_SAVING.base_path in the session's configuration (scan_saving: base_path)`,
      { cause: error },
    );
  }
}
