import type { BeaconClient } from "@beamtime/beacon-client";
import type { ChannelBus } from "@beamtime/channels";
import type { Clock } from "@beamtime/concurrency";
import type { BeamlineConfig, ConfigObjects, ConfigPlugin } from "@beamtime/config";
import type { AcquisitionChain, Scan, ScanOptions, ScanSinkFactory } from "@beamtime/core";
import type { ActiveMeasurementGroup, Counter, MeasurementGroup } from "@beamtime/counters";
import type { Axis } from "@beamtime/motion";
import type { ConnectRedisOptions, RedisTarget } from "@beamtime/redis";
import type { BasicScanSaving, EsrfScanSaving } from "@beamtime/scan-saving";
import type { ScanCommands } from "@beamtime/scans";

export interface SessionOptions {
  /** Name of a session of the configuration. */
  readonly name: string;
  /**
   * `host:port` of the Beacon server to join: it has the configuration, the settings, the data and the locks, which are
   * then shared with all other processes of the beamline, those of BLISS included. Default: a server of the session's own.
   */
  readonly beacon?: string | undefined;
  /** The beamline's configuration, or the directory of its YAML files. Needed without `beacon`, else the one it serves. */
  readonly config?: BeamlineConfig | string | undefined;
  /**
   * For a Beacon server of the session's own: a Redis that runs already, for settings and data, or the word `private`,
   * the default: servers that end with the session.
   */
  readonly redis?: RedisTarget | undefined;
  /** What else ioredis needs for the Redis servers that `beacon` tells of: `tls`, `username`, `password`, … */
  readonly ioredis?: ConnectRedisOptions["ioredis"];
  /** Makers of the configured objects. Default: `standardPlugins`. */
  readonly plugins?: readonly ConfigPlugin[];
  /** Listeners of every scan beside publisher and file writer, e.g. a display. */
  readonly sinks?: readonly ScanSinkFactory[];
  readonly clock?: Clock;
  /** Called with what the user should see although it stops nothing. */
  readonly onWarning?: (source: string, message: string) => void;
  /** Called with what commands of the data policy have done, as BLISS prints it. */
  readonly onMessage?: (text: string) => void;
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
  readonly groups: readonly MeasurementGroup[];
  /** What scans count that are given no counters; without any group, all counters of the session. */
  readonly activeGroup: ActiveMeasurementGroup;
  /** SCAN_SAVING. */
  readonly scanSaving: BasicScanSaving | EsrfScanSaving;
  /** SCANS: the last 20, newest last. */
  readonly scans: readonly Scan[];
  readonly running: ReadonlySet<Scan>;
  /** Where the data nodes are, for readers of the same machine. */
  readonly redis: RedisTarget;
  /** `host:port` for BEACON_HOST of other processes. */
  readonly beaconAddress: string;
  /** The connection to the Beacon server: configuration files, locks. */
  readonly beacon: BeaconClient;
  /** Carries values shared with other processes: `new Channel(name, { bus: session.channels })`. */
  readonly channels: ChannelBus;
  /** Aborted by `abort`: for whatever else a user starts in the session, a move or a wait. */
  readonly signal: AbortSignal;
  /** Ends scans and moves that run now, cleanly; what is started afterwards runs. Their errors come where they are awaited. */
  abort(reason?: unknown): void;
  /** Lets another listener hear the scans made from now on. Returns the way out. */
  addSink(factory: ScanSinkFactory): () => void;
  /** Runs a scan of one's own as a scan of this session: same sinks, numbers, positioners. */
  newScan(chain: AcquisitionChain, options?: ScanOptions): Scan;
}
