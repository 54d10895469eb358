/** A value that was given for an argument, as messages show it. */
export function valueText(value: unknown): string {
  switch (typeof value) {
    case "undefined":
      return "missing";
    case "string":
      return `'${value}'`;
    case "number":
    case "bigint":
    case "boolean":
      return String(value);
    case "object": {
      if (value === null) return "null";
      const name = "name" in value && typeof value.name === "string" ? ` (${value.name})` : "";
      return `an object of class ${value.constructor?.name ?? "none"}${name}`;
    }
    case "symbol":
    case "function":
      return `a ${typeof value}`;
  }
}
