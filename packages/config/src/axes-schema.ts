import { z } from "zod";
import { refuseSharedAddresses } from "./refuse-shared-addresses.js";

/** What of an axis has to fit together. */
interface AxisParts {
  readonly name: string;
  readonly address?: string | undefined;
  readonly velocity?: number | undefined;
  readonly velocity_low_limit?: number | undefined;
  readonly velocity_high_limit?: number | undefined;
  readonly jog_velocity?: number | undefined;
  readonly low_limit?: number | undefined;
  readonly high_limit?: number | undefined;
  readonly sign?: 1 | -1 | undefined;
}

/**
 * The list `axes` of a motor controller: at least one; each at an address of its own, with limits in order and velocities
 * within theirs.
 *
 * @param axis the schema of one
 * @param options `addressKey`: what the files call the address; default `address`
 */
export function axesSchema<T extends z.ZodType<AxisParts>>(
  axis: T,
  { addressKey = "address" }: { readonly addressKey?: string } = {},
): z.ZodArray<T> {
  return z
    .array(axis)
    .min(1)
    .superRefine(refuseSharedAddresses(addressKey))
    .superRefine((axes, context) => {
      for (const [index, one] of axes.entries()) {
        const refuse = (key: string, message: string): void =>
          context.addIssue({ code: "custom", path: [index, key], message: `expected ${message}` });
        checkLimits(one, refuse);
        checkVelocities(one, refuse);
      }
    });
}

type Refuse = (key: keyof AxisParts, message: string) => void;

/** BLISS saves those of a reversed axis with the higher one first. */
function checkLimits({ low_limit: low, high_limit: high, sign = 1 }: AxisParts, refuse: Refuse): void {
  if (low === undefined || high === undefined || low <= high || sign === -1) return;
  refuse("high_limit", `at least low_limit, ${low}`);
}

function checkVelocities(axis: AxisParts, refuse: Refuse): void {
  const { velocity_low_limit: slowest = 0, velocity_high_limit: high = Number.POSITIVE_INFINITY } = axis;
  const low = slowest === Number.POSITIVE_INFINITY ? 0 : slowest;
  if (low > high) {
    refuse("velocity_high_limit", `at least velocity_low_limit, ${low}`);
    return;
  }
  for (const key of ["velocity", "jog_velocity"] as const) {
    const { [key]: velocity } = axis;
    if (velocity === undefined || (velocity >= low && velocity <= high)) continue;
    refuse(key, `${low} to ${high}, as velocity_low_limit and velocity_high_limit say`);
  }
}
