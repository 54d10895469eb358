import { ArgumentError } from "@beamtime/errors";

/**
 * Fills a Python format string: `{session}/{s_name}/`, `{scan_number:04d}`. Values may be templates themselves.
 * Fields in `kept` stay as they are, for whoever fills them later.
 *
 * @throws ArgumentError naming a field that nobody defines, or that contains itself
 */
export function fillTemplate(
  template: string,
  fields: ReadonlyMap<string, string>,
  kept: ReadonlySet<string> = new Set(),
): string {
  return fill(template, fields, kept, []);
}

function fill(
  template: string,
  fields: ReadonlyMap<string, string>,
  kept: ReadonlySet<string>,
  inside: readonly string[],
): string {
  return template.replaceAll(/\{([^{}:]+)(?::([^{}]*))?\}/g, (whole, name: string, format: string | undefined) => {
    if (kept.has(name)) return whole;
    const value = fields.get(name);
    if (value === undefined) {
      throw new ArgumentError(
        name,
        `'${template}' uses {${name}}, which nobody defines: add it with SCAN_SAVING.add('${name}', value), ` +
          `or use one of ${[...fields.keys(), ...kept].map((field) => `{${field}}`).join(", ")}`,
      );
    }
    if (inside.includes(name)) {
      throw new ArgumentError(name, `{${name}} contains itself: ${[...inside, name].join(" → ")}`);
    }
    return formatted(fill(value, fields, kept, [...inside, name]), format);
  });
}

/** The integer formats that paths use (`04d`); others leave the text as it is. */
function formatted(text: string, format: string | undefined): string {
  const width = /^0(\d+)d?$/.exec(format ?? "")?.[1];
  return width === undefined ? text : text.padStart(Number(width), "0");
}
