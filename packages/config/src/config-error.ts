import { BeamtimeError } from "@beamtime/errors";

/** Where a value of the configuration stands. */
export interface ConfigPlace {
  /** Path of the file from the configuration's root, with `/`; absent for what no file says. */
  readonly file?: string | undefined;
  /** Line in that file, from 1. */
  readonly line?: number | undefined;
  /** Keys and indices from the top of the file to the value. */
  readonly path?: readonly (string | number)[] | undefined;
}

/** The configuration says something that cannot be used: the message names file, line, key and what was expected. */
export class ConfigError extends BeamtimeError {
  readonly code = "BAD_CONFIGURATION";
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly path: readonly (string | number)[];
  /** What is wrong and what was expected: the message without the place. */
  readonly detail: string;

  constructor(message: string, place: ConfigPlace = {}, options?: { cause?: unknown }) {
    super(`${placeText(place)}${message}`, options);
    this.file = place.file;
    this.line = place.line;
    this.path = place.path ?? [];
    this.detail = message;
  }
}

/** Keys and indices as one text: `axes[0].velocity`. */
export function keysText(path: readonly (string | number)[]): string {
  return path
    .map((key) => (typeof key === "number" ? `[${key}]` : `.${key}`))
    .join("")
    .replace(/^\./, "");
}

function placeText({ file, line, path = [] }: ConfigPlace): string {
  if (file === undefined) return "";
  const keys = path.length === 0 ? "" : ` (${keysText(path)})`;
  return `${file}${line === undefined ? "" : `:${line}`}${keys}: `;
}
