export { BeaconServer, type BeaconServerOptions } from "./beacon-server.js";
export { BeaconServerError } from "./beacon-server-error.js";
export type { RedisLocation } from "./redis-location.js";
