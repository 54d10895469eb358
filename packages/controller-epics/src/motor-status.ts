import { type AxisFlag, AxisState } from "@beamtime/motion";
import { alarmName } from "./ca-status.js";

/** Bits of `MSTA`, as the motor record names them. */
export const motorBits = {
  /** On the home switch. */
  homeSwitch: 1 << 3,
  /** The loop is closed: the motor has power. */
  position: 1 << 5,
  slipStall: 1 << 6,
  /** At the home position. */
  home: 1 << 7,
  encoder: 1 << 8,
  problem: 1 << 9,
  /** The driver can switch the power. */
  gainSupport: 1 << 11,
  communication: 1 << 12,
} as const;

/** Severity of a value that means nothing. */
const invalid = 3;
/** Menu of `SPMG`: nothing moves. */
const held = ["Stop", "Pause"];

/** What a motor record says of its motor. */
export interface MotorStatus {
  /** `DMOV`, or a motion was asked for that has not begun. */
  readonly isMoving: boolean;
  /** `MSTA`. */
  readonly bits: number;
  /** Whether the limit switches are pressed, by the coordinates that are driven. */
  readonly onHigh: boolean;
  readonly onLow: boolean;
  /** `SPMG`, by number. */
  readonly mode: number;
  /** Alarm of the record. */
  readonly severity: number;
  readonly alarm: number;
}

/** The state of an axis that a motor record tells of. */
export function axisStateOf({ isMoving, bits, onHigh, onLow, mode, severity, alarm }: MotorStatus): AxisState {
  const flags: (AxisFlag | readonly [AxisFlag, string])[] = [];
  const faults = [
    ...((bits & motorBits.communication) !== 0 ? ["the IOC cannot reach the motor controller (MSTA)"] : []),
    ...((bits & motorBits.slipStall) !== 0 ? ["the motor slips or is stalled (MSTA)"] : []),
    ...((bits & motorBits.problem) !== 0 ? ["the driver has stopped the motor for a problem (MSTA)"] : []),
  ];
  if (faults.length === 0 && severity >= invalid) faults.push(`the record is invalid, alarm ${alarmName(alarm)}`);
  const isOff = (bits & motorBits.gainSupport) !== 0 && (bits & motorBits.position) === 0;
  const hold = held[mode];
  if (isMoving) flags.push("MOVING");
  if (faults.length > 0) flags.push(["FAULT", faults.join("; ")]);
  if (isOff) flags.push(["OFF", "the power is off (CNEN)"]);
  if (hold !== undefined) flags.push(["DISABLED", `SPMG of the record is ${hold} instead of Go`]);
  if (flags.length === 0) flags.push("READY");
  if (onHigh) flags.push("LIMPOS");
  if (onLow) flags.push("LIMNEG");
  if ((bits & (motorBits.homeSwitch | motorBits.home)) !== 0) flags.push("HOME");
  return new AxisState(flags);
}
