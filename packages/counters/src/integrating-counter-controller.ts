import type { AcquisitionObject } from "@beamtime/core";
import { BaseCounterController } from "./base-counter-controller.js";
import type { Counter, CountingParameters } from "./counter.js";
import {
  type ControllerOptions,
  type CounterPoints,
  type IntegratingController,
  IntegratingCounter,
} from "./integrating-counter.js";
import { IntegratingCounterAcquisitionSlave } from "./integrating-counter-acquisition-slave.js";

/**
 * A device that integrates by itself. A subclass says how its points are fetched, and what else it needs of
 * `prepareDevice`, `startDevice`, `triggerDevice` and `stopDevice`.
 *
 * @see BLISS `bliss/controllers/counter.py`, class `IntegratingCounterController`
 */
export abstract class IntegratingCounterController extends BaseCounterController implements IntegratingController {
  pointMargin = 10;

  abstract getValues(
    from: number,
    counters: readonly IntegratingCounter[],
    options: ControllerOptions,
  ): Promise<readonly CounterPoints[]>;

  createAcquisitionObject(counters: readonly Counter[], parameters: CountingParameters): AcquisitionObject {
    const integrating = counters.filter((counter) => counter instanceof IntegratingCounter);
    return new IntegratingCounterAcquisitionSlave(integrating, parameters);
  }
}
