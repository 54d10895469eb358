import type { AxisDrive } from "./axis-drive.js";
import { backlashDetour } from "./backlash-detour.js";
import { checkTrajectory } from "./check-trajectory.js";
import { byController, forEach } from "./drive-groups.js";
import { arrive, confirm } from "./follow-motion.js";
import type { ControllerCallOptions } from "./motor-controller.js";
import { type OccupyOptions, occupy } from "./occupy.js";
import { stopLate } from "./stop-axes.js";

/** One axis and the position it goes to. */
export interface Leg {
  readonly drive: AxisDrive;
  readonly to: number;
}

/** Moves axes at the same time: see `moveTogether`, which is this for users. */
export async function driveTogether(legs: readonly Leg[], options: OccupyOptions): Promise<void> {
  const { onStarted, ...others } = options;
  await occupy(
    legs.map(({ drive }) => drive),
    {
      targets: legs.map(({ to }) => to),
      check: () => checkTrajectory(legs.map(({ drive, to }) => [drive.axis, Float64Array.of(to)])),
      async run(begin, { signal }) {
        const last: Leg[] = [];
        const first = legs.map((leg) => {
          const detour = backlashDetour(leg.drive, leg.drive.position, leg.to);
          if (detour === undefined) return leg;
          last.push(leg);
          return { drive: leg.drive, to: detour };
        });
        begin();
        await go(first, signal, onStarted);
        for (const { drive, to } of legs) drive.assertNotStopped(to);
        if (last.length > 0) await go(last, signal);
        await forEach(legs, signal, ({ drive }, inner) => confirm(drive, inner));
      },
    },
    others,
  );
}

async function go(legs: readonly Leg[], signal: AbortSignal | undefined, onStarted?: () => void): Promise<void> {
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
  await forEach(drives, signal, (drive, options) => arrive(drive, drives, options));
}
