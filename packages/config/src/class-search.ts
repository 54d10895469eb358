import { ConfigError } from "./config-error.js";
import type { ConfigNode } from "./config-node.js";
import type { ConfigPlugin } from "./plugin.js";
import { unavailableReason } from "./unavailable-classes.js";

/** Where the modules of a plugin's classes are when the configuration names them relatively, or not at all. */
const basePackages: Readonly<Record<string, readonly string[]>> = {
  emotion: ["bliss.controllers.motors"],
  regulation: ["bliss.controllers.regulation", "bliss.common.regulation"],
  diffractometer: ["bliss.controllers.diffractometers"],
  generic: ["bliss.controllers"],
  bliss: ["bliss.controllers"],
  session: ["bliss.common"],
};

/** Plugins whose objects are made by the controller around them. */
const controllerPlugins: ReadonlySet<string> = new Set(["emotion", "generic", "regulation", "diffractometer"]);

/** Why a mapping cannot be made into an object. */
export interface MissingClass {
  readonly kind: "missing-class" | "unknown-class" | "unavailable-class";
  /** From the mapping to what is wrong. */
  readonly path: readonly string[];
  readonly message: string;
}

/** The mapping that the object of a name is created from: of a controller's item the controller. */
export function itemOf(named: ConfigNode): ConfigNode {
  return isControlled(named) ? controllerOf(named) : named;
}

/** Whether the object of a name is made by a controller, if there is one around it. */
export function isControlled(named: ConfigNode): boolean {
  return controllerPlugins.has(named.plugin);
}

/** The top-most mapping with a `class` around a mapping, or itself; a directory's `__init__.yml` is not passed. */
export function controllerOf(named: ConfigNode): ConfigNode {
  let controller = named;
  for (let node: ConfigNode | undefined = named; node && !node.isInit; node = node.parent) {
    if (Object.hasOwn(node.value, "class")) controller = node;
  }
  return controller;
}

/** Plugins by what they make: the search of BLISS from `plugin`, `package` or `module`, and `class`. */
export class ClassSearch {
  readonly #known = new Map<string, { readonly plugin: ConfigPlugin; readonly modules: readonly string[] }[]>();

  /** @throws ConfigError when two plugins make the same class */
  constructor(plugins: readonly ConfigPlugin[]) {
    for (const plugin of plugins) {
      const key = keyOf(plugin.plugin, plugin.class);
      const others = this.#known.get(key) ?? [];
      const modules = moduleNames(plugin);
      if (others.some((other) => meet(other.modules, modules)))
        throw new ConfigError(`two plugins make objects of class ${plugin.class} (${plugin.plugin})`);
      this.#known.set(key, [...others, { plugin, modules }]);
    }
  }

  /** The plugin that makes the objects of a mapping, or why there is none. */
  find(item: ConfigNode): ConfigPlugin | MissingClass {
    const owner = ownerOfClass(item);
    const name = owner?.value["class"];
    if (!owner || typeof name !== "string") {
      const message = `${item.name ?? "the mapping"} has no class, which says what to create`;
      return { kind: "missing-class", path: [], message };
    }
    const { plugin } = item;
    const wanted = { plugin, class: name, package: textOf(owner, "package"), module: textOf(owner, "module") };
    const same = this.#known.get(keyOf(plugin, name)) ?? [];
    const modules = moduleNames(wanted);
    const found = same.find((known) => meet(known.modules, modules));
    return found ? found.plugin : { ...this.#explain(wanted, same[0]?.plugin), path: ["class"] };
  }

  #explain(
    { plugin, class: name, package: from, module }: ClassPlace,
    namesake: ConfigPlugin | undefined,
  ): Pick<MissingClass, "kind" | "message"> {
    const what = `class ${name} (${plugin})`;
    if (namesake) {
      const where = from ?? module;
      const { package: rightPackage, module: rightModule } = namesake;
      const key = rightPackage ? `package: "${rightPackage}"` : rightModule ? `module: ${rightModule}` : undefined;
      const expected = key ? `expected ${key}` : "expected no package or module";
      return {
        kind: "unknown-class",
        message: `no plugin makes ${what}${where ? ` of ${where}` : ""}: ${expected} beside it`,
      };
    }
    const reason = from === undefined || from.startsWith("bliss.") ? unavailableReason(plugin, name) : undefined;
    if (reason) return { kind: "unavailable-class", message: `${what} is not available yet: ${reason}` };
    const known = Array.from(this.#known.values(), ([first]) => first?.plugin)
      .flatMap((other) => (other?.plugin === plugin ? [other.class] : []))
      .sort();
    const hint = known.length === 0 ? "no class of it is known" : `known are ${known.join(", ")}`;
    const origin = from ? ` of package ${from}` : "";
    return { kind: "unknown-class", message: `no plugin makes objects of class ${name} (${plugin})${origin}: ${hint}` };
  }
}

interface ClassPlace {
  readonly plugin: string;
  readonly class: string;
  readonly package?: string | undefined;
  readonly module?: string | undefined;
}

/** The complete names of the modules in which BLISS looks for a class. */
function moduleNames({ plugin, class: name, package: from, module }: ClassPlace): readonly string[] {
  if (from !== undefined) return [from];
  const bases = basePackages[plugin] ?? [plugin];
  const inner = module === undefined ? [name.toLowerCase(), snakeCase(name)] : [module];
  return bases.flatMap((base) => {
    // `regulation.temperature.mockup` may repeat the end of the base package
    const last = `${base.slice(base.lastIndexOf(".") + 1)}.`;
    return inner.map((path) => `${base}.${path.startsWith(last) ? path.slice(last.length) : path}`);
  });
}

/** The mapping that says the class: itself, or the nearest above it. */
function ownerOfClass(item: ConfigNode): ConfigNode | undefined {
  let node: ConfigNode | undefined = item;
  while (node && (node.value["class"] ?? undefined) === undefined) node = node.parent;
  return node;
}

function textOf(node: ConfigNode, key: string): string | undefined {
  const value = Object.hasOwn(node.value, key) ? node.value[key] : undefined;
  return typeof value === "string" ? value : undefined;
}

function keyOf(plugin: string, name: string): string {
  return `${plugin}/${name.toLowerCase()}`;
}

/** `SimulationCounter` → `simulation_counter`, `MCAReader` → `mca_reader`. */
function snakeCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1_$2")
    .toLowerCase();
}

function meet(a: readonly string[], b: readonly string[]): boolean {
  return a.some((name) => b.includes(name));
}
