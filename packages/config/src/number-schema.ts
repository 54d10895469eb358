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

/** A number that is finite. */
export const finiteSchema = numberSchema.refine(Number.isFinite, { error: "expected a finite number" });

/** A finite number above 0. */
export const positiveSchema = numberSchema.refine((value) => value > 0 && Number.isFinite(value), {
  error: "expected a positive number",
});

/** A finite number, 0 or above. */
export const notNegativeSchema = numberSchema.refine((value) => value >= 0 && Number.isFinite(value), {
  error: "expected a finite number of at least 0",
});

/** Steps of a controller per unit; they may count the other way. */
export const stepsPerUnitSchema = numberSchema.refine((value) => value !== 0 && Number.isFinite(value), {
  error: "expected a finite number other than 0",
});

function fromText(text: string): number {
  const infinite = /^\s*([-+]?)\.?inf(?:inity)?\s*$/i.exec(text);
  if (infinite) return infinite[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return text.trim() === "" ? Number.NaN : Number(text);
}
