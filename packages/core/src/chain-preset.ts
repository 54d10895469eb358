import type { AcquisitionChain } from "./acquisition-chain.js";
import type { PresetContext } from "./preset-context.js";

/** Hooks around one iteration of a branch; yielded by {@link ChainPreset.getIterator}. */
export abstract class ChainIterationPreset {
  /** Before the devices are prepared. */
  prepare?(context: PresetContext): void | Promise<void>;
  /** Before the devices are started. */
  start?(context: PresetContext): void | Promise<void>;
  /** Before the next iteration is prepared; after the devices are stopped for the last one. */
  stop?(context: PresetContext): void | Promise<void>;
}

/**
 * Hooks around the devices of one branch of a chain: a shutter, a detector cover, a multiplexer.
 *
 * Presets of one branch run concurrently. `stop` is called whenever `prepare` was, `beforeStop` whenever `start` was.
 *
 * @see BLISS `bliss/scanning/chain.py`, class `ChainPreset`
 */
export abstract class ChainPreset {
  /** Before the devices of the first iteration are prepared. */
  prepare?(chain: AcquisitionChain, context: PresetContext): void | Promise<void>;
  /** Before the devices are started for the first time. */
  start?(chain: AcquisitionChain, context: PresetContext): void | Promise<void>;
  /** Before the devices are stopped. */
  beforeStop?(chain: AcquisitionChain, context: PresetContext): void | Promise<void>;
  /** After the devices are stopped. */
  stop?(chain: AcquisitionChain, context: PresetContext): void | Promise<void>;
  /** Hooks per iteration; may be shorter than the scan. */
  getIterator?(chain: AcquisitionChain): Iterable<ChainIterationPreset> | AsyncIterable<ChainIterationPreset>;
}
