import type { VirtualClock } from "@beamtime/concurrency";
import { Axis, AxisState, type MotorController, type MotorListener } from "@beamtime/motion";

/** An axis `m` of a controller that is as it is told to be: moves arrive at once. */
export async function toldController(clock: VirtualClock, own: Partial<MotorController> = {}) {
  const told = { position: 0, state: AxisState.ready, starts: 0 };
  let listener: MotorListener | undefined;
  const controller: MotorController = {
    name: "told",
    readPosition: async () => told.position,
    readState: async () => told.state,
    startMove: async ([motion]) => {
      told.starts++;
      told.position = motion?.target ?? told.position;
    },
    stop: async () => {},
    watch: (_address, its) => {
      listener = its;
      return () => {};
    },
    ...own,
  };
  const axis = new Axis({ name: "m", unit: "mm", controller, clock });
  await clock.run(axis.initialize());
  /** The hardware comes into a state, and tells so. */
  const enter = (state: AxisState): void => {
    told.state = state;
    listener?.state(state);
  };
  return { axis, told, enter };
}
