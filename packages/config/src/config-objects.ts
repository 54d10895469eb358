import type { Clock } from "@beamtime/concurrency";
import { type DeviceLocks, type LiveValues, memorySettings, type SettingsStore } from "@beamtime/core";
import { BeamtimeError, errorMessage } from "@beamtime/errors";
import { ClassSearch, itemOf } from "./class-search.js";
import { ConfigError } from "./config-error.js";
import type { ConfigMapping, ConfigNode } from "./config-node.js";
import type { ConfigProblem } from "./config-problem.js";
import { parseNode, placedError } from "./parse-node.js";
import type { ConfigPlugin, ConfigTools } from "./plugin.js";
import { parseReference } from "./reference.js";

/** What objects are made with. */
export interface ConfigObjectsOptions {
  readonly plugins: readonly ConfigPlugin[];
  readonly clock: Clock;
  /** What the objects keep beyond the process. Default: nothing is kept. */
  readonly settings?: SettingsStore | undefined;
  /** What the objects share with other processes. Default: nothing is shared. */
  readonly live?: LiveValues | undefined;
  /** Keeps what the objects move from other processes. Default: nobody else is thought of. */
  readonly locks?: DeviceLocks | undefined;
  /** Writes changes of a mapping back to its file. Default: the configuration cannot be written. */
  readonly save?: ((name: string, changes: ConfigMapping) => Promise<void>) | undefined;
  /** What goes wrong without making an object useless, with the name of the object. */
  readonly onWarning?: ((source: string, message: string) => void) | undefined;
}

/** The objects of a configuration: each is created when it is first asked for, with what it refers to. */
export class ConfigObjects implements AsyncDisposable {
  /** Keys that had no effect, of the objects created so far. */
  readonly problems: ConfigProblem[] = [];
  readonly #nodes: ReadonlyMap<string, ConfigNode>;
  readonly #classes: ClassSearch;
  readonly #clock: Clock;
  readonly #settings: SettingsStore;
  readonly #live: LiveValues | undefined;
  readonly #locks: DeviceLocks | undefined;
  readonly #save: (name: string, changes: ConfigMapping) => Promise<void>;
  readonly #onWarning: (source: string, message: string) => void;
  /** What was created, or is being, by the mapping it is created from. */
  readonly #created = new Map<ConfigNode, Promise<Readonly<Record<string, object>>>>();
  /** Of a mapping being created: those it waits for, with the names it asked for. */
  readonly #waits = new Map<ConfigNode, Map<ConfigNode, string>>();
  readonly #releases: (() => void | Promise<void>)[] = [];
  #disposed: Promise<void> | undefined;

  /** @internal made by `BeamlineConfig.objects` */
  constructor(nodes: ReadonlyMap<string, ConfigNode>, options: ConfigObjectsOptions) {
    this.#nodes = nodes;
    this.#classes = new ClassSearch(options.plugins);
    this.#clock = options.clock;
    this.#settings = options.settings ?? memorySettings();
    this.#live = options.live;
    this.#locks = options.locks;
    this.#save = options.save ?? cannotSave;
    this.#onWarning = options.onWarning ?? (() => {});
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
    const named = this.#nodes.get(name);
    if (!named) throw noSuchName(name, reference, asker);
    if (named.isService)
      throw placedError(named, [], `${name} belongs to another process (service): such objects are not available yet`);
    if (named.plugin === "default") return follow(named.value, attributes, reference);
    const item = itemOf(named);
    const objects = await this.#wait(item, name, asker);
    const object = Object.hasOwn(objects, name) ? objects[name] : undefined;
    if (!object) throw placedError(named, [], `class ${className(item)} makes no object of the name ${name}`);
    const value = follow(object, attributes, reference);
    if (type && !(value instanceof type)) throw placedError(named, [], `${reference} is no ${type.name}`);
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
    const plugin = this.#classes.find(item);
    if ("kind" in plugin) throw placedError(item, plugin.path, plugin.message);
    const name = className(item);
    const config = parseNode(item, plugin.schema, (problem) => void this.problems.push(problem));
    const tools: ConfigTools = {
      clock: this.#clock,
      settings: this.#settings,
      live: this.#live,
      locks: this.#locks,
      save: (other, changes) => this.#save(other, changes),
      has: (other) => this.#nodes.has(other),
      warn: (message) => this.#onWarning(item.name ?? name, message),
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

async function cannotSave(name: string): Promise<void> {
  throw new ConfigError(`changes of ${name} cannot be saved: nobody keeps this configuration`);
}

/** Of a mapping that was found to have one. */
function className(item: ConfigNode): string {
  return String(item.inherited("class"));
}

/** The error of a name that is not there, at the reference that gave it. */
function noSuchName(name: string, reference: string, asker: ConfigNode | undefined): ConfigError {
  const message = `there is no object ${name} in the configuration`;
  if (!asker) return new ConfigError(message);
  const path = pathOfText(asker.value, reference) ?? [];
  return placedError(asker, path, message);
}

/** Where a text stands in a mapping, the first time. */
function pathOfText(value: unknown, text: string): readonly (string | number)[] | undefined {
  if (value === text) return [];
  if (typeof value !== "object" || value === null) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    const path = pathOfText(inner, text);
    if (path) return [Array.isArray(value) ? Number(key) : key, ...path];
  }
  return undefined;
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
