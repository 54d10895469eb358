import { ArgumentError } from "@beamtime/errors";

/** Where a Beacon server listens. */
export type BeaconAddress = { readonly host: string; readonly port: number } | { readonly path: string };

const defaultPort = "25000";

/**
 * Finds the Beacon server as BLISS does: `text`, else the environment's `BEACON_HOST`, else `localhost`. A text without a
 * port takes the environment's `BEACON_PORT`, else 25000. What stands for the port and is no number is the path of a
 * Unix socket: `localhost:/run/beacon.sock`, or just `/run/beacon.sock`.
 *
 * Python's `blissdata` is stricter: for it `BEACON_HOST` must be `host:port`, both parts.
 *
 * @throws ArgumentError for a port that there cannot be
 */
export function beaconAddress(text?: string): BeaconAddress {
  const given = text || process.env["BEACON_HOST"] || "localhost";
  if (given.startsWith("/")) return { path: given };
  const [, ipv6, name, stated] = /^(?:\[(.*?)\]|([^:]*))(?::(.*))?$/.exec(given) ?? [];
  const host = ipv6 ?? name ?? "";
  const port = stated || process.env["BEACON_PORT"] || defaultPort;
  if (!/^\d+$/.test(port)) return { path: port };
  if (/[\s|]/.test(host) || Number(port) > 65_535) {
    throw new ArgumentError(
      "address",
      `'${given}' is no address of a Beacon server: expected host:port, as in BEACON_HOST, or a Unix socket's path`,
    );
  }
  return { host: host || "localhost", port: Number(port) };
}

/** The address as people write it. */
export function addressText(address: BeaconAddress): string {
  if ("path" in address) return address.path;
  return address.host.includes(":") ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}
