import type { ChannelBlock } from "@beamtime/core";
import { Counter, type CounterController, type CounterOptions, type CountingParameters } from "./counter.js";

/** Points of one counter, in order: numbers, or one array for each point of a counter that has a shape. */
export type CounterPoints = readonly number[] | Float64Array | readonly ChannelBlock["data"][];

export interface ControllerOptions {
  readonly signal?: AbortSignal | undefined;
}

/** A controller whose device integrates by itself and keeps its points until they are fetched. */
export interface IntegratingController extends CounterController {
  /**
   * Seconds beyond the count time after which a point that nothing triggers any more is missed: the scan fails then, instead of
   * waiting for a pulse that was lost. Default 10.
   */
  readonly pointMargin?: number;
  /** Makes the device ready for the points of a scan. */
  prepareDevice?(
    counters: readonly IntegratingCounter[],
    parameters: CountingParameters,
    options: ControllerOptions,
  ): Promise<void>;
  /** Arms the device, once per scan. */
  startDevice?(counters: readonly IntegratingCounter[], options: ControllerOptions): Promise<void>;
  /** Starts the integration of one point, where software triggers it; does not wait for its end. */
  triggerDevice?(counters: readonly IntegratingCounter[], options: ControllerOptions): Promise<void>;
  /** Called when the last point was fetched, or the scan ended early; always. */
  stopDevice?(counters: readonly IntegratingCounter[], options: ControllerOptions): Promise<void>;
  /** The points that there are now, from index `from` on: as many of each counter, perhaps none. */
  getValues(
    from: number,
    counters: readonly IntegratingCounter[],
    options: ControllerOptions,
  ): Promise<readonly CounterPoints[]>;
}

/**
 * A counter of a device that integrates by itself: a counter card, a spectrum, a region of interest of a camera.
 *
 * @see BLISS `bliss/common/counter.py`, class `IntegratingCounter`
 */
export class IntegratingCounter extends Counter {
  override readonly controller: IntegratingController;

  constructor(controller: IntegratingController, options: CounterOptions) {
    super(controller, options);
    this.controller = controller;
  }
}
