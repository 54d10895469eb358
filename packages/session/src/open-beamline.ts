import { hostname } from "node:os";
import { type BeaconClient, connectBeacon } from "@beamtime/beacon-client";
import type { Disposer } from "@beamtime/concurrency";
import { type BeamlineConfig, loadConfig } from "@beamtime/config";
import { connectRedis, dataDatabase, type RedisConnection, type RedisTarget, settingsDatabase } from "@beamtime/redis";
import type { SessionOptions } from "./session.js";
import { startBeacon } from "./start-beacon.js";
import { watchDeadScans } from "./watch-dead-scans.js";

/** What a session stands on, whoever runs it. */
export interface Beamline {
  readonly config: BeamlineConfig;
  readonly beacon: BeaconClient;
  readonly settings: RedisConnection;
  readonly data: RedisConnection;
  /** The Redis of the data. */
  readonly redis: RedisTarget;
  /** Whether the Beacon server is one of this process. */
  readonly isOwn: boolean;
}

/** Joins the Beacon server that the options name, or starts one for this session alone. */
export async function openBeamline(options: SessionOptions, disposer: Disposer): Promise<Beamline> {
  const { name, signal, onWarning = () => {}, ioredis } = options;
  // what others are told when this session holds a lock
  const clientName = `${name}@${hostname()}:${process.pid}`;
  const given = typeof options.config === "string" ? await loadConfig(options.config) : options.config;
  const redis = options.redis === "private" ? undefined : options.redis;
  const own =
    options.beacon === undefined
      ? disposer.use(
          await startBeacon({ directory: given?.directory, settings: redis, data: redis, onWarning, signal }),
        )
      : undefined;
  const beacon = disposer.use(
    await connectBeacon({ address: own?.address ?? options.beacon, name: clientName, signal }),
  );
  const target = own?.data ?? (await beacon.dataRedis({ signal }));
  const settingsTarget = own?.settings ?? (await beacon.settingsRedis({ signal }));
  const settings = disposer.use(await connectRedis(settingsTarget, { db: settingsDatabase, ioredis, signal }));
  const data = disposer.use(await connectRedis(target, { db: dataDatabase, ioredis, signal }));
  if (!own) disposer.use(watchDeadScans(data, onWarning));
  return {
    config: given ?? (await configOf(beacon, options)),
    beacon,
    settings,
    data,
    redis: target,
    isOwn: own !== undefined,
  };
}

async function configOf(beacon: BeaconClient, { signal, onWarning }: SessionOptions): Promise<BeamlineConfig> {
  const { files, problems } = await beacon.readConfigFiles("", { signal });
  for (const { path, message } of problems) onWarning?.(path ?? "configuration", message);
  return await loadConfig(files);
}
