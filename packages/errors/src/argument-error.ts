import { BeamtimeError } from "./beamtime-error.js";

/** A caller gave something that cannot be used; the message names the argument, what was given and what was expected. */
export class ArgumentError extends BeamtimeError {
  readonly code = "BAD_ARGUMENT";
  /** Name of the argument as the caller writes it. */
  readonly argument: string;

  constructor(argument: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.argument = argument;
  }
}
