import { ArgumentError } from "@beamtime/errors";

/** What a clock answers to a sleep of NaN seconds, which would neither end nor last. */
export function sleepError(): ArgumentError {
  return new ArgumentError("seconds", "cannot sleep for NaN seconds: expected a number");
}
