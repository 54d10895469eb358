import { systemClock } from "@beamtime/concurrency";
import { ArgumentError } from "@beamtime/errors";
import { AcquisitionChain } from "./acquisition-chain.js";
import type { AcquisitionChannel } from "./acquisition-channel.js";
import { AcquisitionError } from "./acquisition-error.js";
import { findChannel } from "./channel-lookup.js";
import type { ChannelData } from "./channel-values.js";
import type { DataKey } from "./data-key.js";
import { memoryScanSaving } from "./memory-scan-saving.js";
import type { ScanIdentity } from "./scan-event.js";
import type { InfoValue, ScanInfo } from "./scan-info.js";
import { ScanLife } from "./scan-life.js";
import { ScanMemory } from "./scan-memory.js";
import type { ScanOptions } from "./scan-options.js";
import { ScanPreset } from "./scan-preset.js";
import { ScanRun } from "./scan-run.js";
import { type ScanState, scanStateRank } from "./scan-state.js";
import type { WatchdogCallback } from "./watchdog-callback.js";

/** A remark of the user on a scan. */
export interface ScanComment {
  /** Seconds since 1970. */
  readonly timestamp: number;
  readonly message: string;
}

const defaultMemoryLimit = 64 * 2 ** 20;
const aloneSaving = memoryScanSaving();

/**
 * One scan: runs a chain once, tells its sinks all that happens, keeps the data for `getData`.
 *
 * @example
 * const scan = new Scan(chain, { name: "test" });
 * await scan.run();
 * const { elapsed_time } = scan.getData();
 *
 * @see BLISS `bliss/scanning/scan.py`, class `Scan`
 */
export class Scan {
  readonly name: string;
  readonly acqChain: AcquisitionChain;
  readonly saveImages: boolean;
  readonly #options: ScanOptions;
  readonly #life: ScanLife;
  readonly #memory: ScanMemory;
  readonly #presets: ScanPreset[] = [];
  readonly #comments: ScanComment[] = [];
  #watchdog: WatchdogCallback | undefined;
  #run: ScanRun | undefined;

  /** @throws ArgumentError when the chain is none, or the name is empty or contains `:` */
  constructor(chain: AcquisitionChain, options: ScanOptions = {}) {
    const { name = "scan", save = true } = options;
    if (!(chain instanceof AcquisitionChain)) throw new ArgumentError("chain", "a scan needs an AcquisitionChain");
    if (!name || name.includes(":")) {
      throw new ArgumentError("name", `a scan cannot be called '${name}': expected a text without ':'`);
    }
    this.name = name;
    this.acqChain = chain;
    this.saveImages = options.saveImages ?? save;
    this.#options = options;
    this.#watchdog = options.watchdog;
    this.#memory = new ScanMemory(options.memoryLimit ?? defaultMemoryLimit);
    this.#life = new ScanLife(options.scanInfo ?? {});
  }

  get state(): ScanState {
    return this.#life.state;
  }

  /** Known once the scan runs. @throws AcquisitionError before it has its number */
  get identity(): ScanIdentity {
    if (this.#life.identity) return this.#life.identity;
    throw new AcquisitionError(this.name, `the scan '${this.name}' has no number yet: it gets one when it runs`);
  }

  /** Number among the scans of its parent. @throws AcquisitionError before the scan runs */
  get number(): number {
    return this.identity.number;
  }

  /** `ascan_12`; only the name before the scan runs. */
  get fullName(): string {
    return this.#life.identity ? `${this.name}_${this.#life.identity.number}` : this.name;
  }

  /** Key of the scan in the data tree: `demo_session:tmp:12_ascan`. @throws AcquisitionError before the scan runs */
  get dbName(): string {
    return [...this.identity.parentPath, this.identity.nodeName].join(":");
  }

  /** scan_info as of now. */
  get scanInfo(): ScanInfo {
    return this.#life.info;
  }

  get comments(): readonly ScanComment[] {
    return [...this.#comments];
  }

  /** @throws ArgumentError when it is no ScanPreset; AcquisitionError once the scan runs */
  addPreset(preset: ScanPreset): void {
    this.#life.assertIdle(this.fullName, "addPreset");
    if (!(preset instanceof ScanPreset)) {
      throw new ArgumentError("preset", `${String(preset)} is not a ScanPreset: extend that class`);
    }
    this.#presets.push(preset);
  }

  /** @throws AcquisitionError once the scan runs */
  setWatchdogCallback(watchdog: WatchdogCallback | undefined): void {
    this.#life.assertIdle(this.fullName, "setWatchdogCallback");
    this.#watchdog = watchdog;
  }

  /** Keeps a remark in scan_info and files. @throws AcquisitionError when the scan has ended */
  addComment(message: string): void {
    if (scanStateRank(this.state) >= scanStateRank("DONE")) {
      throw new AcquisitionError(this.fullName, `${this.fullName} has ended: comments are possible until then`);
    }
    const { clock = systemClock } = this.#options;
    this.#comments.push({ timestamp: clock.epoch(), message });
    const comments: InfoValue = this.#comments.map((comment) => ({ ...comment }));
    this.#life.info = { ...this.#life.info, comments };
    this.#run?.push({ type: "info", changes: { comments } });
  }

  /**
   * Runs the chain to its end, once. When it resolves or rejects, every device is stopped and every sink closed.
   *
   * @throws what failed, if one thing did; a ScanError when several did; a ScanAbort when the scan was aborted, by
   * `abort` or by the signal (whose reason is then the cause); AcquisitionError when the scan has run before
   */
  async run({ signal }: { signal?: AbortSignal | undefined } = {}): Promise<this> {
    if (this.#run) {
      throw new AcquisitionError(this.fullName, `${this.fullName} has run already (${this.state}): make a new scan`);
    }
    const options = this.#options;
    const run = new ScanRun({
      scan: this,
      chain: this.acqChain,
      options,
      name: this.name,
      title: options.title ?? titleOf(options.scanInfo) ?? this.name,
      save: options.save ?? true,
      saving: options.scanSaving ?? aloneSaving,
      clock: options.clock ?? systemClock,
      life: this.#life,
      memory: this.#memory,
      presets: this.#presets,
      watchdog: this.#watchdog,
    });
    this.#run = run;
    const abort = (): void => run.abort(signal?.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener("abort", abort, { once: true });
    try {
      await run.run();
    } finally {
      signal?.removeEventListener("abort", abort);
    }
    return this;
  }

  /**
   * Ends the scan at once: devices are stopped, `run` throws a ScanAbort. The second time it gives up waiting for
   * devices that do not stop. Ignored unless the scan runs.
   */
  abort(reason?: unknown): void {
    if (scanStateRank(this.state) < scanStateRank("DONE")) this.#run?.abort(reason);
  }

  /** Ends the scan normally once the current iteration is complete. */
  stop(): void {
    this.#life.requestStop();
  }

  /** Resolves to the state as soon as `state` or a later one is reached: check which, it may be a failure. */
  waitState(state: ScanState, { signal }: { signal?: AbortSignal | undefined } = {}): Promise<ScanState> {
    return this.#life.waitState(state, signal);
  }

  /** All data emitted so far, by short name where that is unique in the scan, else by full name. */
  getData(): { readonly [name: string]: ChannelData };
  /**
   * The data of one channel, emitted so far.
   *
   * @throws ArgumentError when the key means no channel, or several
   * @throws AcquisitionError when the scan has outgrown the memory and the data is to be read elsewhere
   */
  getData(key: DataKey): ChannelData;
  getData(key?: DataKey): ChannelData | { readonly [name: string]: ChannelData } {
    const channels = this.acqChain.nodesList.flatMap((object) => object.channels);
    if (key !== undefined) return this.#dataOf(findChannel(channels, key));
    const all: { [name: string]: ChannelData } = {};
    for (const channel of channels) {
      const isUnique = channels.every((other) => other === channel || other.shortName !== channel.shortName);
      const name = isUnique ? channel.shortName : channel.fullname;
      const get = (): ChannelData => this.#dataOf(channel);
      if (this.#memory.isDropped(channel)) Object.defineProperty(all, name, { enumerable: true, get });
      else all[name] = get();
    }
    return all;
  }

  /** `Scan(number=12, name=ascan, path=/data/data.h5)` */
  toString(): string {
    const { identity } = this.#life;
    const number = identity ? `number=${identity.number}, ` : "";
    return `Scan(${number}name=${this.name}, path=${identity?.filename || "<no saving>"})`;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }

  #dataOf(channel: AcquisitionChannel): ChannelData {
    const filename = this.#life.identity?.filename;
    const file = filename ? `in ${filename}, or ` : "";
    return this.#memory.get(channel, `${file}with @beamtime/data from the node of the scan`);
  }
}

function titleOf(info: ScanInfo | undefined): string | undefined {
  const title = info?.["title"];
  return typeof title === "string" ? title : undefined;
}
