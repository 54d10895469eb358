/**
 * The root of every error that the project throws on purpose.
 *
 * A subclass has a literal `code`, stable across releases, for programs; the message is for people and says what was
 * given, what was expected and how to mend it. The failure below, if any, is kept in `cause`.
 *
 * @example
 * class AxisOnLimitError extends BeamtimeError {
 *   readonly code = "AXIS_ON_LIMIT";
 *   constructor(axis: string) { super(`axis ${axis} is on its limit: move it away first`); }
 * }
 */
export abstract class BeamtimeError extends Error {
  /** Stable name of the failure, for programs. */
  abstract readonly code: string;

  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
  }
}
