import type { Clock } from "@beamtime/concurrency";
import { BeamtimeError, errorMessage } from "@beamtime/errors";
import { ConfigError } from "./config-error.js";
import type { ConfigNode } from "./config-node.js";
import type { ConfigProblem } from "./config-problem.js";
import { parseNode, placedError } from "./parse-node.js";
import type { ConfigPlugin, ConfigTools } from "./plugin.js";
import { parseReference } from "./reference.js";

/** What objects are made with. */
export interface ConfigObjectsOptions {
  readonly plugins: readonly ConfigPlugin[];
  readonly clock: Clock;
}

/** Plugins whose objects are made by the controller around them. */
const controllerPlugins: ReadonlySet<string> = new Set(["emotion", "generic", "regulation", "diffractometer"]);

/** The objects of a configuration: each is created when it is first asked for, with what it refers to. */
export class ConfigObjects implements AsyncDisposable {
  /** Keys that had no effect, of the objects created so far. */
  readonly problems: ConfigProblem[] = [];
  readonly #node: (name: string) => ConfigNode;
  readonly #plugins = new Map<string, ConfigPlugin>();
  readonly #clock: Clock;
  /** What was created, or is being, by the mapping it is created from. */
  readonly #created = new Map<ConfigNode, Promise<Readonly<Record<string, object>>>>();
  /** Of a mapping being created: those it waits for, with the names it asked for. */
  readonly #waits = new Map<ConfigNode, Map<ConfigNode, string>>();
  readonly #releases: (() => void | Promise<void>)[] = [];
  #disposed: Promise<void> | undefined;

  /** @internal made by `BeamlineConfig.objects` */
  constructor(node: (name: string) => ConfigNode, { plugins, clock }: ConfigObjectsOptions) {
    this.#node = node;
    this.#clock = clock;
    for (const plugin of plugins) {
      const key = pluginKey(plugin.plugin, plugin.class);
      if (this.#plugins.has(key))
        throw new ConfigError(`two plugins make objects of class ${plugin.class} (${plugin.plugin})`);
      this.#plugins.set(key, plugin);
    }
  }

  /**
   * The object of a name or a reference (`roby`, `$roby`, `$camera.counters.sum`), always the same one. What failed is
   * tried anew when it is asked for again.
   *
   * @throws ConfigError when there is no such name, no plugin makes its class, its mapping does not fit, objects refer to
   * each other in a circle, or the object is not an instance of `type`
   */
  get(reference: string): Promise<unknown>;
  get<T extends object>(reference: string, type: abstract new (...args: never[]) => T): Promise<T>;
  get(reference: string, type?: abstract new (...args: never[]) => object): Promise<unknown> {
    return this.#get(reference, type, undefined);
  }

  /** Releases what the objects hold, last created first. Twice is fine. @throws the failure, or an AggregateError of several */
  [Symbol.asyncDispose](): Promise<void> {
    this.#disposed ??= this.#dispose();
    return this.#disposed;
  }

  async #get(
    reference: string,
    type: (abstract new (...args: never[]) => object) | undefined,
    asker: ConfigNode | undefined,
  ): Promise<unknown> {
    if (this.#disposed) throw new ConfigError(`${reference} is asked for after the objects were disposed of`);
    const { name, attributes } = parseReference(reference) ?? { name: reference, attributes: [] };
    const named = this.#node(name);
    if (named.plugin === "default") return follow(named.value, attributes, reference);
    const item = itemOf(named);
    const objects = await this.#wait(item, name, asker);
    const object = Object.hasOwn(objects, name) ? objects[name] : undefined;
    if (!object) throw placedError(named, [], `class ${className(item)} makes no object of the name ${name}`);
    const value = follow(object, attributes, reference);
    if (type && !(value instanceof type)) throw placedError(named, [], `${reference} is not a ${type.name}`);
    return value;
  }

  /** Waits for the objects of a mapping, unless that would be for ever. */
  async #wait(
    item: ConfigNode,
    name: string,
    asker: ConfigNode | undefined,
  ): Promise<Readonly<Record<string, object>>> {
    if (!asker) return this.#create(item);
    const back = this.#way(item, asker);
    if (back) {
      const circle = [name, ...back, name].join(" → ");
      throw placedError(asker, [], `objects need each other in a circle to be created: ${circle}`);
    }
    const waits = this.#waits.get(asker) ?? new Map<ConfigNode, string>();
    this.#waits.set(asker, waits.set(item, name));
    try {
      return await this.#create(item);
    } finally {
      waits.delete(item);
    }
  }

  /** The names asked for on the way from one mapping to another along what they wait for; undefined without such a way. */
  #way(from: ConfigNode, to: ConfigNode): readonly string[] | undefined {
    if (from === to) return [];
    for (const [next, name] of this.#waits.get(from) ?? []) {
      const way = this.#way(next, to);
      if (way) return [name, ...way];
    }
    return undefined;
  }

  #create(item: ConfigNode): Promise<Readonly<Record<string, object>>> {
    const known = this.#created.get(item);
    if (known) return known;
    const creating = this.#callPlugin(item);
    this.#created.set(item, creating);
    creating.catch(() => this.#created.delete(item));
    return creating;
  }

  async #callPlugin(item: ConfigNode): Promise<Readonly<Record<string, object>>> {
    const name = className(item);
    const plugin = this.#plugins.get(pluginKey(item.plugin, name));
    if (!plugin) {
      const known = [...this.#plugins.values()]
        .filter((other) => other.plugin === item.plugin)
        .map((other) => other.class);
      const hint = known.length === 0 ? "no class of it is known" : `known are ${known.sort().join(", ")}`;
      throw placedError(item, ["class"], `no plugin makes objects of class ${name} (${item.plugin}): ${hint}`);
    }
    const config = parseNode(item, plugin.schema, (problem) => void this.problems.push(problem));
    const tools: ConfigTools = {
      clock: this.#clock,
      get: (reference: string, type?: abstract new (...args: never[]) => object) =>
        // the overloads of `get` tie the result to `type`, which `#get` checks
        this.#get(reference, type, item) as Promise<never>,
      onDispose: (release) => void this.#releases.push(release),
    };
    try {
      return await plugin.create(
        {
          name: item.name,
          class: name,
          config,
          file: item.file,
          line: item.line,
          inherited: (key) => item.inherited(key),
          error: (path, message) => placedError(item, path, message),
        },
        tools,
      );
    } catch (error) {
      if (error instanceof BeamtimeError) throw error;
      throw placedError(item, [], `${item.name ?? name} cannot be created: ${errorMessage(error)}`, { cause: error });
    }
  }

  async #dispose(): Promise<void> {
    await Promise.allSettled(this.#created.values());
    const failures: unknown[] = [];
    for (const release of this.#releases.splice(0).reverse()) {
      try {
        await release();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1) throw new AggregateError(failures, "several objects could not be released");
  }
}

/** The mapping that the object of a name is created from: of a controller's item the controller. */
function itemOf(named: ConfigNode): ConfigNode {
  if (!controllerPlugins.has(named.plugin)) return named;
  let controller = named;
  for (let node: ConfigNode | undefined = named; node && !node.isInit; node = node.parent) {
    if (Object.hasOwn(node.value, "class")) controller = node;
  }
  return controller;
}

function className(item: ConfigNode): string {
  const name = item.inherited("class");
  if (typeof name === "string") return name;
  throw placedError(item, [], `${item.name ?? "the mapping"} has no class, which says what to create`);
}

function pluginKey(plugin: string, name: string): string {
  return `${plugin}/${name.toLowerCase()}`;
}

/** The value of `attribute.path` of an object. */
function follow(object: object, attributes: readonly string[], reference: string): unknown {
  let value: unknown = object;
  for (const attribute of attributes) {
    const owner: unknown = value;
    if (typeof owner !== "object" || owner === null || attribute === "constructor" || !(attribute in owner)) {
      throw new ConfigError(`${reference} leads nowhere: there is no ${attribute}`);
    }
    value = Reflect.get(owner, attribute);
  }
  return value;
}
