import { ProtocolError } from "@beamtime/protocol";
import type { RedisTarget } from "@beamtime/redis";

/** Reads where a Redis server is: a port is a number, what is none is the path of a Unix socket. @throws ProtocolError */
export function redisLocation(text: string, separator: ":" | "|"): RedisTarget {
  const end = text.indexOf(separator);
  const host = text.slice(0, end);
  const where = text.slice(end + 1);
  if (end < 0 || where === "") throw new ProtocolError(`told '${text}' for the address of Redis`);
  return /^\d+$/.test(where) ? { host: host || "localhost", port: Number(where) } : { path: where };
}
