export { PublisherError } from "./publisher-error.js";
export type { PublisherOptions } from "./publisher-options.js";
export { PublisherOverflowError } from "./publisher-overflow-error.js";
export { redisPublisher } from "./redis-publisher.js";
export { redisScanNumbers, type ScanNumberRequest, type ScanNumbers } from "./redis-scan-numbers.js";
