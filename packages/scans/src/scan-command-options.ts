import type { ScanInfo } from "@beamtime/core";
import { ArgumentError } from "@beamtime/errors";
import { valueText } from "./value-text.js";

/** The object that may end the arguments of every scan command. */
export interface ScanCommandOptions {
  /** False: prepare the scan, and leave running it (`scan.run()`) to the caller. Default true. */
  readonly run?: boolean;
  /** Whether the scan is saved. Default true; false for `ct`. */
  readonly save?: boolean;
  /** Whether cameras save images. Default as `save`. */
  readonly saveImages?: boolean;
  /** Name of the node, after its number. Default the command. */
  readonly name?: string;
  /** Default: the command as typed. */
  readonly title?: string;
  /** Seconds to wait before each point but the first, for things to settle. Default 0. */
  readonly sleepTime?: number;
  /** Metadata of this scan, merged into scan_info. */
  readonly scanInfo?: ScanInfo;
  /** Aborts the scan. */
  readonly signal?: AbortSignal;
}

const known = new Set(["run", "save", "saveImages", "name", "title", "sleepTime", "scanInfo", "signal"]);

/**
 * Takes the options off the end of an argument list.
 *
 * @throws ArgumentError for an option that `extra` and the common ones do not name, or of a wrong type
 */
export function splitOptions<T extends ScanCommandOptions>(
  args: readonly unknown[],
  extra: readonly (keyof T & string)[] = [],
): { readonly values: readonly unknown[]; readonly options: T } {
  const last = args.at(-1);
  if (!isPlainObject(last)) return { values: args, options: {} as T }; // every option is optional
  for (const name of Object.keys(last)) {
    if (!known.has(name) && !extra.includes(name as keyof T & string)) {
      throw new ArgumentError(name, `there is no option ${name}; expected ${[...known, ...extra].join(", ")}`);
    }
  }
  const options = last as T; // the names are checked above, the types below
  for (const name of ["run", "save", "saveImages"] as const) expectType(options, name, "boolean", "true or false");
  for (const name of ["name", "title"] as const) expectType(options, name, "string", "a text");
  if (options.scanInfo !== undefined && !isPlainObject(options.scanInfo)) {
    throw new ArgumentError("scanInfo", "scanInfo is not an object; expected { key: value }");
  }
  if (options.name !== undefined && !/^[^:/]+$/.test(options.name)) {
    throw new ArgumentError("name", `name is '${options.name}'; expected a text without ':' and '/'`);
  }
  return { values: args.slice(0, -1), options };
}

function expectType(options: ScanCommandOptions, name: keyof ScanCommandOptions, type: string, expected: string): void {
  const value = options[name];
  if (value !== undefined && typeof value !== type) {
    throw new ArgumentError(name, `${name} is ${valueText(value)}; expected ${expected}`);
  }
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // objects typed at a prompt come from another realm, so their prototype is another Object.prototype
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
