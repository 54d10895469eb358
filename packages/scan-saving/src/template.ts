import { ArgumentError } from "@beamtime/errors";
import { MissingParameterError } from "./missing-parameter-error.js";

/** Text of a parameter, which may be a template itself; undefined when nobody has defined it. */
export type TemplateFields = (name: string) => string | undefined;

/** Fields that only a scan or a camera fills. */
export const filledLater: ReadonlySet<string> = new Set(["scan_name", "scan_number", "img_acq_device"]);

/**
 * Fills a Python format string: `{session}/{s_name}/`, `{run:04d}`. Values may be templates themselves; a field
 * that contains itself stays as it is, as do those in `kept`, for whoever fills them later.
 *
 * @throws MissingParameterError naming a field that nobody defines, or that is empty: `{}`
 * @throws ArgumentError for a format that Python does not know, or that does not fit the value
 */
export function fillTemplate(
  template: string,
  fields: TemplateFields,
  kept: ReadonlySet<string> = filledLater,
): string {
  return fill(template, fields, new Set(kept));
}

const field = /\{\{|\}\}|\{([^{}:]*)(?::([^{}]*))?\}/g;

function fill(template: string, fields: TemplateFields, left: ReadonlySet<string>): string {
  return template.replaceAll(field, (whole, name: string | undefined, format: string | undefined) => {
    if (name === undefined) return whole.charAt(0); // a doubled brace is one brace
    if (left.has(name)) return whole;
    const value = name === "" ? undefined : fields(name);
    if (value === undefined) throw missing(name, template);
    return formatted(fill(value, fields, new Set(left).add(name)), format ?? "");
  });
}

function missing(name: string, template: string): MissingParameterError {
  const why =
    name === ""
      ? "has a field without name: write {name}"
      : `uses {${name}}, which nobody defines: add it with SCAN_SAVING.add('${name}', value)`;
  return new MissingParameterError(name, template, `'${template}' ${why}`);
}

const specification = /^(?:(.)?([<>^=]))?(0)?(\d+)?(?:\.(\d+))?([sdf]?)$/u;

/** Python's `format(text, format)`, of a text that stands for a number where the format is one of numbers. */
function formatted(text: string, format: string): string {
  if (format === "") return text;
  const [whole, fillWith, align, zero, width, precision, type] = specification.exec(format) ?? [];
  const number = Number(text);
  const isNumber = text.trim() !== "" && Number.isFinite(number);
  if (
    whole === undefined ||
    (type !== "" && type !== "s" && !isNumber) ||
    (type === "d" && !Number.isInteger(number))
  ) {
    throw new ArgumentError("template", `'${text}' cannot be written in the format '${format}'`);
  }
  const isNumeric = type === "d" || type === "f" || (zero !== undefined && isNumber);
  const sign = isNumeric && number < 0 ? "-" : "";
  const shown = shownText(text, type ?? "", precision === undefined ? undefined : Number(precision));
  const digits = sign === "" ? shown : shown.slice(1);
  const padding = (fillWith ?? (zero ? "0" : " ")).repeat(
    Math.max(0, Number(width ?? 0) - sign.length - digits.length),
  );
  switch (align ?? (isNumeric ? (zero ? "=" : ">") : "<")) {
    case "<":
      return sign + digits + padding;
    case "^":
      return padding.slice(0, padding.length / 2) + sign + digits + padding.slice(padding.length / 2);
    case "=":
      return sign + padding + digits;
    default:
      return padding + sign + digits;
  }
}

function shownText(text: string, type: string, precision: number | undefined): string {
  if (type === "f") return Number(text).toFixed(precision ?? 6);
  if (type === "d") return String(Number(text));
  return precision === undefined ? text : text.slice(0, precision);
}
