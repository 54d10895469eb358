import { BeamtimeError } from "@beamtime/errors";

/** Locks that could not be taken, or that were lost while they were held. */
export class LockError extends BeamtimeError {
  readonly code = "LOCK";
  /** The names that were asked for, or that are lost. */
  readonly names: readonly string[];
  /** Who has which of them, by the name of the lock; only those that somebody has. */
  readonly holders: ReadonlyMap<string, string>;

  constructor(
    message: string,
    about: { readonly names: readonly string[]; readonly holders?: ReadonlyMap<string, string>; cause?: unknown },
  ) {
    super(message, { cause: about.cause });
    this.names = about.names;
    this.holders = about.holders ?? new Map();
  }
}

/** `m1 by host:42, m2 by host:43`, for messages. */
export function holdersText(holders: ReadonlyMap<string, string>): string {
  return Array.from(holders, ([name, holder]) => `${name} by ${holder}`).join(", ");
}
