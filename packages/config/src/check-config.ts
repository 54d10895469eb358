import type { BeamlineConfig } from "./beamline-config.js";
import { ClassSearch, isControlled, itemOf } from "./class-search.js";
import { ConfigError, keysText } from "./config-error.js";
import type { ConfigNode } from "./config-node.js";
import type { ConfigProblem } from "./config-problem.js";
import { isMeasurementGroup, measurementGroupSchema } from "./measurement-group-config.js";
import { parseNode } from "./parse-node.js";
import type { ConfigPlugin } from "./plugin.js";
import { parseReference } from "./reference.js";
import { isSession } from "./session-config.js";

type Path = readonly (string | number)[];

/**
 * Checks everything that can be known without making an object: that each class has a plugin and its mapping what that
 * expects, that references lead to names and not round in circles, and that what sessions, aliases and measurement groups
 * name is there. What was wrong in the files themselves is in `config.problems`.
 *
 * @returns mistakes in the order of the files, circles last
 */
export function checkConfig(config: BeamlineConfig, plugins: readonly ConfigPlugin[]): readonly ConfigProblem[] {
  const check = new Check(config, new ClassSearch(plugins));
  for (const name of config.names) check.checkName(name);
  check.checkCircles();
  return check.problems;
}

class Check {
  readonly problems: ConfigProblem[] = [];
  readonly #config: BeamlineConfig;
  readonly #classes: ClassSearch;
  readonly #names: ReadonlySet<string>;
  readonly #aliases: ReadonlySet<string>;
  /** Of each mapping that was checked: the names it needs, and where it says so. */
  readonly #needs = new Map<ConfigNode, Map<string, Path>>();

  constructor(config: BeamlineConfig, classes: ClassSearch) {
    this.#config = config;
    this.#classes = classes;
    this.#names = new Set(config.names);
    const aliases = config.sessions.flatMap((name) => [this.#config.node(name).value["aliases"]].flat());
    this.#aliases = new Set(aliases.flatMap((alias) => (isRecord(alias) ? [String(alias["alias_name"])] : [])));
  }

  checkName(name: string): void {
    const named = this.#config.node(name);
    const item = itemOf(named);
    if (this.#needs.has(item)) return;
    this.#needs.set(item, this.#references(item));
    if (named.isService) {
      this.#report(
        named,
        [],
        "warning",
        "unsupported",
        `${name} belongs to another process (service): not available yet`,
      );
    } else if (isSession(item)) {
      this.#checkSession(item, name);
    } else if (isMeasurementGroup(item)) {
      this.#checkMeasurementGroup(item);
    } else if (item.plugin !== "default") {
      const plugin = this.#classes.find(item);
      if ("kind" in plugin) this.#report(item, plugin.path, "error", plugin.kind, plugin.message);
      else this.#parse(item, plugin.schema);
    }
  }

  /** Follows what objects need until one needs itself. Items of one controller may refer to each other. */
  checkCircles(): void {
    const done = new Set<ConfigNode>();
    const follow = (item: ConfigNode, way: readonly (readonly [ConfigNode, string])[]): void => {
      const start = way.findIndex(([passed]) => passed === item);
      if (start >= 0) {
        const names = way.slice(start).map(([, name]) => name);
        const path = this.#needs.get(item)?.get(names[0] ?? "") ?? [];
        const circle = [names.at(-1), ...names].join(" → ");
        this.#report(item, path, "error", "circle", `objects refer to each other in a circle: ${circle}`);
        return;
      }
      if (done.has(item)) return;
      for (const name of this.#needs.get(item)?.keys() ?? []) {
        if (!this.#names.has(name)) continue;
        const next = itemOf(this.#config.node(name));
        if (next !== item || !isControlled(item)) follow(next, [...way, [item, name]]);
      }
      done.add(item);
    };
    for (const item of this.#needs.keys()) follow(item, []);
  }

  #checkSession(node: ConfigNode, name: string): void {
    try {
      const session = this.#config.session(name);
      this.problems.push(...session.problems);
      for (const [index, { originalName, aliasName }] of session.aliases.entries()) {
        if (this.#names.has(aliasName))
          this.#report(
            node,
            ["aliases", index],
            "error",
            "duplicate-name",
            `the alias ${aliasName} is the name of an object`,
          );
        this.#checkCounterName(node, ["aliases", index], originalName);
      }
    } catch (error) {
      this.#reportError(error);
    }
  }

  #checkMeasurementGroup(node: ConfigNode): void {
    const group = this.#parse(node, measurementGroupSchema);
    if (!group) return;
    for (const [index, counter] of group.counters.entries()) this.#checkCounterName(node, ["counters", index], counter);
    for (const [index, name] of (group.include ?? []).entries()) {
      if (this.#names.has(name) && isMeasurementGroup(this.#config.node(name)))
        this.#needs.get(node)?.set(name, ["include", index]);
      else this.#report(node, ["include", index], "error", "unknown-name", `there is no measurement group ${name}`);
    }
  }

  /** Counters of devices are known only once these are made; that nothing of a full name is known is suspicious. */
  #checkCounterName(node: ConfigNode, path: Path, fullname: string): void {
    const isKnown = fullname.split(":").some((part) => this.#names.has(part) || this.#aliases.has(part));
    if (isKnown) return;
    const message = `there is no object ${fullname} in the configuration: expected a counter, a controller or controller:counter`;
    this.#report(node, path, "warning", "unknown-name", message);
  }

  /** What a mapping refers to; named mappings inside speak for themselves, unless a controller makes them. */
  #references(item: ConfigNode): Map<string, Path> {
    const needs = new Map<string, Path>();
    const isOther = ({ name }: Readonly<Record<string, unknown>>): boolean =>
      typeof name === "string" && this.#names.has(name) && !isControlled(item);
    const collect = (value: unknown, path: Path): void => {
      if (typeof value === "string") {
        const reference = parseReference(value);
        if (!reference) return;
        if (!this.#names.has(reference.name)) {
          const message = `there is no object ${reference.name} in the configuration`;
          this.#report(item, path, "error", "unknown-name", message);
        } else if (!needs.has(reference.name)) needs.set(reference.name, path);
      } else if (Array.isArray(value)) {
        for (const [index, inner] of value.entries()) collect(inner, [...path, index]);
      } else if (isRecord(value) && (value === item.value || !isOther(value))) {
        for (const [key, inner] of Object.entries(value)) collect(inner, [...path, key]);
      }
    };
    collect(item.value, []);
    return needs;
  }

  #parse<T>(node: ConfigNode, schema: ConfigPlugin<T>["schema"]): T | undefined {
    try {
      return parseNode(node, schema, (problem) => void this.problems.push(problem));
    } catch (error) {
      return this.#reportError(error);
    }
  }

  #reportError(error: unknown): undefined {
    if (!(error instanceof ConfigError)) throw error;
    const { file = "", line, path, detail } = error;
    const message = path.length === 0 ? detail : `${keysText(path)}: ${detail}`;
    this.problems.push({ severity: "error", kind: "bad-value", file, line, message });
  }

  #report(
    node: ConfigNode,
    path: Path,
    severity: ConfigProblem["severity"],
    kind: ConfigProblem["kind"],
    message: string,
  ): void {
    this.problems.push({ severity, kind, file: node.file, line: node.lineOf(path), message });
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
