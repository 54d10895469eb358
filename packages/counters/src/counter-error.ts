import { BeamtimeError } from "@beamtime/errors";

/** A counter controller gave something else than what was asked of it. */
export class CounterError extends BeamtimeError {
  readonly code = "COUNTER";
  /** Name of the controller. */
  readonly controller: string;

  constructor(controller: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.controller = controller;
  }
}
