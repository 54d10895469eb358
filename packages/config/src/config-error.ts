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

  constructor(message: string, place: ConfigPlace = {}, options?: { cause?: unknown }) {
    super(`${placeText(place)}${message}`, options);
    this.file = place.file;
    this.line = place.line;
    this.path = place.path ?? [];
  }
}

function placeText({ file, line, path = [] }: ConfigPlace): string {
  if (file === undefined) return "";
  const keys = path.map((key) => (typeof key === "number" ? `[${key}]` : `.${key}`)).join("");
  return `${file}${line === undefined ? "" : `:${line}`}${keys === "" ? "" : ` (${keys.replace(/^\./, "")})`}: `;
}
