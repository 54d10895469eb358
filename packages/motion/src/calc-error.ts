import { AxisError } from "./axis-error.js";

/** A position cannot be calculated. Nothing has moved. */
export class AxisCalcError extends AxisError {
  readonly code = "AXIS_CALC";
  /** What could not be calculated, as the calculation calls it. */
  readonly role: string;

  /** @param axis the one that has no position */
  constructor(axis: string, role: string, message: string, options?: { cause?: unknown }) {
    super(axis, message, options);
    this.role = role;
  }
}
