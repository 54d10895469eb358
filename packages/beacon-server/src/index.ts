export type { RedisLocations } from "./address-answers.js";
export { AddressServer, type AddressServerOptions } from "./address-server.js";
export { BeaconServerError } from "./beacon-server-error.js";
export type { RedisLocation } from "./redis-location.js";
