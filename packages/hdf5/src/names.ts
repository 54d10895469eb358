/** Turns any name into one of letters, digits and underscores: each run of other characters becomes one underscore. */
export function normalizedName(name: string): string {
  return name.replace(/[^A-Za-z0-9_]+/g, "_");
}

/**
 * Cuts colon-separated names to their shortest suffix that no other name shares, part by part:
 * `axis:samx` becomes `samx` unless there is a second `samx`. A name that is a suffix of another one stays whole.
 */
export function shortestUniqueNames(names: Iterable<string>): Map<string, string> {
  const distinct = [...new Set(names)];
  const holders = new Map<string, number>();
  for (const name of distinct) {
    for (const suffix of suffixes(name)) holders.set(suffix, (holders.get(suffix) ?? 0) + 1);
  }
  return new Map(distinct.map((name) => [name, suffixes(name).find((suffix) => holders.get(suffix) === 1) ?? name]));
}

/** `a:b:c` gives `c`, `b:c`, `a:b:c`. */
function suffixes(name: string): string[] {
  const parts = name.split(":");
  return parts.map((_, index) => parts.slice(parts.length - 1 - index).join(":"));
}

/** A name that is not taken yet: the name itself, or with `_2`, `_3`, … behind it. It is taken afterwards. */
export function untakenName(name: string, taken: Set<string>): string {
  let free = name;
  for (let count = 2; taken.has(free); count++) free = `${name}_${count}`;
  taken.add(free);
  return free;
}

/** A name as HDF5 takes it for a member of a group: no slash, not empty, not a dot. */
export function memberName(name: string): string {
  return name === "" || name === "." ? "_" : name.replaceAll("/", "_");
}

/** The largest scan number among the entries of a file (`12.1`); 0 when there is none. */
export function lastEntryNumber(entries: readonly string[]): number {
  return entries.reduce((last, name) => Math.max(last, Number(/^(\d+)\.\d+$/.exec(name)?.[1] ?? 0)), 0);
}
