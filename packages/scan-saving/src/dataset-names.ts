import { ArgumentError } from "@beamtime/errors";
import { printed } from "./printed.js";

/**
 * Names to try for a new dataset, one after another, without end: of a name itself, then `name_0002`, `name_0003`, …; of
 * a number, or a text of digits, `0005`, `0006`, …; without either from `0001` on.
 *
 * @param format of the numbers, `%04d`
 */
export function* datasetNames(wanted: string | number | undefined, format: string): Generator<string, never> {
  const isName = typeof wanted === "string" && wanted !== "" && !/^\d+$/.test(wanted);
  if (isName) yield wanted;
  const first = isName ? 2 : Math.max(1, Number(wanted ?? 1));
  for (let number = first; ; number++) yield `${isName ? `${wanted}_` : ""}${printed(format, number)}`;
}

/** What cannot be in the name of a file or directory, on Windows neither, nor in a template. */
const forbidden = /[{}%<>:"'/\\|?*\p{Cc}]/gu;

/** @throws ArgumentError when a name has characters that cannot be in the name of a directory, or a number is no integer */
export function checkDirectoryName(argument: string, name: string | number | undefined): void {
  if (typeof name === "number" && !Number.isSafeInteger(name)) {
    throw new ArgumentError(argument, `${name} is no number of a ${argument}: expected an integer, or a name`);
  }
  const found = new Set(String(name ?? "").match(forbidden));
  if (name === "." || name === "..") found.add(".");
  if (found.size === 0) return;
  const shown = [...found].map((character) => JSON.stringify(character)).join(", ");
  throw new ArgumentError(argument, `'${name}' names a directory and must not have ${shown}`);
}
