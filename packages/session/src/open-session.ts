import { setMaxListeners } from "node:events";
import { mkdir } from "node:fs/promises";
import { Channel, ChannelBus, type ChannelOptions } from "@beamtime/channels";
import { Disposer, systemClock, within } from "@beamtime/concurrency";
import type { ConfigProblem } from "@beamtime/config";
import { ScanAbort } from "@beamtime/core";
import { ActiveMeasurementGroup } from "@beamtime/counters";
import { errorMessage } from "@beamtime/errors";
import { hdf5Writer } from "@beamtime/hdf5";
import { redisPublisher, redisScanNumbers } from "@beamtime/publisher";
import type { RedisConnection } from "@beamtime/redis";
import { openScanSaving } from "@beamtime/scan-saving";
import { createScanCommands } from "@beamtime/scans";
import { beaconLocks } from "./beacon-locks.js";
import { scanSavingProblems } from "./check-scan-saving.js";
import { configWriter } from "./config-writer.js";
import { liveValues } from "./live-values.js";
import { openBeamline } from "./open-beamline.js";
import { policyCommands } from "./policy-commands.js";
import { PolicyEvents } from "./policy-events.js";
import { redisGroupStore } from "./redis-group-store.js";
import type { Session, SessionOptions } from "./session.js";
import { SessionError } from "./session-error.js";
import { makeSessionObjects } from "./session-objects.js";
import { SessionScans } from "./session-scans.js";

/** Seconds that the settings Redis may take to answer when a session closes. */
const closingPatience = 3;

/**
 * Opens a session: joins a Beacon server (or starts one), makes the objects of the configuration, prepares the directory
 * where data goes. What fails on the way leaves nothing behind.
 *
 * An object that cannot be made is reported to `onWarning` and left out, as a beamline goes on without it.
 *
 * @throws ConfigError when the configuration has no such session
 * @throws BeaconError when the Beacon server cannot be reached
 * @throws RedisError when Redis cannot be reached or started
 * @throws SessionError when the data directory cannot be made
 */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { name, clock = systemClock, onWarning = () => {}, signal } = options;
  await using disposer = new Disposer();
  const beamline = await openBeamline(options, disposer);
  const { config, beacon, settings, data } = beamline;

  const report = ({ file, line, message }: ConfigProblem): void =>
    onWarning(line === undefined ? file : `${file}:${line}`, message);
  // before a session is missed that stands in a file which cannot be read
  for (const problem of config.problems) report(problem);
  const description = config.session(name);
  for (const problem of [...description.problems, ...scanSavingProblems(config, [name])]) report(problem);

  const bus = disposer.use(await ChannelBus.connect(settings));
  const { plugins } = options;
  const live = disposer.use(liveValues(bus, (channel, { message }) => onWarning(channel, message)));
  const locks = beaconLocks(beacon, onWarning);
  const save = configWriter(beacon);
  const parts = { plugins, settings, live, locks, save, clock, onWarning, disposer, signal };
  const { objects, made, axes, counters, groups } = await makeSessionObjects(config, description, parts);
  for (const problem of objects.problems) report(problem);
  const activeGroup = await ActiveMeasurementGroup.open(name, groups, redisGroupStore(settings));

  const policyEvents = disposer.use(
    new PolicyEvents(name, bus, (error) => onWarning("data policy", `others were not told: ${errorMessage(error)}`)),
  );
  const saving = disposer.use(
    await openScanSaving({
      session: name,
      config: description.scanSaving,
      settings,
      data,
      clock,
      onMessage: options.onMessage,
      onPolicyEvent: (event) => policyEvents.post(event),
    }),
  );
  // under a data policy the directory is a dataset: its first saved scan makes it
  if (saving.dataPolicy === "None") await makeDirectory(saving.get().rootPath);
  const writer = disposer.use(hdf5Writer());
  const scans = new SessionScans({
    saving,
    numbers: redisScanNumbers(data),
    locks,
    sinks: [redisPublisher(data), writer, ...(options.sinks ?? [])],
    axes,
    clock,
    identity: { instrument: textOf(config.root["instrument"]), beamline: textOf(config.root["beamline"]) },
  });
  const commands = createScanCommands({
    newScan: (chain, scanOptions, kind) => scans.make(chain, scanOptions, kind),
    defaultCounters: () => activeGroup.current?.counters ?? counters,
  });
  /** On the bus of the session, whatever BEACON_HOST says. */
  class SessionChannel<T> extends Channel<T> {
    constructor(channelName: string, channelOptions: ChannelOptions<T> = {}) {
      super(channelName, { bus, ...channelOptions });
    }
  }

  let abort = newAbort();
  const abortAll = (reason: unknown = new ScanAbort()): void => {
    for (const scan of scans.running) scan.abort(reason);
    abort.abort(reason);
    abort = newAbort();
    // those that were started without the signal, and jogs, are stopped one by one
    for (const axis of axes) {
      if (!axis.isMovedHere) continue;
      axis.stop().catch((error: unknown) => onWarning(axis.name, `may still move: ${errorMessage(error)}`));
    }
  };
  const owned = disposer.move();
  return {
    name,
    config,
    objects,
    axes,
    counters,
    groups,
    activeGroup,
    commands,
    channels: bus,
    beacon,
    scanSaving: saving,
    scans: scans.history,
    running: scans.running,
    redis: beamline.redis,
    beaconAddress: beacon.address,
    env: Object.freeze({
      ...Object.fromEntries(made),
      ...commands,
      ...policyCommands(saving),
      SCANS: scans.history,
      SCAN_SAVING: saving,
      ACTIVE_MG: activeGroup,
      Channel: SessionChannel,
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
      const moved = axes.filter((axis) => axis.isMovedHere);
      abortAll();
      // those that stand are known to, in the next session too
      await Promise.allSettled([...ends, ...moved.map((axis) => within(restTime, axis.waitMove(), { clock, late }))]);
      for (const { name: axisName } of moved.filter((axis) => axis.isMovedHere)) {
        onWarning(axisName, `still moves ${restTime} s after it was told to stop: the session ends all the same`);
      }
      const closed = new AbortController();
      const watching = closeUnlessItAnswers(settings, closed.signal);
      try {
        await owned[Symbol.asyncDispose]();
      } finally {
        closed.abort();
        await watching;
      }
    },
  };
}

/** Seconds in which an axis may come to rest when its session ends. */
const restTime = 3;

function late(): SessionError {
  return new SessionError("an axis still moves");
}

/** For whatever may wait for it, each axis and scan among them. */
function newAbort(): AbortController {
  const abort = new AbortController();
  setMaxListeners(0, abort.signal);
  return abort;
}

/** Closes a connection that does not answer for a while: what waits for it then fails, and nobody waits longer. */
async function closeUnlessItAnswers(connection: RedisConnection, signal: AbortSignal): Promise<void> {
  for (let answers = true; answers && !signal.aborted; ) {
    answers = false;
    const hear = (): void => {
      answers = true;
    };
    connection.client.ping().then(hear, () => {});
    await systemClock.sleep(closingPatience, { signal }).catch(() => {});
  }
  if (!signal.aborted) await connection.close();
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
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
