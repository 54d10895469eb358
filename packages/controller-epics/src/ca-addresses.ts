import { networkInterfaces } from "node:os";
import { ArgumentError } from "@beamtime/errors";

/** Where to ask for process variables, or where a server is. */
export interface CaAddress {
  readonly host: string;
  readonly port: number;
}

/** The port of Channel Access. */
const defaultPort = 5064;

/**
 * The addresses of a text such as `EPICS_CA_ADDR_LIST`: hosts or broadcast addresses, each with a port or without, between blanks.
 *
 * @throws ArgumentError
 */
export function parseAddresses(text: string, port = defaultPort): CaAddress[] {
  return text
    .split(/[\s,]+/)
    .filter((word) => word !== "")
    .map((word) => {
      const [, host, digits] = /^([^:\s]+)(?::(\d{1,5}))?$/.exec(word) ?? [];
      const own = digits === undefined ? port : Number(digits);
      if (host !== undefined && own > 0 && own < 65536) return { host, port: own };
      throw new ArgumentError(
        "addresses",
        `"${word}" is no address of an IOC; expected host or host:port, as ioc1:5064`,
      );
    });
}

/**
 * Where the environment says that IOCs are: `EPICS_CA_ADDR_LIST`, and the broadcast addresses of this machine unless
 * `EPICS_CA_AUTO_ADDR_LIST` is `NO`; `EPICS_CA_SERVER_PORT` where an address has none.
 *
 * @throws ArgumentError for what is no address
 */
export function environmentAddresses(environment: NodeJS.ProcessEnv): CaAddress[] {
  const text = environment["EPICS_CA_SERVER_PORT"] ?? String(defaultPort);
  const port = Number(text);
  if (!(Number.isInteger(port) && port > 0 && port < 65536)) {
    throw new ArgumentError("EPICS_CA_SERVER_PORT", `EPICS_CA_SERVER_PORT is "${text}"; expected a port, as 5064`);
  }
  const listed = parseAddresses(environment["EPICS_CA_ADDR_LIST"] ?? "", port);
  if (environment["EPICS_CA_AUTO_ADDR_LIST"]?.trim().toUpperCase() === "NO") return listed;
  const hosts = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .flatMap(({ family, address, netmask }) => (family === "IPv4" ? [broadcastOf(address, netmask)] : []));
  return [...listed, ...[...new Set(hosts)].map((host) => ({ host, port }))];
}

/** The last address of a net: that of everybody in it. On the loopback interface the machine itself. */
function broadcastOf(address: string, netmask: string): string {
  if (address.startsWith("127.")) return address;
  const mask = netmask.split(".").map(Number);
  return address
    .split(".")
    .map((part, i) => Number(part) | (255 - (mask[i] ?? 255)))
    .join(".");
}
