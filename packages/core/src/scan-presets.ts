import { ArgumentError } from "@beamtime/errors";
import type { AcquisitionChannel } from "./acquisition-channel.js";
import { presetGrace } from "./branch-presets.js";
import { findChannels } from "./channel-lookup.js";
import type { PresetContext } from "./preset-context.js";
import type { RunScope, WorkSource } from "./run-scope.js";
import type { Scan } from "./scan.js";
import { bindPreset, type ScanPreset } from "./scan-preset.js";
import { together } from "./together.js";

/** The hooks of one running scan. */
export class ScanPresets {
  readonly #scan: Scan;
  readonly #presets: readonly ScanPreset[];
  readonly #scope: RunScope;
  readonly #prepared = new Set<ScanPreset>();
  readonly #disconnects: (() => void)[] = [];

  constructor(scan: Scan, presets: readonly ScanPreset[], scope: RunScope) {
    this.#scan = scan;
    this.#presets = presets;
    this.#scope = scope;
  }

  async prepare(channels: readonly AcquisitionChannel[]): Promise<void> {
    await this.#work(this.#presets, "prepare", (preset, context) => {
      this.#prepared.add(preset);
      this.#bind(preset, channels);
      return preset.prepare?.(this.#scan, context);
    });
  }

  async start(): Promise<void> {
    await this.#work(this.#presets, "start", (preset, context) => preset.start?.(this.#scan, context));
  }

  /** Every preset whose prepare was entered; failures are collected. */
  async stop(): Promise<void> {
    for (const disconnect of this.#disconnects) disconnect();
    const scope = this.#scope;
    const context = { signal: scope.forced, clock: scope.clock };
    const stopped = [...this.#prepared].map(async (preset) => {
      bindPreset(preset, undefined);
      try {
        await this.#call(preset, "stop", () => preset.stop?.(this.#scan, context));
      } catch {} // collected
    });
    await scope.settle(Promise.all(stopped), scope.interrupted);
  }

  async #work(
    presets: readonly ScanPreset[],
    phase: string,
    hook: (preset: ScanPreset, context: PresetContext) => void | Promise<void>,
  ): Promise<void> {
    const scope = this.#scope;
    const context = { signal: scope.signal, clock: scope.clock };
    const work = together(presets, async (preset) => this.#call(preset, phase, () => hook(preset, context)));
    await scope.settle(work ?? undefined, scope.signal);
    scope.check();
  }

  #call(preset: ScanPreset, phase: string, hook: () => void | Promise<void>): void | Promise<void> {
    const source: WorkSource = { name: preset.constructor.name, abortGrace: presetGrace };
    try {
      const result = hook();
      if (result) return this.#scope.track(source, phase, result);
    } catch (error) {
      throw this.#scope.fail(error, source.name);
    }
  }

  #bind(preset: ScanPreset, channels: readonly AcquisitionChannel[]): void {
    bindPreset(preset, (keys, callback) => {
      for (const key of keys) {
        const found = findChannels(channels, key);
        if (found.length === 0) {
          const names = channels.map(({ fullname }) => fullname).join(", ");
          throw new ArgumentError("counters", `no channel of ${JSON.stringify(key)} in this scan; it has ${names}`);
        }
        for (const channel of found) {
          // the callback takes the keys that it was connected with
          this.#disconnects.push(channel.onData(({ data }) => callback(key as never, channel.fullname, data)));
        }
      }
    });
  }
}
