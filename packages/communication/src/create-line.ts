import { ArgumentError } from "@beamtime/errors";
import type { Line } from "./line.js";
import { SerialLine, type SerialLineOptions } from "./serial-line.js";
import type { LineOptions } from "./stream-line.js";
import { parseTcpAddress } from "./tcp-address.js";
import { TcpLine } from "./tcp-line.js";

/** Reads one key of a configuration; undefined when it is not written. */
class Keys {
  readonly #kind: string;
  readonly #values: Map<string, unknown>;

  constructor(kind: string, mapping: unknown) {
    if (typeof mapping !== "object" || mapping === null || Array.isArray(mapping)) {
      throw new ArgumentError(kind, `${kind} is ${String(mapping)}; expected a mapping with a url`);
    }
    this.#kind = kind;
    this.#values = new Map(Object.entries(mapping));
  }

  number(key: string): number | undefined {
    const value = this.#take(key);
    const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
    if (number === undefined || (typeof number === "number" && number > 0)) return number;
    throw this.#error(key, value, "a positive number");
  }

  text(key: string): string | undefined {
    const value = this.#take(key);
    if (value === undefined || typeof value === "string") return value;
    throw this.#error(key, value, "a text");
  }

  flag(key: string): boolean | undefined {
    const value = this.#take(key);
    if (value === undefined || typeof value === "boolean") return value;
    throw this.#error(key, value, "true or false");
  }

  oneOf<T>(key: string, choices: ReadonlyMap<unknown, T>): T | undefined {
    const value = this.#take(key);
    if (value === undefined) return undefined;
    const choice = choices.get(value);
    if (choice !== undefined) return choice;
    throw this.#error(key, value, `one of ${[...choices.keys()].join(", ")}`);
  }

  /** @throws ArgumentError for keys that nobody has asked for */
  end(): void {
    for (const [key, value] of this.#values) throw this.#error(key, value, "no such key");
  }

  #take(key: string): unknown {
    const value = this.#values.get(key);
    this.#values.delete(key);
    return value ?? undefined;
  }

  #error(key: string, value: unknown, expected: string): ArgumentError {
    const argument = `${this.#kind}.${key}`;
    return new ArgumentError(argument, `${argument} is ${JSON.stringify(value)}; expected ${expected}`);
  }
}

const sizes = new Map([5, 6, 7, 8].flatMap((bits) => [[bits, bits as 5 | 6 | 7 | 8]])); // the list has no others
const parities = new Map([
  ["N", "none"],
  ["E", "even"],
  ["O", "odd"],
] as const);
const stops = new Map([
  [1, 1],
  [1.5, 1.5],
  [2, 2],
] as const);

/**
 * Makes a line from the keys by which BLISS configures one:
 * - `tcp: {url: "host:port", timeout, eol}`
 * - `serial: {url: "/dev/ttyS0", baudrate, bytesize, parity: N|E|O, stopbits, rtscts, xonxoff, timeout, eol}`
 *
 * Connects to nothing: the first request does.
 *
 * @param config the mapping that has the key `tcp` or `serial`; others are left alone
 * @param defaults what the configuration does not say
 * @throws ArgumentError
 */
export function createLine(
  config: { readonly tcp?: unknown; readonly serial?: unknown },
  defaults: LineOptions & Partial<Pick<SerialLineOptions, "baudRate">> & { readonly port?: number | undefined } = {},
): Line {
  const { tcp, serial } = config;
  if ((tcp === undefined) === (serial === undefined)) {
    const given = tcp === undefined ? "neither tcp nor serial" : "both tcp and serial";
    throw new ArgumentError("config", `${given} is configured; expected one of them, with the url of the device`);
  }
  const kind = tcp === undefined ? "serial" : "tcp";
  const keys = new Keys(kind, tcp ?? serial);
  const url = keys.text("url");
  if (!url) throw new ArgumentError(`${kind}.url`, `${kind} has no url; expected where the device is`);
  const common = {
    ...defaults,
    timeout: keys.number("timeout") ?? defaults.timeout,
    terminator: keys.text("eol") ?? defaults.terminator,
  };
  if (kind === "tcp") {
    keys.end();
    return new TcpLine({ ...common, ...parseTcpAddress(url, defaults.port) });
  }
  const options = {
    ...common,
    path: url.replace(/^serial:\/\//, ""),
    baudRate: keys.number("baudrate") ?? defaults.baudRate,
    dataBits: keys.oneOf("bytesize", sizes),
    parity: keys.oneOf("parity", parities),
    stopBits: keys.oneOf("stopbits", stops),
    rtscts: keys.flag("rtscts"),
    xonxoff: keys.flag("xonxoff"),
  };
  keys.end();
  return new SerialLine(options);
}
