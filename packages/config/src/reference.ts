import { z } from "zod";

/** A reference to another object of the configuration, kept as text: `$name` or `$name.attribute.path`. */
export const referenceSchema = z.string().regex(/^\$[^{]/, { error: "expected a reference such as $name" });

/** The parts of `$name.attribute.path`; undefined when the text is no reference (`${…}` is none). */
export function parseReference(
  text: string,
): { readonly name: string; readonly attributes: readonly string[] } | undefined {
  if (!/^\$[^{]/.test(text)) return undefined;
  const [name = "", ...attributes] = text.slice(1).split(".");
  return { name, attributes };
}
