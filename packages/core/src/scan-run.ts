import { abortable, type Clock } from "@beamtime/concurrency";
import { errorMessage } from "@beamtime/errors";
import type { AcquisitionChain } from "./acquisition-chain.js";
import type { AcquisitionChannel, ChannelBlock } from "./acquisition-channel.js";
import type { AcquisitionObject } from "./acquisition-object.js";
import type { BranchHost } from "./chain-branch.js";
import { ChainDescription } from "./chain-description.js";
import { ChainRunner } from "./chain-runner.js";
import { RunScope } from "./run-scope.js";
import type { Scan } from "./scan.js";
import { ScanDevices } from "./scan-devices.js";
import { ScanError } from "./scan-error.js";
import { type ScanEndReason, type ScanEvent, scanEventVersion } from "./scan-event.js";
import { buildScanInfo, isRecord, mergeInfo, timesInfo } from "./scan-info-builder.js";
import type { ScanLife } from "./scan-life.js";
import type { ScanMemory } from "./scan-memory.js";
import type { ScanOptions } from "./scan-options.js";
import type { ScanPreset } from "./scan-preset.js";
import { ScanPresets } from "./scan-presets.js";
import type { ScanSaving } from "./scan-saving.js";
import type { ScanState } from "./scan-state.js";
import { SinkHub } from "./sink-hub.js";
import type { WatchdogCallback } from "./watchdog-callback.js";
import { WatchdogTask } from "./watchdog-task.js";

/** What a run works on. */
export interface ScanRunParts {
  readonly scan: Scan;
  readonly chain: AcquisitionChain;
  readonly options: ScanOptions;
  readonly name: string;
  readonly title: string;
  readonly save: boolean;
  readonly saving: ScanSaving;
  readonly clock: Clock;
  readonly life: ScanLife;
  readonly memory: ScanMemory;
  readonly presets: readonly ScanPreset[];
  readonly watchdog: WatchdogCallback | undefined;
}

/**
 * One run of a scan from its number to the last closed sink. Its order of steps is what clients rely on.
 *
 * @see BLISS `bliss/scanning/scan.py`, `Scan.run`
 */
export class ScanRun implements BranchHost {
  readonly #parts: ScanRunParts;
  readonly #scope: RunScope;
  readonly #hub: SinkHub;
  readonly #presets: ScanPresets;
  readonly #watchdog: WatchdogTask | undefined;
  readonly #disconnects: (() => void)[] = [];
  readonly #devices: ScanDevices;
  #description: ChainDescription | undefined;
  #runner: ChainRunner | undefined;
  #isCreated = false;
  #isOver = false;

  constructor(parts: ScanRunParts) {
    const { clock, scan, presets, watchdog, chain, options, title } = parts;
    this.#parts = parts;
    this.#devices = new ScanDevices(chain, {
      locks: options.locks,
      holder: title,
      onLost: (reason) => this.#scope.fail(reason, "locks"),
    });
    this.#scope = new RunScope(clock, (source, message) => this.#warn(source, message));
    this.#hub = new SinkHub({ clock, fail: (error, sink) => this.#scope.fail(error, sink) });
    this.#presets = new ScanPresets(scan, presets, this.#scope);
    this.#watchdog = watchdog && new WatchdogTask(watchdog, scan, this.#scope);
  }

  get isStopRequested(): boolean {
    return this.#parts.life.isStopRequested;
  }

  get stopRequest(): Promise<void> {
    return this.#parts.life.stopRequest;
  }

  /** Without effect once the final state is told. */
  abort(reason: unknown): void {
    if (!this.#isOver) this.#scope.abort(reason);
  }

  /** Tells the sinks, once the scan is announced. */
  push(event: ScanEvent): void {
    if (this.#isCreated) this.#hub.push(event);
  }

  pressure(): Promise<void> | undefined {
    return this.#hub.pressure();
  }

  deviceEnd(object: AcquisitionObject): void {
    this.push({ type: "deviceEnd", device: this.#description?.idOf(object) ?? object.name });
  }

  /** @throws what failed first, a ScanError when several things failed, a ScanAbort after an abort */
  async run(): Promise<void> {
    const scope = this.#scope;
    try {
      const description = await this.#create();
      await this.#prepare(description);
      await this.#takeData();
    } catch (error) {
      scope.fail(error, this.#parts.name);
    }
    await this.#end();
    if (scope.aborted) throw scope.aborted;
    if (scope.errors.length > 1) throw new ScanError(this.#parts.scan.fullName, scope.errors);
    if (scope.errors.length === 1) throw scope.errors[0];
  }

  /** Takes the number and announces the scan. */
  async #create(): Promise<ChainDescription> {
    const { chain, options, name, title, save, saving, clock, life } = this.#parts;
    const scope = this.#scope;
    chain.freeze();
    const description = new ChainDescription(chain);
    this.#description = description;
    scope.check();
    await this.#wait(this.#devices.take(scope.signal));
    const parentPath = options.parent?.path;
    const request = { name, save, ...(parentPath && { parentPath }) };
    const { identity, info } = await this.#wait(saving.begin(request, { signal: scope.signal }));
    life.identity = identity;
    await this.#wait(description.collect("start"));
    const metadata = (await this.#wait(options.scanMetadata?.("start"))) ?? {};
    const categories = Object.keys(metadata).filter((key) => isRecord(metadata[key]));
    const time = clock.epoch();
    const built = buildScanInfo({
      identity,
      title,
      time,
      user: life.info,
      saving: info,
      chain: description.info(),
      npoints: chain.topMasters[0]?.npoints ?? 0,
    });
    life.info = mergeInfo({ ...built, ...(categories.length > 0 && { scan_meta_categories: categories }) }, metadata);
    scope.check();
    this.#hub.open(options.sinks ?? []);
    this.#isCreated = true;
    this.push({ type: "created", version: scanEventVersion, time, identity, info: life.info });
    await this.#flush();
    await this.#wait(this.#watchdog?.start());
    scope.check();
    return description;
  }

  /** Everything up to the devices being ready to start. */
  async #prepare(description: ChainDescription): Promise<void> {
    const { chain, clock, life } = this.#parts;
    const scope = this.#scope;
    const runner = new ChainRunner(chain, scope, this);
    this.#runner = runner;
    await runner.begin();
    this.#enter("PREPARING");
    await this.#presets.prepare(description.channels);
    await this.#wait(description.collect("prepared"));
    life.info = mergeInfo(life.info, description.info());
    this.push({
      type: "devices",
      devices: description.describeDevices(),
      channels: description.describeChannels(),
    });
    this.push({ type: "prepared", time: clock.epoch(), info: life.info });
    this.#disconnects.push(...description.channels.map((channel, index) => this.#connect(channel, index)));
    await this.#flush();
    await runner.prepare();
  }

  async #takeData(): Promise<void> {
    this.#enter("STARTING");
    await this.#presets.start();
    await this.#runner?.run();
  }

  /** Each step is taken whatever became of those before. */
  async #end(): Promise<void> {
    const { life, options, clock } = this.#parts;
    const scope = this.#scope;
    const isPrepared = this.#runner?.prepareEntered ?? false;
    if (isPrepared) {
      this.#enter("STOPPING");
      await this.#step("chain", () => this.#runner?.stop());
      await this.#step("sinks", () => this.#hub.flush(scope.forced));
    }
    for (const disconnect of this.#disconnects) disconnect();
    if (this.#isCreated) {
      await this.#step("metadata", () => this.#unlessForced(this.#endInfo()));
      this.#pushEnded();
      await this.#step("watchdog", () => this.#watchdog?.stop());
      await this.#step("watchdog", () => this.#unlessForced(this.#watchdog?.end()));
    }
    await this.#step("presets", () => this.#presets.stop());
    if (isPrepared) {
      const context = { signal: scope.forced, clock, iteration: 0 };
      await this.#step("restore", () => this.#unlessForced(options.restore?.(context)));
    }
    await this.#step("locks", () => this.#devices.release());
    this.#isOver = true;
    this.push({ type: "state", time: clock.epoch(), state: this.#endState() });
    await this.#hub.flush(scope.forced);
    await this.#hub.close();
    const state = this.#endState();
    life.info = { ...life.info, state };
    life.enter(state);
  }

  async #endInfo(): Promise<void> {
    const { life, options } = this.#parts;
    await this.#description?.collect("end");
    const metadata = this.#scope.errors.length === 0 ? await options.scanMetadata?.("end") : undefined;
    const { devices = {} } = this.#description?.info() ?? {};
    life.info = mergeInfo(mergeInfo(life.info, { devices }), metadata ?? {});
  }

  #pushEnded(): void {
    const { life, clock } = this.#parts;
    const [first] = this.#scope.aborted ? [this.#scope.aborted] : this.#scope.errors;
    const time = clock.epoch();
    life.info = mergeInfo(life.info, timesInfo("end", time));
    this.push({
      type: "ended",
      time,
      reason: this.#endReason(),
      ...(first !== undefined && {
        error: { name: first instanceof Error ? first.name : "Error", message: errorMessage(first) },
      }),
      info: life.info,
    });
  }

  #endReason(): ScanEndReason {
    if (this.#scope.aborted) return "USER_ABORT";
    return this.#scope.errors.length > 0 ? "FAILURE" : "SUCCESS";
  }

  #endState(): ScanState {
    if (this.#scope.aborted) return "USER_ABORTED";
    return this.#scope.errors.length > 0 ? "KILLED" : "DONE";
  }

  #enter(state: ScanState): void {
    const { life, clock } = this.#parts;
    life.info = { ...life.info, state };
    this.push({ type: "state", time: clock.epoch(), state });
    life.enter(state);
  }

  /** Waits, but not after the scan was told to end. */
  async #wait<T>(work: T | Promise<T>): Promise<T> {
    return abortable(Promise.resolve(work), this.#scope.signal);
  }

  async #flush(): Promise<void> {
    await this.#hub.flush(this.#scope.signal);
    this.#scope.check();
  }

  async #step(source: string, work: () => void | Promise<void> | undefined): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#scope.fail(error, source);
    }
  }

  /** Waits for what has no bound of its own, but not once the user insists. */
  async #unlessForced(work: void | Promise<void> | undefined): Promise<void> {
    if (work) await abortable(work, this.#scope.forced);
  }

  #warn(source: string, message: string): void {
    if (this.#isCreated) this.#hub.warn(source, message);
  }

  #connect(channel: AcquisitionChannel, index: number): () => void {
    const { memory } = this.#parts;
    return channel.onData((block: ChannelBlock) => {
      memory.append(block);
      this.#hub.push({
        type: "data",
        channel: index,
        first: block.first,
        npoints: block.npoints,
        pointShape: block.pointShape,
        data: block.data,
      });
      this.#watchdog?.data(block);
    });
  }
}
