import { ArgumentError } from "@beamtime/errors";

const pattern = /^((?:[^%]|%%)*)%([-0]*)(\d*)[diu]((?:[^%]|%%)*)$/s;

/**
 * A number in a printf format of integers, `%04d`.
 *
 * @throws ArgumentError for a format without a place for the number, or with more: all numbers would look the same
 */
export function printed(format: string, number: number): string {
  const parts = pattern.exec(format);
  if (!parts) {
    throw new ArgumentError("format", `'${format}' is no format of numbers: expected one %d, such as %04d`);
  }
  const [, before = "", flags = "", width = "", after = ""] = parts;
  const fill = flags.includes("0") ? "0" : " ";
  const digits = flags.includes("-")
    ? String(number).padEnd(Number(width))
    : String(number).padStart(Number(width), fill);
  return `${before}${digits}${after}`.replaceAll("%%", "%");
}
