import type { z } from "zod";

/** What a calculation knows, by role. */
export interface CalcRoles {
  /** All are needed. */
  readonly reals: readonly string[];
  /** Axes that are not moved; all are needed. Also without the tag `param`. */
  readonly parameters?: readonly string[] | undefined;
  /** Those that are wanted may be there. */
  readonly pseudos: readonly string[];
}

/** An entry of `axes`. */
interface CalcEntry {
  readonly name: string;
  readonly tags: string;
}

/** The tag that says what the axis is for the calculation. */
export function roleOf({ tags }: CalcEntry): string {
  const words = tags.trim().split(/\s+/);
  return words.find((word) => word !== "real" && word !== "param") ?? tags;
}

/** Whether the calculation starts from the axis. */
export function isInput({ tags }: CalcEntry): boolean {
  return /\b(real|param)\b/.test(tags);
}

/**
 * For `superRefine` of the configuration of calculated axes: each role is one that the calculation knows, and there once; the axes that it
 * starts from are references, and all there.
 */
export function checkRoles<T>(
  rolesOf: (config: T) => CalcRoles,
): (config: T & { readonly axes: readonly CalcEntry[] }, context: z.RefinementCtx) => void {
  return (config, context) => {
    const { reals, parameters = [], pseudos } = rolesOf(config);
    const inputs = [...reals, ...parameters];
    const found = new Set<string>();
    for (const [index, entry] of config.axes.entries()) {
      const refuse = (key: keyof CalcEntry, message: string): void =>
        context.addIssue({ code: "custom", path: ["axes", index, key], message: `expected ${message}` });
      const role = roleOf(entry);
      const isReference = entry.name.startsWith("$");
      const known = isInput(entry) ? inputs : pseudos;
      if (isInput(entry) && !isReference) refuse("name", `a reference, $${entry.name}, as it is a real axis`);
      else if (isReference && !isInput(entry))
        refuse("tags", `real ${entry.tags}, as ${entry.name} is an axis already`);
      else if (!known.includes(role))
        refuse("tags", known.map((one) => (isInput(entry) ? `real ${one}` : one)).join(" or "));
      else if (found.has(role)) refuse("tags", `another tag: another axis has ${role}`);
      found.add(role);
    }
    const missing = inputs.filter((role) => !found.has(role));
    for (const [index, role] of missing.entries()) {
      const path = ["axes", config.axes.length + index];
      context.addIssue({ code: "custom", path, message: `expected - {name: $…, tags: real ${role}}` });
    }
  };
}
