export {
  type ConnectionState,
  type ConnectRedisOptions,
  connectRedis,
  dataDatabase,
  type RedisConnection,
  settingsDatabase,
} from "./redis-connection.js";
export { RedisError } from "./redis-error.js";
export type { RedisTarget } from "./redis-target.js";
