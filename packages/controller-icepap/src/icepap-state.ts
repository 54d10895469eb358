import { type AxisFlag, AxisState } from "@beamtime/motion";
import { type IcepapDisableReason, type IcepapStatus, stopFault } from "./icepap-status.js";

/** What else is known of an axis than its status word. */
export interface IcepapStateDetails {
  /** Whether the last motion was ours, so that its end is of interest. */
  readonly hasMoved: boolean;
  /** What `?ALARM` says. */
  readonly alarm?: string | undefined;
  /** Where the home switch was found, when the axis has not moved since. */
  readonly home?: string | undefined;
  /** Why the home switch was not found. */
  readonly homeFault?: string | undefined;
}

const remedies: Readonly<Record<IcepapDisableReason, string>> = {
  inactive: "the axis is not active: activate it in its configuration",
  alarm: "the driver is in alarm",
  "remote rack": "the rack is disabled by its remote input",
  "local rack": "the rack is disabled by its switch",
  "remote axis": "the axis is disabled by its remote input",
  "local axis": "the axis is disabled by the switch of its board",
  software: "the power was switched off by a command",
};

/** The state of an axis by its status word. */
export function axisStateOf(status: IcepapStatus, details: IcepapStateDetails): AxisState {
  const flags = new Map<AxisFlag, string | undefined>();
  const at = `0x${status.word.toString(16).toUpperCase()}`;
  if (!status.isPresent) return new AxisState([["FAULT", "there is no driver board at this address"]]);
  if (!status.isAlive) return new AxisState([["FAULT", "the driver board does not answer its controller"]]);
  if (status.isMoving) flags.set("MOVING", undefined);
  else rest(status, details, flags);
  if (status.isOnPositiveLimit) flags.set("LIMPOS", undefined);
  if (status.isOnNegativeLimit) flags.set("LIMNEG", undefined);
  if (status.isOnHome && !flags.has("HOME")) flags.set("HOME", undefined);
  if (flags.size === 0) flags.set("DISABLED", `the axis is not ready (status ${at})`);
  return new AxisState(Array.from(flags, ([flag, text]) => (text === undefined ? flag : ([flag, text] as const))));
}

function rest(status: IcepapStatus, details: IcepapStateDetails, flags: Map<AxisFlag, string | undefined>): void {
  const { disabled, mode, stopCode } = status;
  const { hasMoved, alarm, home, homeFault } = details;
  if (mode === "FAIL") flags.set("FAULT", "the driver board is in mode FAIL");
  else if (mode !== "OPER") flags.set("DISABLED", `the driver board is in mode ${mode}`);
  if (disabled === "alarm") flags.set("FAULT", alarm === undefined ? remedies.alarm : `${remedies.alarm}: ${alarm}`);
  else if (disabled !== undefined && disabled !== "software") flags.set("DISABLED", remedies[disabled]);
  if (!status.isPowered) flags.set("OFF", disabled === undefined ? "the power is off" : remedies[disabled]);
  if (status.isReady && flags.size === 0) flags.set("READY", undefined);
  if (status.isReady && hasMoved) {
    if (stopCode === 3) flags.set("LIMPOS", "stopped by the limit switch +");
    if (stopCode === 4) flags.set("LIMNEG", "stopped by the limit switch -");
    const fault = homeFault ?? stopFault(stopCode);
    if (fault !== undefined) flags.set("FAULT", fault);
  }
  if (home !== undefined) flags.set("HOME", home);
}
