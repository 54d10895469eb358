import { VirtualClock } from "@beamtime/concurrency";
import { type SimulatedAxisOptions, SimulatedMotorController, simulatedAxis } from "@beamtime/controller-simulation";
import { Axis, Encoder } from "@beamtime/motion";

/** Seconds that a call may take here. */
export const answerTime = 0.5;

/**
 * Axes `a` and `a2` of one controller and `b` of another, all initialised: 1 mm/s, 10 mm/s², 1000 steps/mm, from -10 to 10 mm. `a`
 * has an encoder, and switches at ±12 mm and 3 mm.
 */
export async function twoControllers(options: Partial<SimulatedAxisOptions> = {}, { latency = 0 } = {}) {
  const clock = new VirtualClock();
  const left = new SimulatedMotorController({ name: "left", clock, latency });
  const right = new SimulatedMotorController({ name: "right", clock, latency });
  const stepsPerUnit = options.stepsPerUnit ?? 1000;
  left.addMotor("a", { limits: [-12_000, 12_000], home: 3 * stepsPerUnit });
  const encoder = new Encoder({ name: "a", controller: left, stepsPerUnit, tolerance: 0.01, clock, answerTime });
  const usual = { unit: "mm", stepsPerUnit, velocity: 1, acceleration: 10, lowLimit: -10, highLimit: 10, answerTime };
  const common = { ...usual, clock };
  const a = simulatedAxis({ ...common, name: "a", encoder, controller: left, ...options });
  const a2 = simulatedAxis({ ...common, name: "a2", controller: left });
  const b = simulatedAxis({ ...common, name: "b", controller: right });
  /** One more axis of the first controller, not initialised: `late`. */
  const another = ({ velocity, acceleration }: { velocity?: number; acceleration?: number }): Axis =>
    new Axis({ ...common, name: "late", controller: left, velocity, acceleration });
  for (const axis of [a, a2, b]) await clock.run(axis.initialize());
  return { clock, left, right, a, a2, b, encoder, another };
}

/** What a promise is rejected with; undefined when it resolves. */
export async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    return error;
  }
}
