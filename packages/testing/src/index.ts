export { dumpDatabase } from "./dump-database.js";
export {
  loadRedisVector,
  type RedisVector,
  type VectorEntry,
  type VectorField,
  type VectorKey,
} from "./redis-vector.js";
export { restoreVector } from "./restore-vector.js";
export { startTestRedis, type TestRedis } from "./test-redis.js";
