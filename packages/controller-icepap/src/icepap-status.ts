/** What the status word of an axis says. */
export interface IcepapStatus {
  readonly word: number;
  readonly isPresent: boolean;
  readonly isAlive: boolean;
  readonly mode: "OPER" | "PROG" | "TEST" | "FAIL";
  /** Why it is disabled; undefined when it is not. */
  readonly disabled: IcepapDisableReason | undefined;
  readonly isReady: boolean;
  /** On its way, or settling at its end. */
  readonly isMoving: boolean;
  readonly isOutOfWindow: boolean;
  readonly hasWarning: boolean;
  /** Why the last motion ended; true of an axis that is ready only. */
  readonly stopCode: number;
  readonly isOnPositiveLimit: boolean;
  readonly isOnNegativeLimit: boolean;
  readonly isOnHome: boolean;
  readonly isPowered: boolean;
}

const modes = ["OPER", "PROG", "TEST", "FAIL"] as const;

/** In the order of their numbers. */
const disableReasons = [
  undefined,
  "inactive",
  "alarm",
  "remote rack",
  "local rack",
  "remote axis",
  "local axis",
  "software",
] as const;

export type IcepapDisableReason = Exclude<(typeof disableReasons)[number], undefined>;

/** Takes a status word apart. */
export function decodeStatus(word: number): IcepapStatus {
  const bit = (index: number): boolean => ((word >>> index) & 1) === 1;
  return {
    word,
    isPresent: bit(0),
    isAlive: bit(1),
    mode: modes[((word >>> 2) & 3) as 0 | 1 | 2 | 3], // two bits
    disabled: disableReasons[(word >>> 4) & 7],
    isReady: bit(9),
    isMoving: bit(10) || bit(11),
    isOutOfWindow: bit(12),
    hasWarning: bit(13),
    stopCode: (word >>> 14) & 15,
    isOnPositiveLimit: bit(18),
    isOnNegativeLimit: bit(19),
    isOnHome: bit(20),
    isPowered: bit(23),
  };
}

/** Stop codes after which something has to be done. */
const faults: Readonly<Record<number, string>> = {
  5: "it did not settle at its target in time",
  6: "the axis was disabled on its way",
  8: "internal failure of the driver",
  9: "motor failure: check its cable",
  10: "power overload",
  11: "the driver is overheated",
  12: "closed loop error: the axis does not follow its target",
  13: "control encoder error",
  14: "stop code 14",
  15: "external alarm",
};

/** Stop codes of motions that ended otherwise. */
const ends: Readonly<Record<number, string>> = {
  0: "end of motion",
  1: "stopped",
  2: "aborted",
  3: "limit switch +",
  4: "limit switch -",
};

/** What was wrong at the end of the last motion; undefined when nothing was. */
export function stopFault(stopCode: number): string | undefined {
  return faults[stopCode];
}

/** Why the last motion ended, for people. */
export function stopText(stopCode: number): string {
  return ends[stopCode] ?? faults[stopCode] ?? `stop code ${stopCode}`;
}
