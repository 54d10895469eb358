import { ChannelError } from "./channel-error.js";

/** No value of a channel was known in time. */
export class ChannelTimeoutError extends ChannelError {
  override readonly code = "CHANNEL_TIMEOUT";
}
