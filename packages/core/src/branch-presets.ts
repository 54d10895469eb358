import { abortable } from "@beamtime/concurrency";
import type { AcquisitionChain } from "./acquisition-chain.js";
import { AcquisitionError } from "./acquisition-error.js";
import { ChainIterationPreset, type ChainPreset } from "./chain-preset.js";
import type { PresetContext } from "./preset-context.js";
import type { RunScope, WorkSource } from "./run-scope.js";
import { together } from "./together.js";

/** Seconds that a hook may go on after it should have ended. */
export const presetGrace = 10;

/** The hooks of one branch: which are due, and which were called, so that the right ones are stopped. */
export class BranchPresets {
  readonly #presets: readonly AttachedPreset[];

  constructor(chain: AcquisitionChain, presets: readonly ChainPreset[], scope: RunScope) {
    this.#presets = presets.map((preset) => new AttachedPreset(chain, preset, scope));
  }

  /** Before the devices are prepared: the presets the first time, then the hooks of the coming iteration. */
  prepare(isFirst: boolean): void | Promise<void> {
    return together(this.#presets, (attached) => attached.prepare(isFirst));
  }

  /** Before the devices are started. */
  start(isFirst: boolean): void | Promise<void> {
    return together(this.#presets, (attached) => attached.start(isFirst));
  }

  /** Between two iterations: ends the hooks of the last one. */
  stopIteration(): void | Promise<void> {
    return together(this.#presets, (attached) => attached.stopIteration());
  }

  /** Before the devices are stopped. */
  beforeStop(): void | Promise<void> {
    return together(this.#presets, (attached) => attached.beforeStop());
  }

  /** After the devices are stopped: presets and hooks of the last iteration, those that were prepared. */
  stop(): void | Promise<void> {
    return together(this.#presets, (attached) => attached.stop());
  }
}

/** One preset and the hooks of its iterations. */
class AttachedPreset {
  readonly #chain: AcquisitionChain;
  readonly #preset: ChainPreset;
  readonly #scope: RunScope;
  readonly #source: WorkSource;
  readonly #working: PresetContext;
  readonly #ending: PresetContext;
  #iterator: Iterator<ChainIterationPreset> | AsyncIterator<ChainIterationPreset> | undefined;
  #hook: ChainIterationPreset | undefined;
  #prepareEntered = false;
  #startEntered = false;

  constructor(chain: AcquisitionChain, preset: ChainPreset, scope: RunScope) {
    this.#chain = chain;
    this.#preset = preset;
    this.#scope = scope;
    this.#source = { name: preset.constructor.name, abortGrace: presetGrace };
    this.#working = { signal: scope.signal, clock: scope.clock };
    this.#ending = { signal: scope.forced, clock: scope.clock };
  }

  async prepare(isFirst: boolean): Promise<void> {
    if (isFirst) {
      this.#prepareEntered = true;
      await this.#call("prepare", () => this.#preset.prepare?.(this.#chain, this.#working));
      this.#scope.check();
      await this.#call("getIterator", () => this.#open());
    }
    await this.#call("getIterator", () => this.#next());
    await this.#call("prepare", () => this.#hook?.prepare?.(this.#working));
  }

  async start(isFirst: boolean): Promise<void> {
    if (isFirst) {
      this.#startEntered = true;
      await this.#call("start", () => this.#preset.start?.(this.#chain, this.#working));
      this.#scope.check();
    }
    await this.#call("start", () => this.#hook?.start?.(this.#working));
  }

  async stopIteration(context = this.#working): Promise<void> {
    const hook = this.#hook;
    this.#hook = undefined;
    await this.#call("stop", () => hook?.stop?.(context));
  }

  async beforeStop(): Promise<void> {
    if (!this.#startEntered) return;
    await this.#call("beforeStop", () => this.#preset.beforeStop?.(this.#chain, this.#ending));
  }

  async stop(): Promise<void> {
    if (!this.#prepareEntered) return;
    const stops = [
      () => this.#call("stop", () => this.#preset.stop?.(this.#chain, this.#ending)),
      () => this.stopIteration(this.#ending),
    ];
    await together(stops, (stop) => stop());
  }

  #open(): void {
    const hooks = this.#preset.getIterator?.(this.#chain);
    if (hooks)
      this.#iterator = Symbol.asyncIterator in hooks ? hooks[Symbol.asyncIterator]() : hooks[Symbol.iterator]();
  }

  /** Takes the hooks of the coming iteration; an iterator that has none left is dropped. */
  async #next(): Promise<void> {
    if (!this.#iterator) return;
    const next = await abortable(Promise.resolve(this.#iterator.next()), this.#scope.signal);
    this.#hook = undefined;
    if (next.done) {
      this.#iterator = undefined;
    } else if (next.value instanceof ChainIterationPreset) {
      this.#hook = next.value;
    } else {
      const { name } = this.#source;
      throw new AcquisitionError(
        name,
        `${name}.getIterator yielded ${String(next.value)}: expected a ChainIterationPreset`,
      );
    }
  }

  async #call(phase: string, hook: () => void | Promise<void>): Promise<void> {
    try {
      const result = hook();
      if (result) await this.#scope.track(this.#source, phase, result);
    } catch (error) {
      throw this.#scope.fail(error, this.#source.name);
    }
  }
}
