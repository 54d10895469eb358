import { BeamtimeError } from "@beamtime/errors";

/** A channel that cannot do what it was asked for, or a message on it that cannot be used; `cause` says why. */
export class ChannelError extends BeamtimeError {
  readonly code: string = "CHANNEL";
  /** Name of the channel. */
  readonly channel: string;

  constructor(channel: string, message: string, options?: { cause?: unknown }) {
    super(`channel '${channel}': ${message}`, options);
    this.channel = channel;
  }
}
