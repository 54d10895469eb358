import { BeamtimeError } from "@beamtime/errors";

/** An IcePAP refused a request, or answered something else than was expected. */
export class IcepapError extends BeamtimeError {
  readonly code = "ICEPAP";
  /** Name of the controller. */
  readonly controller: string;
  /** What was asked of it. */
  readonly request: string;
  /** What it said. */
  readonly reason: string;

  constructor(controller: string, request: string, reason: string, options?: { cause?: unknown }) {
    super(`the IcePAP ${controller} refused ${request}: ${reason}`, options);
    this.controller = controller;
    this.request = request;
    this.reason = reason;
  }
}
