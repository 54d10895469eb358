import { ArgumentError, errorMessage } from "@beamtime/errors";
import { parse, stringify } from "yaml";
import { type SettingContent, UnreadableValue } from "./setting-value.js";

/** Parameters of instances of a wardrobe, by their names. */
export type WardrobeInstances = { readonly [instance: string]: { readonly [parameter: string]: SettingContent } };

/** The YAML in which BLISS exports wardrobes; what cannot be read is left out. */
export function wardrobeYaml(name: string, instances: WardrobeInstances): string {
  const readable = Object.entries(instances).map(([instance, parameters]) => {
    const fields = Object.entries(parameters).filter(([, value]) => !(value instanceof UnreadableValue));
    return [instance, Object.fromEntries(fields)];
  });
  return stringify({ WardrobeName: name, instances: Object.fromEntries(readable) });
}

/**
 * The parameters of one instance in such a YAML.
 *
 * @throws ArgumentError when it is none, or has no such instance
 */
export function parseWardrobe(yaml: string, instance: string): Readonly<Record<string, unknown>> {
  const file = parsed(yaml);
  const instances = isMapping(file) ? file["instances"] : undefined;
  if (!isMapping(instances)) {
    throw new ArgumentError("yaml", "the text is no exported wardrobe: expected a mapping with the key 'instances'");
  }
  const parameters = instances[instance];
  if (!isMapping(parameters)) {
    const names = Object.keys(instances).join(", ");
    throw new ArgumentError("instance", `there is no instance '${instance}' in the file; it has ${names || "none"}`);
  }
  return parameters;
}

function parsed(yaml: string): unknown {
  try {
    return parse(yaml, { version: "1.2", logLevel: "error" });
  } catch (error) {
    const [sentence] = errorMessage(error).split("\n"); // a drawing of the place follows
    throw new ArgumentError("yaml", `the text is no exported wardrobe: ${sentence}`, { cause: error });
  }
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
