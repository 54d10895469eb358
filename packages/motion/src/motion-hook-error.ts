import { AxisError } from "./axis-error.js";

/** A motion hook went on after it was to end, and was left alone. */
export class MotionHookError extends AxisError {
  readonly code = "MOTION_HOOK";
  /** Name of the hook. */
  readonly hook: string;

  /** @param cause why it was to end: an abort or a stop */
  constructor(axis: string, hook: string, call: "preMove" | "postMove", seconds: number, cause: unknown) {
    super(
      axis,
      `${call} of the motion hook ${hook} of ${axis} did not end within ${seconds} s after the motion was to end, ` +
        `and was left alone: see what it waits for, before ${axis} moves again`,
      { cause },
    );
    this.hook = hook;
  }
}
