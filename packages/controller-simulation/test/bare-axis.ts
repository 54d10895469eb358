import { Axis, AxisState } from "@beamtime/motion";

/** An axis whose controller has only what every controller has. */
export function bareAxis(name: string): Axis {
  let position = 0;
  return new Axis({
    name,
    controller: {
      name: "bare",
      readPosition: async () => position,
      readState: async () => AxisState.ready,
      startMove: async (motions) => {
        position = motions[0]?.target ?? position;
      },
      stop: async () => {},
    },
  });
}
