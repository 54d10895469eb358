import type { Clock } from "@beamtime/concurrency";
import type { BeamlineConfig, ConfigObjects, ConfigPlugin } from "@beamtime/config";
import type { AcquisitionChain, Scan, ScanOptions, ScanSinkFactory, SettingsStore } from "@beamtime/core";
import type { Counter } from "@beamtime/counters";
import type { Axis } from "@beamtime/motion";
import type { RedisTarget } from "@beamtime/redis";
import type { ScanCommands } from "@beamtime/scans";
import type { ScanSavingParameters } from "./scan-saving-parameters.js";

export interface SessionOptions {
  /** Name of a session of the configuration. */
  readonly name: string;
  /** The beamline's configuration, or the directory of its YAML files. */
  readonly config: BeamlineConfig | string;
  /** The Redis of the data nodes, or the word `private`: a server of the session's own, which ends with it. */
  readonly redis: RedisTarget;
  /** Makers of the configured objects. Default: the simulated devices. */
  readonly plugins?: readonly ConfigPlugin[];
  /** Listeners of every scan beside publisher and file writer, e.g. a display. */
  readonly sinks?: readonly ScanSinkFactory[];
  /** Where SCAN_SAVING keeps its parameters. Default: they last as long as the session. */
  readonly settings?: SettingsStore;
  readonly clock?: Clock;
  /** Called with what the user should see although it stops nothing. */
  readonly onWarning?: (source: string, message: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * A beamline at work: configured objects, scan commands, SCAN_SAVING, publisher and file writer, put together.
 * Owned by whoever opened it: disposing of it aborts what runs, and stops all that the session started.
 *
 * @example
 * await using session = await openSession({ name: "demo_session", config: "demo", redis: "private" });
 * const { ascan, roby, diode } = session.env;
 */
export interface Session extends AsyncDisposable {
  readonly name: string;
  /** The configured objects and the commands by the names users type. */
  readonly env: Readonly<Record<string, unknown>>;
  readonly commands: ScanCommands;
  readonly config: BeamlineConfig;
  readonly objects: ConfigObjects;
  readonly axes: readonly Axis[];
  readonly counters: readonly Counter[];
  /** SCAN_SAVING. */
  readonly scanSaving: ScanSavingParameters;
  /** SCANS: the last 20, newest last. */
  readonly scans: readonly Scan[];
  readonly running: ReadonlySet<Scan>;
  /** Where the data nodes are, for readers of the same machine. */
  readonly redis: RedisTarget;
  /** `host:port` for BEACON_HOST of BLISS clients. */
  readonly beaconAddress: string;
  /** Aborted by `abort`: for whatever else a user starts in the session, a move or a wait. */
  readonly signal: AbortSignal;
  /** Ends scans and moves that run now, cleanly; what is started afterwards runs. Their errors come where they are awaited. */
  abort(reason?: unknown): void;
  /** Lets another listener hear the scans made from now on. Returns the way out. */
  addSink(factory: ScanSinkFactory): () => void;
  /** Runs a scan of one's own as a scan of this session: same sinks, numbers, positioners. */
  newScan(chain: AcquisitionChain, options?: ScanOptions): Scan;
}
