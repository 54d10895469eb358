export {
  type ContainerInfo,
  type ContainerNode,
  ensureContainers,
  expireContainers,
  setContainerInfo,
} from "./container-nodes.js";
export { type DeadScan, type EndDeadScansOptions, endDeadScans } from "./end-dead-scans.js";
export { PublisherError } from "./publisher-error.js";
export type { PublisherOptions } from "./publisher-options.js";
export { PublisherOverflowError } from "./publisher-overflow-error.js";
export { redisPublisher } from "./redis-publisher.js";
export { redisScanNumbers, type ScanNumberRequest, type ScanNumbers } from "./redis-scan-numbers.js";
