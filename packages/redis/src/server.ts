export { findRedisServer, type RedisServerProgram } from "./find-redis-server.js";
export { type RedisServer, type StartRedisServerOptions, startRedisServer } from "./start-redis-server.js";
