import { VirtualClock } from "@beamtime/concurrency";
import { SimulatedMotorController, simulatedAxis } from "@beamtime/controller-simulation";
import { Axis, type AxisOptions } from "@beamtime/motion";
import { Slits } from "../src/index.js";

type RealOptions = Partial<Pick<AxisOptions, "sign" | "offset" | "backlash" | "motionHooks" | "pollingTime">>;

/** Horizontal slits of two simulated blades, from -10 to 10 mm at 10 mm/s. */
export interface VirtualSlits {
  readonly clock: VirtualClock;
  readonly motors: SimulatedMotorController;
  readonly front: Axis;
  readonly back: Axis;
  readonly slits: Slits;
  readonly hg: Axis;
  readonly ho: Axis;
}

export async function virtualSlits(options: RealOptions = {}): Promise<VirtualSlits> {
  const clock = new VirtualClock();
  const motors = new SimulatedMotorController({ name: "motors", clock });
  const blade = { ...options, controller: motors, clock, unit: "mm", lowLimit: -10, highLimit: 10, stepsPerUnit: 1000 };
  const front = simulatedAxis({ ...blade, name: "front" });
  const back = simulatedAxis({ ...blade, name: "back", motionHooks: [] });
  const names = { hgap: "hg", hoffset: "ho" };
  const slits = new Slits({ name: "s1", type: "horizontal", reals: { front, back }, names });
  const hg = new Axis({ name: "hg", address: "hgap", controller: slits, clock, unit: "mm" });
  const ho = new Axis({ name: "ho", address: "hoffset", controller: slits, clock, unit: "mm" });
  await clock.run(Promise.all([hg.initialize(), ho.initialize()]));
  return { clock, motors, front, back, slits, hg, ho };
}

/** How a move ended, which runs while the clock does. */
export function outcomeOf(move: Promise<void>): Promise<unknown> {
  return move.then(
    () => "arrived",
    (error: unknown) => error,
  );
}
