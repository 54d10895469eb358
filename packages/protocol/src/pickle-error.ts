import { BeamtimeError } from "@beamtime/errors";

/**
 * Why a pickle was refused: it ends too early; has an opcode, a global or a value outside the subset; passes a limit;
 * or is inconsistent.
 */
export type PickleErrorReason =
  | "truncated"
  | "unsupported-opcode"
  | "forbidden-global"
  | "unsupported-value"
  | "limit"
  | "malformed";

/** A pickle that is refused. Nothing of it was executed, and only this one value is lost. */
export class PickleError extends BeamtimeError {
  readonly code = "PICKLE";
  readonly reason: PickleErrorReason;

  constructor(reason: PickleErrorReason, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.reason = reason;
  }
}
