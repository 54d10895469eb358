import { AcquisitionChain, type AcquisitionMaster, SoftwareTimerMaster } from "@beamtime/core";
import type { Counter } from "@beamtime/counters";
import type { PositionTriggerMaster } from "@beamtime/motion";
import { countingObjects, measuredAxes } from "./counting-chain.js";
import { EncoderAcquisitionSlave } from "./encoder-acquisition-slave.js";
import { isTriggeredBy } from "./hardware-triggered.js";
import { HurriedEncoderAcquisitionSlave } from "./hurried-encoder-acquisition-slave.js";

export interface ContinuousChainOptions {
  readonly master: PositionTriggerMaster;
  /** What moves between two runs: the master becomes its slave, and emits its positions at each point. */
  readonly slowMaster?: AcquisitionMaster | undefined;
  readonly counters: readonly Counter[];
  /** Whether the counters take the pulses of the axis. */
  readonly isHardware: boolean;
  /** Seconds per point. */
  readonly countTime: number;
  /** Points of the whole scan. */
  readonly npoints: number;
}

/**
 * The chain of a continuous scan: `[slow master →] position trigger master → timer → counters and encoders`. Counters that take
 * the pulses of the axis hang below the master.
 */
export function continuousChain(options: ContinuousChainOptions): AcquisitionChain {
  const { master, slowMaster, counters, isHardware, countTime, npoints } = options;
  const chain = new AcquisitionChain({ parallelPrepare: true });
  const { axis } = master;
  if (slowMaster) {
    chain.add(slowMaster, master);
    master.attachChannels(slowMaster, `axis:${axis.name}`);
  }
  const timer = new SoftwareTimerMaster(0, { npoints }); // the master keeps the time: who only waits is late at the next point
  chain.add(master, timer);
  const parameters = { countTime, npoints };
  const objects = countingObjects(counters, parameters, (controller, siblings) =>
    isHardware && isTriggeredBy(controller, axis)
      ? controller.createTriggeredObject(siblings, parameters)
      : controller.createAcquisitionObject(siblings, parameters),
  );
  for (const object of objects) chain.add(object.triggerType === "hardware" ? master : timer, object);
  const axes = measuredAxes([axis, ...(slowMaster?.devices ?? [])]);
  if (axes.length > 0) {
    chain.add(
      timer,
      isHardware ? new HurriedEncoderAcquisitionSlave(axes, npoints) : new EncoderAcquisitionSlave(axes),
    );
  }
  return chain;
}
