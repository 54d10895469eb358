import { VirtualClock } from "@beamtime/concurrency";
import {
  gaussianCounter,
  SimulatedCamera,
  SimulatedCounterCard,
  SimulatedMca,
  SimulatedMotorController,
  simulatedAxis,
  simulatedDiode,
  simulatedIntegratingDiode,
} from "@beamtime/controller-simulation";
import { memoryScanSaving, Scan, ScanRecorder } from "@beamtime/core";
import { Axis, AxisState, Encoder } from "@beamtime/motion";
import { createScanCommands } from "@beamtime/scans";

/** Two axes on one controller, counters of every kind; a camera and a counter card hear the pulses of `fast`. */
export function continuousBeamline(options: { readonly velocityHighLimit?: number } = {}) {
  const clock = new VirtualClock();
  const motors = new SimulatedMotorController({ clock });
  const encoder = new Encoder({ name: "fastenc", controller: motors, address: "fast", clock });
  const shared = { controller: motors, clock, unit: "mm", lowLimit: -20, highLimit: 20, velocity: 4 };
  const fast = simulatedAxis({ ...shared, name: "fast", encoder, ...options });
  const slow = simulatedAxis({ ...shared, name: "slow" });
  const line = motors.triggerLine("fast");
  const card = new SimulatedCounterCard({ name: "p201", line, clock });
  const monitor = card.addInput({ name: "monitor", rate: 1000 });
  const camera = new SimulatedCamera({ name: "camera", line, clock });
  const diode = simulatedDiode({ name: "diode", clock, constant: 42 });
  const gauss = gaussianCounter({ name: "gauss", axis: fast, mu: 5, sigma: 1, height: 100, clock });
  const integrating = simulatedIntegratingDiode({ name: "integrating", clock, constant: 1000 });
  const mca = new SimulatedMca({ name: "mca", clock });
  const quick = simulatedAxis({
    name: "quick",
    controller: motors,
    clock,
    velocity: 100,
    acceleration: 1000,
    lowLimit: -100,
    highLimit: 100,
  });
  const recorder = new ScanRecorder();
  const scanSaving = memoryScanSaving();
  const commands = createScanCommands({
    newScan: (chain, given) => new Scan(chain, { ...given, clock, scanSaving, sinks: [recorder] }),
    defaultCounters: () => [diode],
  });
  return {
    clock,
    motors,
    fast,
    slow,
    quick,
    card,
    monitor,
    camera,
    mca,
    diode,
    gauss,
    integrating,
    recorder,
    line,
    ...commands,
  };
}

export type ContinuousBeamline = ReturnType<typeof continuousBeamline>;

/** An axis whose controller knows no velocity: it arrives at once. */
export function jumpingAxis(clock: VirtualClock): Axis {
  let position = 0;
  const controller = {
    name: "piezo",
    readPosition: async () => position,
    readState: async () => AxisState.ready,
    startMove: async (motions: readonly { readonly target: number }[]) => {
      position = motions[0]?.target ?? position;
    },
    stop: async () => {},
  };
  return new Axis({ name: "piezo", controller, clock, lowLimit: -20, highLimit: 20 });
}
