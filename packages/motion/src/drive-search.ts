import type { AxisDrive } from "./axis-drive.js";
import { AxisLimitError } from "./axis-error.js";
import { limitSwitches } from "./axis-state.js";
import { assertGoesOn, assertSound, find, rest } from "./follow-motion.js";
import type { ControllerCallOptions, SearchDirection } from "./motor-controller.js";
import { type OccupyOptions, occupy } from "./occupy.js";
import { stopLate, tellStop } from "./stop-axes.js";
import { withUnit } from "./with-unit.js";

/** Moves at constant speed until somebody stops the axis, or it comes to a limit. @param velocity user units/s, signed */
export async function driveJog(drive: AxisDrive, velocity: number, options: OccupyOptions): Promise<void> {
  const { controller, address, coordinates, link } = drive;
  link.require("startJog", "cannot jog", "move() it instead");
  const speed = Math.abs(velocity);
  const direction = Math.sign(velocity);
  /** Where it would stand at the latest if it were stopped in so many seconds. */
  const standstill = (seconds: number): number =>
    drive.position + direction * speed * (seconds + speed / (2 * (drive.dynamics.acceleration || 1e9)));
  const isBeyond = (position: number): boolean => {
    const [low, high] = coordinates.limits;
    return direction > 0 ? position >= high : position <= low;
  };
  await occupy(
    [drive],
    {
      targets: [Number.NaN],
      check: () => {
        drive.dynamics.check(speed);
        if (isBeyond(drive.position)) {
          const { limits, unit } = coordinates;
          const way = `jog further ${direction > 0 ? "up" : "down"} from ${withUnit(drive.position, unit)}`;
          throw new AxisLimitError(drive.name, drive.position, limits, unit, undefined, way);
        }
      },
      async run(begin, { signal }) {
        begin();
        const steps = velocity * coordinates.sign * drive.stepsPerUnit;
        await link.ask("startJog", async (inner) => controller.startJog?.(address, steps, inner), { signal });
        drive.begun();
        options.onStarted?.();
        await stopLate([drive], { signal });
        let lastRead = drive.clock.now();
        const onRead = (): Promise<void> | undefined => {
          assertGoesOn([drive]);
          const now = drive.clock.now();
          const round = Math.max(drive.pollingTime, now - lastRead);
          lastRead = now;
          // the next chance comes in a round, and the stop may then take as long
          if (drive.stopRequested || !isBeyond(standstill(2 * round))) return undefined;
          drive.stopRequested = true;
          return tellStop([drive], { signal });
        };
        await rest(drive, { signal }, { onRead });
        drive.setPoint = drive.position;
        assertSound(drive);
      },
    },
    options,
  );
}

/** Moves to a switch that the controller finds. */
export async function driveSearch(
  drive: AxisDrive,
  kind: "home" | "limit",
  direction: SearchDirection,
  options: OccupyOptions,
): Promise<void> {
  const { controller, address, coordinates, link } = drive;
  const isHome = kind === "home";
  const instead = "move() it there";
  if (isHome) link.require("startHomeSearch", "cannot search its home switch", instead);
  else link.require("startLimitSearch", "cannot search its limit switches", instead);
  const towards = (direction * coordinates.sign * Math.sign(drive.stepsPerUnit)) as SearchDirection; // each is 1 or -1
  const [call, what] = isHome ? ["startHomeSearch", "its home switch"] : ["startLimitSearch", "its limit switch"];
  await occupy(
    [drive],
    {
      targets: [Number.NaN],
      check: () => {},
      async run(begin, { signal }) {
        begin();
        const start = async (inner: ControllerCallOptions): Promise<void> =>
          isHome
            ? controller.startHomeSearch?.(address, towards, inner)
            : controller.startLimitSearch?.(address, towards, inner);
        await link.ask(call ?? "", start, { signal });
        drive.begun();
        options.onStarted?.();
        await stopLate([drive], { signal });
        await find(drive, isHome ? ["HOME"] : limitSwitches, what ?? "", { signal });
        drive.setPoint = drive.position;
      },
    },
    options,
  );
}
