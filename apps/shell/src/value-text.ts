import { inspect } from "node:util";

/** A value as the prompt shows it: objects that say what they are (`toString` of their own class) are taken at their word. */
export function valueText(value: unknown, { colors = false }: { readonly colors?: boolean } = {}): string {
  return ownText(value) ?? inspect(value, { colors });
}

function ownText(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || inspect.custom in value) return undefined;
  let owner: object | null = value;
  while (owner && !Object.hasOwn(owner, "toString")) owner = Object.getPrototypeOf(owner);
  if (!owner || /\[native code\]/.test(Function.prototype.toString.call(owner.constructor))) return undefined;
  const text: unknown = Reflect.get(owner, "toString");
  return typeof text === "function" ? String(Reflect.apply(text, value, [])) : undefined;
}
