import { ArgumentError } from "@beamtime/errors";

/** What a proposal is for, which decides where its data go. */
export type ProposalType = "inhouse" | "visitor" | "tmp";

/** Prefixes of proposal names, beside the name of the beamline, that tell their type. */
export interface ProposalPrefixes {
  readonly inhouse: readonly string[];
  readonly tmp: readonly string[];
}

/**
 * Checks the name of a proposal, and writes it as directories have it: `HG-123 x` → `hg123x`.
 *
 * @throws ArgumentError when it has other characters than letters, digits, blanks, `_` and `-`, or no letter nor digit
 */
export function proposalName(name: string): string {
  const text = String(name); // at a prompt it may be a number
  const written = normalized(text);
  if (!/^[0-9a-zA-Z_\s-]+$/.test(text) || written === "") {
    throw new ArgumentError("proposal", `'${text}' is no name of a proposal: use letters, digits, blanks, _ and -`);
  }
  return written;
}

/** The type that the name of a proposal tells. */
export function proposalType(name: string, beamline: string, prefixes: ProposalPrefixes): ProposalType {
  const begins = (prefix: string): boolean => name.startsWith(normalized(prefix));
  if (name.startsWith(beamline) || prefixes.inhouse.some(begins)) return "inhouse";
  return prefixes.tmp.some(begins) ? "tmp" : "visitor";
}

/** The directory of a proposal. Of a visitor's that is a mere number it begins with the beamline: 02-01234 at bm02 → bm021234. */
export function proposalDirname(name: string, type: ProposalType, beamline: string): string {
  if (!/^\d+$/.test(name) || type !== "visitor") return name;
  const full = beamline.replaceAll(/\d/g, "") + name;
  return full.startsWith(beamline) ? beamline + String(Number(full.slice(beamline.length))) : name;
}

/**
 * The session of a proposal to go on with: the only one; of several the last that is not in the future; without any
 * the first day of this month.
 *
 * @param existing names of directories, of which those are sessions that are dates: `20261101`
 */
export function proposalSession(existing: readonly string[], today: Date): string {
  const dates = existing.filter(isSessionName).toSorted();
  const now = dateName(today, today.getDate());
  const begun = dates.filter((date) => date <= now);
  return begun.at(-1) ?? dates[0] ?? dateName(today, 1);
}

/** Whether a directory is a session of a proposal. */
export function isSessionName(name: string): boolean {
  return /^\d{4}(?:0\d|1[0-2])(?:[0-2]\d|3[01])$/.test(name);
}

/** Name of the proposal of a beamline's own tests this month, as a template. */
export function defaultProposal(today: Date): string {
  return `{beamline}${dateName(today, 1).slice(2, 6)}`;
}

function dateName(date: Date, day: number): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${String(date.getFullYear()).padStart(4, "0")}${two(date.getMonth() + 1)}${two(day)}`;
}

function normalized(name: string): string {
  return name.toLowerCase().replaceAll(/[^0-9a-z]/g, "");
}
