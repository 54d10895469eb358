import { BeamtimeError, errorMessage } from "@beamtime/errors";
import { type AxisState, limitSwitches } from "./axis-state.js";
import { withUnit } from "./with-unit.js";

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

  /**
   * @param because why an axis goes there that nobody has sent
   * @param way what is refused. Default: to go to the position
   */
  constructor(
    axis: string,
    position: number,
    limits: readonly [number, number],
    unit?: string,
    because?: string,
    way = `go to ${withUnit(position, unit)}`,
  ) {
    const range = `${withUnit(limits[0])} to ${withUnit(limits[1], unit)}`;
    super(axis, `${axis} cannot ${way}${because ? `, ${because}` : ""}: expected a position from ${range}, its limits`);
    this.position = position;
    this.limits = limits;
  }
}

/** The axis is already moving on behalf of somebody else. */
export class AxisMovingError extends AxisError {
  readonly code = "AXIS_MOVING";

  /** @param by who moves it, when that is not this process */
  constructor(axis: string, by?: string) {
    const who = by ? `${axis} is moved by ${by}` : `${axis} is moving`;
    super(axis, `${who}: wait for the end of its move (waitMove), or stop it, before moving it again`);
  }
}

/** A move ended early because somebody called `stop`. */
export class AxisStoppedError extends AxisError {
  readonly code = "AXIS_STOPPED";
  /** Where it stands, in user units. */
  readonly position: number;
  /** Where it was going, in user units; NaN in a jog or the search of a switch. */
  readonly target: number;

  constructor(axis: string, position: number, target: number, unit?: string) {
    const way = Number.isNaN(target) ? "" : ` on its way to ${withUnit(target, unit)}`;
    super(axis, `${axis} was stopped at ${withUnit(position, unit)}${way}`);
    this.position = position;
    this.target = target;
  }
}

/** The controller reports a fault, or the axis did not arrive where it was sent. */
export class AxisFaultError extends AxisError {
  readonly code = "AXIS_FAULT";
}

/** An end switch of the hardware has ended a move before its target. */
export class AxisOnLimitError extends AxisError {
  readonly code = "AXIS_ON_LIMIT";
  /** The switches that are active: `LIMPOS`, `LIMNEG`. */
  readonly switches: readonly string[];
  /** Where it stands, in user units. */
  readonly position: number;
  /** Where it was going, in user units. */
  readonly target: number;

  constructor(
    axis: string,
    { position, target, state, unit }: { position: number; target: number; state: AxisState; unit: string | undefined },
  ) {
    const found = `${axis} came to rest at ${withUnit(position, unit)} instead of ${withUnit(target, unit)}`;
    const help =
      "an end switch has stopped it: move it the other way, and set its limits so that they keep it from there";
    super(axis, `${found}: ${state.toString()}: ${help}`);
    this.switches = limitSwitches.filter((flag) => state.has(flag));
    this.position = position;
    this.target = target;
  }
}

/** The axis is out of use: its power is off, somebody has disabled it, or its controller failed at the start. Nothing has moved. */
export class AxisDisabledError extends AxisError {
  readonly code = "AXIS_DISABLED";
}

/** The controller of the axis cannot do what was asked. Nothing has moved. */
export class AxisUnsupportedError extends AxisError {
  readonly code = "AXIS_UNSUPPORTED";
}

/** The controller did not answer in time. */
export class AxisTimeoutError extends AxisError {
  readonly code = "AXIS_TIMEOUT";

  /** @param call what was asked, a method of the controller */
  constructor(axis: string, controller: string, call: string, seconds: number) {
    super(
      axis,
      `the controller ${controller} of ${axis} did not answer ${call} within ${seconds} s: ` +
        "see that it is on and connected, then call syncHard() of the axis",
    );
  }
}

/** The axis is not where it was left: somebody else has moved it, or its controller has lost count. Nothing has moved. */
export class AxisDiscrepancyError extends AxisError {
  readonly code = "AXIS_DISCREPANCY";
  /** Where it was left, in dial units. */
  readonly known: number;
  /** Where the controller says it is, in dial units. */
  readonly found: number;

  constructor(axis: string, known: number, found: number, unit?: string) {
    super(
      axis,
      `${axis} was left at dial ${withUnit(known, unit)}, but its controller says that it is at ${withUnit(found, unit)}: ` +
        "when that is right, call syncHard() of the axis to take it over; else set the controller right with setDial()",
    );
    this.known = known;
    this.found = found;
  }
}

/** The encoder does not confirm the end of a move. */
export class AxisEncoderError extends AxisError {
  readonly code = "AXIS_ENCODER";
  /** What the encoder measures, in user units. */
  readonly measured: number;
  /** Where the axis was sent, in user units. */
  readonly target: number;

  constructor(axis: string, measured: number, target: number, tolerance: number, unit?: string) {
    const found = `its encoder is at ${withUnit(measured, unit)} instead of ${withUnit(target, unit)}`;
    super(
      axis,
      `${axis} did not reach its final position: ${found}; expected them within ${withUnit(tolerance, unit)}, ` +
        "the tolerance of the encoder: see whether it lost steps, and move it again",
    );
    this.measured = measured;
    this.target = target;
  }
}

/** A move failed, and stopping what moved did too: it may still move. */
export class AxisStopError extends AxisError {
  readonly code = "AXIS_STOP";
  /** What went wrong when stopping. */
  readonly failures: readonly unknown[];

  /**
   * @param axes those that may still move, or of which nobody knows where they stand
   * @param cause why they were to be stopped
   */
  constructor(axes: readonly string[], cause: unknown, failures: readonly unknown[]) {
    const texts = failures.map(errorMessage);
    const reasons = [...new Set([errorMessage(cause), ...texts])].join("; ");
    super(axes[0] ?? "", `${axes.join(", ")} may still move, as stopping failed, too: ${reasons}; then stop() again`, {
      cause,
    });
    this.failures = failures;
  }
}

/** Something failed, and what has to be done afterwards in any case did too. What failed first is the `cause`. */
export class AxisFailuresError extends AxisError {
  readonly code = "AXIS_FAILURES";
  /** Everything that failed, in order of time. */
  readonly errors: readonly unknown[];

  constructor(axis: string, errors: readonly unknown[]) {
    const [first, ...others] = errors;
    super(axis, `${errorMessage(first)} (then: ${others.map(errorMessage).join("; ")})`, { cause: first });
    this.errors = errors;
  }
}

/** An axis could not be given back the velocity that it had. It is told again before its next move. */
export class AxisVelocityError extends AxisError {
  readonly code = "AXIS_VELOCITY";
  /** That it should have, units/s. */
  readonly velocity: number;

  constructor(axis: string, velocity: number, used: number, unit = "units", cause?: unknown) {
    super(
      axis,
      `${axis} could not be given back its velocity of ${withUnit(velocity, unit)}/s, and its controller may still have ` +
        `${withUnit(used, unit)}/s: ${errorMessage(cause)}; its next move tells the controller again`,
      { cause },
    );
    this.velocity = velocity;
  }
}
