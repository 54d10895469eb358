export { Channel, type ChannelOptions } from "./channel.js";
export { ChannelBus } from "./channel-bus.js";
export { ChannelError } from "./channel-error.js";
export { ChannelTimeoutError } from "./channel-timeout-error.js";
export { EventChannel } from "./event-channel.js";
export type { BusOptions } from "./process-bus.js";
