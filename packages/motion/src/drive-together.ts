import type { AxisDrive } from "./axis-drive.js";
import { backlashDetour } from "./backlash-detour.js";
import { checkTrajectory } from "./check-trajectory.js";
import { byController, forEach } from "./drive-groups.js";
import { arrive, confirm } from "./follow-motion.js";
import { motionPhases } from "./motion-phases.js";
import type { ControllerCallOptions } from "./motor-controller.js";
import { type OccupyOptions, occupy } from "./occupy.js";
import { stopLate } from "./stop-axes.js";

/** One axis and the position it goes to. */
export interface Leg {
  readonly drive: AxisDrive;
  readonly to: number;
}

/** Moves axes at the same time: see `moveTogether`, which is this for users, and knows of turns. */
export async function driveTogether(legs: readonly Leg[], options: OccupyOptions): Promise<void> {
  const { onStarted, ...others } = options;
  await occupy(
    legs.map(({ drive }) => drive),
    {
      targets: legs.map(({ to }) => to),
      check: () => checkTrajectory(legs.map(({ drive, to }) => [drive.axis, Float64Array.of(to)])),
      async run(begin, { signal }) {
        begin();
        for (const [index, phase] of motionPhases(legs).entries()) {
          await arriveTogether(phase, legs, { signal, onStarted: index === 0 ? onStarted : undefined });
        }
        await forEach(legs, signal, ({ drive }, inner) => confirm(drive, inner));
      },
    },
    others,
  );
}

/** @param all the legs of the whole motion: it ends when one of them is stopped */
async function arriveTogether(legs: readonly Leg[], all: readonly Leg[], options: OccupyOptions): Promise<void> {
  const last: Leg[] = [];
  const first = legs.map((leg) => {
    const detour = backlashDetour(leg.drive, leg.drive.position, leg.to);
    if (detour === undefined) return leg;
    last.push(leg);
    return { drive: leg.drive, to: detour };
  });
  const together = all.map(({ drive }) => drive);
  await go(first, together, options);
  for (const { drive, to } of all) drive.assertNotStopped(to);
  if (last.length > 0) await go(last, together, { signal: options.signal });
}

async function go(
  legs: readonly Leg[],
  together: readonly AxisDrive[],
  { signal, onStarted }: OccupyOptions,
): Promise<void> {
  const targets = new Map(legs.map(({ drive, to }) => [drive, to]));
  const drives = [...targets.keys()];
  await forEach([...byController(drives)], signal, async ([controller, group], options: ControllerCallOptions) => {
    const motions = group.map((drive) => ({
      address: drive.address,
      target: drive.stepsAt(targets.get(drive) ?? Number.NaN),
    }));
    await group[0].link.ask("startMove", (inner) => controller.startMove(motions, inner), options);
  });
  for (const [drive, to] of targets) {
    drive.setPoint = to;
    drive.begun();
  }
  onStarted?.();
  await stopLate(drives, { signal });
  await forEach(drives, signal, (drive, options) => arrive(drive, together, options));
}
