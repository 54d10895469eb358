import { AcquisitionChain, type AcquisitionMaster, type AcquisitionObject, SoftwareTimerMaster } from "@beamtime/core";
import type { Counter, CounterController, CountingParameters } from "@beamtime/counters";
import { Axis } from "@beamtime/motion";
import { EncoderAcquisitionSlave } from "./encoder-acquisition-slave.js";

export interface CountingChainOptions {
  readonly counters: readonly Counter[];
  /** Seconds per point. */
  readonly countTime: number;
  /** Points of the whole scan; 0 = endless. */
  readonly npoints: number;
  readonly sleepTime?: number | undefined;
  /** What moves between the points: the timer becomes its slave. */
  readonly topMaster?: AcquisitionMaster | undefined;
}

/**
 * The chain of every step scan: `[top master →] timer → one object per counter controller`, prepared in parallel. Encoders of
 * the axes of the top master are counted too.
 *
 * @see BLISS `bliss/scanning/toolbox.py`, DEFAULT_CHAIN
 */
export function countingChain(options: CountingChainOptions): AcquisitionChain {
  const { counters, countTime, npoints, sleepTime = 0, topMaster } = options;
  const chain = new AcquisitionChain({ parallelPrepare: true });
  const timer = new SoftwareTimerMaster(countTime, { npoints, sleepTime });
  if (topMaster) chain.add(topMaster, timer);
  for (const object of countingObjects(counters, { countTime, npoints })) chain.add(timer, object);
  const axes = measuredAxes(topMaster?.devices ?? []);
  if (axes.length > 0) chain.add(timer, new EncoderAcquisitionSlave(axes));
  return chain;
}

/** What counts counters in a scan: an object for each of their controllers. */
export function countingObjects(
  counters: readonly Counter[],
  parameters: CountingParameters,
  create = (controller: CounterController, siblings: readonly Counter[]): AcquisitionObject =>
    controller.createAcquisitionObject(siblings, parameters),
): AcquisitionObject[] {
  const byController = new Map<CounterController, Counter[]>();
  for (const counter of counters) {
    const siblings = byController.get(counter.controller);
    if (siblings) siblings.push(counter);
    else byController.set(counter.controller, [counter]);
  }
  return Array.from(byController, ([controller, siblings]) => create(controller, siblings));
}

/** Those devices that are axes and have an encoder. */
export function measuredAxes(devices: readonly unknown[]): readonly Axis[] {
  return devices.filter((device) => device instanceof Axis).filter(({ encoder }) => encoder);
}
