import {
  NumpyDtype,
  NumpyScalar,
  type PickleValue,
  PyClass,
  PyDateTime,
  PyFloat,
  PyTuple,
  pythonFloatText,
} from "@beamtime/protocol";

/** Python's `repr()` of a decoded value as NumPy 1 prints it; arrays are left out. */
export function pythonRepr(value: PickleValue): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  if (typeof value === "string") return reprOfText(value);
  if (value instanceof PyFloat) return pythonFloatText(value.value);
  if (value instanceof PyTuple) return `(${list(value.items)}${value.items.length === 1 ? "," : ""})`;
  if (Array.isArray(value)) return `[${list(value)}]`;
  if (value instanceof Map) {
    return `{${Array.from(value, ([key, item]) => `${pythonRepr(key)}: ${pythonRepr(item)}`).join(", ")}}`;
  }
  if (value instanceof PyClass) {
    return `<class '${value.module === "builtins" ? value.name : `${value.module}.${value.name}`}'>`;
  }
  if (value instanceof NumpyScalar) return reprOfScalar(value);
  if (value instanceof NumpyDtype && value.code === "u2") return "dtype('uint16')";
  if (value instanceof PyDateTime) {
    const { year, month, day, hour, minute, second, microsecond } = value;
    const fields = [year, month, day, hour, minute, second, microsecond];
    while (fields.at(-1) === 0 && fields.length > 5) fields.pop();
    return `datetime.datetime(${fields.join(", ")})`;
  }
  return "array";
}

function list(items: readonly PickleValue[]): string {
  return items.map(pythonRepr).join(", ");
}

function reprOfText(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  return `${quote}${text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}${quote}`;
}

function reprOfScalar({ dtype, value }: NumpyScalar): string {
  if (typeof value === "string") return reprOfText(value);
  if (typeof value === "boolean") return value ? "True" : "False";
  return dtype === "float64" || dtype === "float32" ? pythonFloatText(Number(value)) : String(value);
}
