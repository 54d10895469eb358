import { z } from "zod";

/**
 * A number as configurations write it: also as text (`"2"`) and not finite (`.inf`, `-inf`), which BLISS accepts by
 * converting. Not a number (`.nan`) is refused.
 */
export const numberSchema = z.unknown().transform((value, context): number => {
  const number = typeof value === "string" ? fromText(value) : value;
  if (typeof number === "number" && !Number.isNaN(number)) return number;
  context.addIssue({ code: "invalid_type", expected: "number", input: value });
  return z.NEVER;
});

function fromText(text: string): number {
  const infinite = /^\s*([-+]?)\.?inf(?:inity)?\s*$/i.exec(text);
  if (infinite) return infinite[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return text.trim() === "" ? Number.NaN : Number(text);
}
