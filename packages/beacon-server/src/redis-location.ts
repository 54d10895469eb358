import { isIPv6 } from "node:net";

/** Where a Redis server listens: on TCP, and perhaps on a Unix socket as well; or on a Unix socket alone. */
export type RedisLocation =
  | { readonly host: string; readonly port: number; readonly path?: string | undefined }
  | { readonly path: string };

/** What a client is told, depending on where it sits. */
export interface RedisViewer {
  /** It runs on this machine: it may use Unix sockets. */
  readonly isLocal: boolean;
  /** Address by which it reached us. */
  readonly reachedAddress: string;
}

/** Hosts that mean "this machine" or "all of its addresses": nothing that a client elsewhere can use. */
const ownHosts = /^(localhost|127\.\d+\.\d+\.\d+|::1|0\.0\.0\.0|::|\*|)$/i;

/**
 * Host, and port or socket path, as a client shall use them. A remote client of a Redis on loopback is given the
 * address by which it reached us; of IPv6 the name of this machine, as the text after the first `:` would be taken for
 * the port.
 */
export function redisAddress(
  location: RedisLocation,
  viewer: RedisViewer,
  hostname: string,
): readonly [host: string, portOrPath: string] {
  if (!("port" in location)) return ["localhost", location.path];
  if (viewer.isLocal) {
    if (location.path !== undefined) return ["localhost", location.path];
    return [ownHosts.test(location.host) ? "localhost" : location.host, String(location.port)];
  }
  if (!ownHosts.test(location.host)) return [location.host, String(location.port)];
  const reached = viewer.reachedAddress.replace(/^::ffff:/i, "");
  return [reached === "" || isIPv6(reached) ? hostname : reached, String(location.port)];
}
