import type { AxisDrive } from "./axis-drive.js";
import { AxisLimitError } from "./axis-error.js";
import { assertSound, find, rest } from "./follow-motion.js";
import type { ControllerCallOptions, SearchDirection } from "./motor-controller.js";
import { type OccupyOptions, occupy } from "./occupy.js";

/** Moves at constant speed until somebody stops the axis, or it comes to a limit. @param velocity user units/s, signed */
export async function driveJog(drive: AxisDrive, velocity: number, options: OccupyOptions): Promise<void> {
  const { controller, address, coordinates, link } = drive;
  link.require("startJog", "cannot jog");
  const speed = Math.abs(velocity);
  const direction = Math.sign(velocity);
  /** Where it would stand if it were stopped here. */
  const standstill = (): number =>
    drive.position + (direction * speed ** 2) / (2 * (drive.dynamics.acceleration || 1e9));
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
          throw new AxisLimitError(drive.name, drive.position, limits, unit, "further in the direction of the jog");
        }
      },
      async run(begin, { signal }) {
        begin();
        const steps = velocity * coordinates.sign * drive.stepsPerUnit;
        await link.ask("startJog", async (inner) => controller.startJog?.(address, steps, inner), { signal });
        drive.begun();
        options.onStarted?.();
        const onRead = (): Promise<void> | undefined => {
          if (drive.stopRequested || !isBeyond(standstill())) return undefined;
          drive.stopRequested = true;
          return link.ask("stop", (inner) => controller.stop([address], inner), { signal });
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
  if (isHome) link.require("startHomeSearch", "cannot search its home switch");
  else link.require("startLimitSearch", "cannot search its limit switches");
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
        await find(drive, isHome ? ["HOME"] : ["LIMPOS", "LIMNEG"], what ?? "", { signal });
        drive.setPoint = drive.position;
      },
    },
    options,
  );
}
