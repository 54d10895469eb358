import { inspect } from "node:util";
import { BeamtimeError, errorMessage } from "@beamtime/errors";

/** What went wrong, in one line: the stack is for `lastError()` and `--trace`. */
export function errorSentence(error: unknown): string {
  const message = errorMessage(error).replaceAll(/\s*\n\s*/g, " ");
  if (error instanceof AggregateError) {
    const all = error.errors.map((inner: unknown) => errorSentence(inner)).join("; ");
    return message === "" ? all : `${message}: ${all}`;
  }
  if (!(error instanceof Error) || error instanceof BeamtimeError || error.name === "Error") return message;
  return `${error.name}: ${message}`;
}

/** All there is to know of an error: stack, fields, causes. */
export function errorTrace(error: unknown): string {
  return inspect(error, { depth: 6 });
}
