/**
 * Which of its coordinates of a motor record are driven.
 *
 * `dial`: sign and offset are the axis's own, those of the record (`DIR`, `OFF`) have no part in it: who changes them
 * does not shift the axis. `user`: the record's user coordinates, with its sign and offset, are the dial of the axis.
 */
export type MotorCoordinates = "dial" | "user";

/** The fields of each. */
export const coordinateFields = {
  dial: { target: "DVAL", readback: "DRBV", low: "DLLM", high: "DHLM" },
  user: { target: "VAL", readback: "RBV", low: "LLM", high: "HLM" },
} as const satisfies Record<MotorCoordinates, Record<string, string>>;
