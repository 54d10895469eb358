import { AcquisitionChain, memoryScanSaving, Scan, type ScanSinkFactory, SoftwareTimerMaster } from "@beamtime/core";
import { SamplingCounter, SamplingCounterAcquisitionSlave, SamplingCounterController } from "@beamtime/counters";
import { Axis, AxisState, LinearStepTriggerMaster, type MotorController } from "@beamtime/motion";

/** Motors that arrive at once. */
function instantMotors(): MotorController {
  const positions = new Map<string, number>();
  const ready = AxisState.ready;
  return {
    name: "instant",
    readPosition: async (address) => positions.get(address) ?? 0,
    readState: async () => ready,
    startMove: async (motions) => {
      for (const { address, target } of motions) positions.set(address, target);
    },
    stop: async () => {},
    setVelocity: async () => {},
    setAcceleration: async () => {},
  };
}

/** Counters whose values are there at once. */
class InstantCounters extends SamplingCounterController {
  #value = 0;

  constructor() {
    super({ name: "instant" });
  }

  override async readAll(counters: readonly SamplingCounter[]): Promise<readonly number[]> {
    this.#value += 1;
    return counters.map(() => this.#value);
  }
}

export interface StepScanOptions {
  readonly npoints: number;
  /** How many counters. Default 5. */
  readonly counters?: number;
  readonly sinks: readonly ScanSinkFactory[];
  /** Data file of a saved scan. */
  readonly filename?: string;
}

const axis = new Axis({ name: "roby", controller: instantMotors(), velocity: 1, acceleration: 1 });
const numbers = memoryScanSaving({ parentPath: ["bench"] });

/** A step scan of one axis and some counters without delays: what it costs is the cost of the engine and its sinks. */
export function stepScan({ npoints, counters: length = 5, sinks, filename = "" }: StepScanOptions): Scan {
  const controller = new InstantCounters();
  const counters = Array.from({ length }, (_, index) => new SamplingCounter(controller, { name: `counter${index}` }));
  const counting = { countTime: 0, npoints };
  const motor = new LinearStepTriggerMaster(npoints, [{ axis, start: 0, stop: npoints - 1 }]);
  const timer = new SoftwareTimerMaster(counting.countTime, counting);
  const chain = new AcquisitionChain();
  chain.add(motor, timer);
  chain.add(timer, new SamplingCounterAcquisitionSlave(counters, counting));
  return new Scan(chain, {
    name: "bench",
    save: filename !== "",
    sinks,
    scanSaving: {
      begin: async (request, options) => {
        const begun = await numbers.begin(request, options);
        return { ...begun, identity: { ...begun.identity, session: "bench", filename } };
      },
    },
  });
}
