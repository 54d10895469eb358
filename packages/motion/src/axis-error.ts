import { BeamtimeError } from "@beamtime/errors";

/** Something is wrong with an axis; the subclass says what. */
export abstract class AxisError extends BeamtimeError {
  /** Name of the axis. */
  readonly axis: string;

  constructor(axis: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.axis = axis;
  }
}

/** A position lies outside the software limits. Nothing has moved. */
export class AxisLimitError extends AxisError {
  readonly code = "AXIS_LIMIT";
  /** The position refused, in user units. */
  readonly position: number;
  /** Lowest and highest position allowed, in user units. */
  readonly limits: readonly [number, number];

  constructor(axis: string, position: number, limits: readonly [number, number], unit: string | undefined) {
    const suffix = unit ? ` ${unit}` : "";
    super(
      axis,
      `${axis} cannot go to ${position}${suffix}: expected a position from ${limits[0]} to ${limits[1]}${suffix}, its limits`,
    );
    this.position = position;
    this.limits = limits;
  }
}

/** The axis is already moving on behalf of somebody else. */
export class AxisMovingError extends AxisError {
  readonly code = "AXIS_MOVING";

  constructor(axis: string) {
    super(axis, `${axis} is moving: wait for the end of its move (waitMove), or stop it, before moving it again`);
  }
}

/** A move ended early because somebody called `stop`. */
export class AxisStoppedError extends AxisError {
  readonly code = "AXIS_STOPPED";
  /** Where it stands, in user units. */
  readonly position: number;
  /** Where it was going, in user units. */
  readonly target: number;

  constructor(axis: string, position: number, target: number) {
    super(axis, `${axis} was stopped at ${position} on its way to ${target}`);
    this.position = position;
    this.target = target;
  }
}

/** The controller reports a fault, or the axis did not arrive where it was sent. */
export class AxisFaultError extends AxisError {
  readonly code = "AXIS_FAULT";
}
