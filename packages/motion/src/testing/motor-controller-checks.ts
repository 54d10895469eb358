import { TaskGroup, VirtualClock } from "@beamtime/concurrency";
import { errorMessage } from "@beamtime/errors";
import { capabilitiesOf } from "../motor-controller.js";
import { axisChecks } from "./axis-checks.js";
import { callChecks } from "./call-checks.js";
import { checkSetup, type MotorControllerCheckOptions } from "./check-options.js";
import { ConformanceError, UnseenMotionError } from "./conformance-error.js";
import { CheckRig, type ControllerCheck } from "./controller-check.js";
import { groupChecks } from "./group-checks.js";
import { hardwareChecks } from "./hardware-checks.js";
import { moveChecks } from "./move-checks.js";
import { searchChecks } from "./search-checks.js";

/** How a check ended that found nothing wrong. */
export type CheckOutcome = { readonly status: "passed" } | { readonly status: "skipped"; readonly reason: string };

/** One thing that a motor controller must do, ready to be run by any test framework. */
export interface MotorControllerCheck {
  /** Short and unique. */
  readonly name: string;
  /** What the controller must do, in a sentence. */
  readonly expects: string;
  /**
   * Makes a controller and checks it. What the controller cannot do is not checked.
   * @throws ConformanceError that says what was found and what was expected; the reason of an aborted signal
   */
  run(options?: { readonly signal?: AbortSignal | undefined }): Promise<CheckOutcome>;
}

/** How much slower motions are made that nobody could look at. */
const slowdown = 4;

const all: readonly ControllerCheck[] = [
  ...moveChecks,
  ...groupChecks,
  ...searchChecks,
  ...hardwareChecks,
  ...callChecks,
  ...axisChecks,
];

/**
 * What a motor controller must do to work with `Axis`. The list is always the same: what a controller lacks, its check skips
 * with the reason. On hardware, run one check after the other.
 *
 * @throws ArgumentError when the checks could not tell right from wrong with these options
 * @example
 * const checks = motorControllerChecks({
 *   create: () => new MyController("192.0.2.7"),
 *   addresses: ["1", "2"],
 *   range: [0, 2000],
 *   velocity: 1000,
 *   acceleration: 5000,
 * });
 * for (const check of checks) {
 *   it(check.name, async (test) => {
 *     const outcome = await check.run({ signal: test.signal });
 *     if (outcome.status === "skipped") test.skip(outcome.reason);
 *   });
 * }
 */
export function motorControllerChecks(options: MotorControllerCheckOptions): readonly MotorControllerCheck[] {
  checkSetup(options, undefined);
  return all.map((check) => ({
    name: check.name,
    expects: check.expects,
    run({ signal } = {}) {
      const { clock } = options;
      // a signal of its own, as many calls wait for it at once
      const task = (): Promise<CheckOutcome> =>
        TaskGroup.run({ signal }, (group) => runInTime(check, options, group.signal));
      return clock instanceof VirtualClock ? clock.run(task) : task();
    },
  }));
}

/** One line of a report of {@link checkMotorController}. */
export interface CheckReport {
  readonly name: string;
  readonly status: "passed" | "skipped" | "failed";
  /** Why it was skipped, or what is wrong. */
  readonly reason: string | undefined;
}

/** Runs all checks, one after the other, without a test framework. */
export async function checkMotorController(
  options: MotorControllerCheckOptions,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<readonly CheckReport[]> {
  const reports: CheckReport[] = [];
  for (const check of motorControllerChecks(options)) {
    const { name } = check;
    try {
      const outcome = await check.run({ signal });
      reports.push({ name, status: outcome.status, reason: outcome.status === "skipped" ? outcome.reason : undefined });
    } catch (error) {
      signal?.throwIfAborted();
      reports.push({ name, status: "failed", reason: errorMessage(error) });
    }
  }
  return reports;
}

/** Again with slower motions, on the same ways, where the machine was too busy to look at the fast ones. */
async function runInTime(
  check: ControllerCheck,
  options: MotorControllerCheckOptions,
  signal: AbortSignal,
): Promise<CheckOutcome> {
  try {
    return await run(check, options, signal);
  } catch (error) {
    if (!(error instanceof UnseenMotionError)) throw error;
    const { velocity, acceleration } = options;
    const slower = { velocity: velocity / slowdown, acceleration: acceleration / slowdown ** 2 };
    return await run(check, { ...options, ...slower }, signal);
  }
}

async function run(
  check: ControllerCheck,
  options: MotorControllerCheckOptions,
  signal: AbortSignal,
): Promise<CheckOutcome> {
  const reason = options.leaveOut?.[check.name];
  if (reason !== undefined) return { status: "skipped", reason };
  const controller = await options.create();
  try {
    const rig = new CheckRig(controller, checkSetup(options, signal));
    const skipped = missing(check, rig);
    if (skipped !== undefined) return { status: "skipped", reason: skipped };
    try {
      await rig.prepare();
      await check.run(rig);
    } finally {
      await rig.leave();
    }
    return { status: "passed" };
  } catch (error) {
    signal.throwIfAborted();
    const canBeSlower = capabilitiesOf(controller).velocity && capabilitiesOf(controller).acceleration;
    const Failure = error instanceof UnseenMotionError && canBeSlower ? UnseenMotionError : ConformanceError;
    const cause = error instanceof ConformanceError ? error.cause : error;
    throw new Failure(`${errorMessage(error)} (${check.name}: ${check.expects})`, { cause });
  } finally {
    if (Symbol.asyncDispose in controller) await (controller as AsyncDisposable)[Symbol.asyncDispose](); // it is there
  }
}

function missing(check: ControllerCheck, rig: CheckRig): string | undefined {
  const capabilities = capabilitiesOf(rig.controller);
  const lacking = check.needs?.filter((capability) => !capabilities[capability]) ?? [];
  if (lacking.length > 0) return `the controller lacks the capability ${lacking.join(", ")}`;
  if (check.needsTwo && rig.motors.length < 2) return "the option addresses gives one address, and two are needed";
  return check.skip?.(rig);
}
