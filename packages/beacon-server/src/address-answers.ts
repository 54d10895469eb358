import { beaconMessage, encodeFrame } from "@beamtime/protocol";
import type { RedisLocation } from "./redis-location.js";

/** The Redis servers of a beamline; a missing data server is told as such. */
export interface RedisLocations {
  readonly settings: RedisLocation;
  readonly data?: RedisLocation | undefined;
}

const decoder = new TextDecoder();

/**
 * The answer to one Beacon request: addresses for types 30 and 32, and for every other type the frame −1 with the
 * request's whole payload, which clients understand as "not supported here".
 *
 * @see `beacon.md` §1.3
 */
export function answerFrame(type: number, payload: Uint8Array, locations: RedisLocations): Uint8Array {
  switch (type) {
    case beaconMessage.redisQuery:
      return encodeFrame(beaconMessage.redisAnswer, joined(locations.settings, ":"));
    case beaconMessage.redisDataQuery: {
      const text = decoder.decode(payload);
      const end = text.indexOf("|");
      const key = end < 0 ? text : text.slice(0, end);
      return locations.data
        ? encodeFrame(beaconMessage.redisDataOk, `${key}|${joined(locations.data, "|")}`)
        : encodeFrame(beaconMessage.redisDataFailed, `${key}|no data Redis is configured`);
    }
    default:
      return encodeFrame(beaconMessage.unknown, payload);
  }
}

function joined(location: RedisLocation, separator: string): string {
  return "path" in location ? `localhost${separator}${location.path}` : `${location.host}${separator}${location.port}`;
}
