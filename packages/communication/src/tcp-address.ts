import { ArgumentError } from "@beamtime/errors";

/** Where a device listens. */
export interface TcpAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * Reads `host:port`, `[::1]:port`, and both with `tcp://` or `socket://` before them, as configurations write it.
 *
 * @param defaultPort for a host alone; without it a port is needed
 * @throws ArgumentError
 */
export function parseTcpAddress(text: string, defaultPort?: number): TcpAddress {
  const [, six, four, digits] =
    /^(?:(?:tcp|socket):\/\/)?(?:\[([^\]]+)\]|([^:/\s[\]]+))(?::(\d+))?\/?$/.exec(text.trim()) ?? [];
  const host = six ?? four;
  const port = digits === undefined ? defaultPort : Number(digits);
  if (host !== undefined && port !== undefined && port > 0 && port < 65536) return { host, port };
  const form = defaultPort === undefined ? "host:port" : `host or host:port (port ${defaultPort} when there is none)`;
  throw new ArgumentError("url", `"${text}" is no address of a device; expected ${form}, as icepap1:5000`);
}

/** A host before a colon and a port. */
export function hostText(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
