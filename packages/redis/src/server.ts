export { findRedisServer, type RedisServerProgram } from "./find-redis-server.js";
export type { StartRedisServerOptions } from "./server-place.js";
export { type RedisServer, startRedisServer } from "./start-redis-server.js";
export {
  type RedisSupervisionEvent,
  type SupervisedRedis,
  type SuperviseRedisOptions,
  superviseRedis,
} from "./supervise-redis.js";
