import { abortable } from "@beamtime/concurrency";
import type { AcquisitionChain } from "./acquisition-chain.js";
import { AcquisitionError } from "./acquisition-error.js";
import { ChainIterationPreset, type ChainPreset } from "./chain-preset.js";
import type { PresetContext } from "./preset-context.js";
import type { RunScope, WorkSource } from "./run-scope.js";
import { together } from "./together.js";

/** Seconds that a hook may go on after it was aborted. */
const presetGrace = 10;

interface AttachedPreset {
  readonly preset: ChainPreset;
  readonly source: WorkSource;
  iterator: Iterator<ChainIterationPreset> | AsyncIterator<ChainIterationPreset> | undefined;
  current: ChainIterationPreset | undefined;
  prepareEntered: boolean;
  startEntered: boolean;
}

/** The hooks of one branch: which are due, and which were called, so that the right ones are stopped. */
export class BranchPresets {
  readonly #chain: AcquisitionChain;
  readonly #scope: RunScope;
  readonly #presets: readonly AttachedPreset[];

  constructor(chain: AcquisitionChain, presets: readonly ChainPreset[], scope: RunScope) {
    this.#chain = chain;
    this.#scope = scope;
    this.#presets = presets.map((preset) => ({
      preset,
      source: { name: preset.constructor.name, abortGrace: presetGrace },
      iterator: undefined,
      current: undefined,
      prepareEntered: false,
      startEntered: false,
    }));
  }

  /** Before the devices are prepared: the presets the first time, then the hooks of the coming iteration. */
  prepare(isFirst: boolean): void | Promise<void> {
    return together(this.#presets, (attached) => this.#prepare(attached, isFirst));
  }

  /** Before the devices are started. */
  start(isFirst: boolean): void | Promise<void> {
    const context = this.#context(this.#scope.signal);
    return together(this.#presets, async (attached) => {
      if (isFirst) {
        attached.startEntered = true;
        await this.#call(attached, "start", () => attached.preset.start?.(this.#chain, context));
      }
      await this.#call(attached, "start", () => attached.current?.start?.(context));
    });
  }

  /** Between two iterations: ends the hooks of the last one. */
  stopIteration(): void | Promise<void> {
    return together(this.#presets, (attached) => this.#stopIteration(attached, this.#scope.signal));
  }

  /** Before the devices are stopped. */
  beforeStop(): void | Promise<void> {
    const context = this.#context(this.#scope.forced);
    return together(this.#presets, ({ preset, startEntered, ...attached }) => {
      if (startEntered) return this.#call(attached, "beforeStop", () => preset.beforeStop?.(this.#chain, context));
    });
  }

  /** After the devices are stopped: presets and hooks of the last iteration. */
  stop(): void | Promise<void> {
    const context = this.#context(this.#scope.forced);
    return together(this.#presets, async (attached) => {
      const stopped = attached.prepareEntered
        ? this.#attempt(() => this.#call(attached, "stop", () => attached.preset.stop?.(this.#chain, context)))
        : undefined;
      await this.#attempt(() => this.#stopIteration(attached, this.#scope.forced));
      await stopped;
      attached.prepareEntered = false;
    });
  }

  async #prepare(attached: AttachedPreset, isFirst: boolean): Promise<void> {
    const context = this.#context(this.#scope.signal);
    let prepared: void | Promise<void>;
    if (isFirst) {
      attached.prepareEntered = true;
      prepared = this.#call(attached, "prepare", () => attached.preset.prepare?.(this.#chain, context));
      attached.iterator = await this.#open(attached, prepared);
    }
    if (attached.iterator) {
      const hook = await this.#next(attached, attached.iterator);
      attached.current = hook;
      if (!hook) attached.iterator = undefined;
      await this.#call(attached, "prepare", () => hook?.prepare?.(context));
    }
    await prepared;
  }

  async #open(attached: AttachedPreset, prepared: void | Promise<void>): Promise<AttachedPreset["iterator"]> {
    const hooks = attached.preset.getIterator?.(this.#chain);
    if (!hooks) {
      await prepared;
      return undefined;
    }
    return Symbol.asyncIterator in hooks ? hooks[Symbol.asyncIterator]() : hooks[Symbol.iterator]();
  }

  async #next(
    { source }: AttachedPreset,
    iterator: NonNullable<AttachedPreset["iterator"]>,
  ): Promise<ChainIterationPreset | undefined> {
    try {
      const next = await abortable(Promise.resolve(iterator.next()), this.#scope.signal);
      if (next.done) return undefined;
      if (next.value instanceof ChainIterationPreset) return next.value;
      throw new AcquisitionError(
        source.name,
        `${source.name}.getIterator yielded ${String(next.value)}: expected a ChainIterationPreset`,
      );
    } catch (error) {
      throw this.#scope.fail(error, source.name);
    }
  }

  async #stopIteration(attached: AttachedPreset, signal: AbortSignal): Promise<void> {
    const hook = attached.current;
    attached.current = undefined;
    const context = this.#context(signal);
    await this.#call(attached, "stop", () => hook?.stop?.(context));
  }

  #call(
    { source }: Pick<AttachedPreset, "source">,
    phase: string,
    hook: () => void | Promise<void>,
  ): void | Promise<void> {
    try {
      const result = hook();
      if (result) return this.#scope.track(source, phase, result);
    } catch (error) {
      throw this.#scope.fail(error, source.name);
    }
  }

  /** Failures have been collected: the clean-up goes on. */
  async #attempt(work: () => void | Promise<void>): Promise<void> {
    try {
      await work();
    } catch {}
  }

  #context(signal: AbortSignal): PresetContext {
    return { signal, clock: this.#scope.clock };
  }
}
