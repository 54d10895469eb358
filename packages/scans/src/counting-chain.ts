import { AcquisitionChain, type AcquisitionMaster, SoftwareTimerMaster } from "@beamtime/core";
import type { Counter, CounterController } from "@beamtime/counters";

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
 * The chain of every standard scan: `[top master →] timer → one object per counter controller`, prepared in parallel.
 *
 * @see BLISS `bliss/scanning/toolbox.py`, DEFAULT_CHAIN
 */
export function countingChain(options: CountingChainOptions): AcquisitionChain {
  const { counters, countTime, npoints, sleepTime = 0, topMaster } = options;
  const chain = new AcquisitionChain({ parallelPrepare: true });
  const timer = new SoftwareTimerMaster(countTime, { npoints, sleepTime });
  if (topMaster) chain.add(topMaster, timer);
  const byController = new Map<CounterController, Counter[]>();
  for (const counter of counters) {
    const siblings = byController.get(counter.controller);
    if (siblings) siblings.push(counter);
    else byController.set(counter.controller, [counter]);
  }
  for (const [controller, siblings] of byController) {
    chain.add(timer, controller.createAcquisitionObject(siblings, { countTime, npoints }));
  }
  return chain;
}
