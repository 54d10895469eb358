export { abortable } from "./abortable.js";
export type { Clock } from "./clock.js";
export { type Deferred, deferred } from "./deferred.js";
export { Disposer } from "./disposer.js";
export { Gate } from "./gate.js";
export { systemClock } from "./system-clock.js";
export { TaskGroup } from "./task-group.js";
export { VirtualClock } from "./virtual-clock.js";
export { within } from "./within.js";
