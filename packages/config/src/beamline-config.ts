import { changedContent } from "./changed-content.js";
import { ConfigError } from "./config-error.js";
import type { ConfigFile, ConfigFiles } from "./config-file.js";
import type { ConfigMapping, ConfigNode } from "./config-node.js";
import { ConfigObjects, type ConfigObjectsOptions } from "./config-objects.js";
import type { ConfigProblem } from "./config-problem.js";
import { placedError } from "./parse-node.js";
import { isSession, parseSession, type SessionConfig } from "./session-config.js";

/** A composed configuration: what is named in it, sessions, and objects made from it. It does not follow its files. */
export class BeamlineConfig {
  /** Where it was read from; undefined when it was made of files at hand. */
  readonly directory: string | undefined;
  /** Content of the root's `__init__.yml`: facts of the beamline. */
  readonly root: ConfigMapping;
  /** What was wrong in the files, in the order it was found. */
  readonly problems: readonly ConfigProblem[];
  readonly #nodes: ReadonlyMap<string, ConfigNode>;
  /** What the files held when they were read or saved last, by path. */
  readonly #contents: Map<string, string>;

  /** @internal made by `loadConfig` */
  constructor(fields: {
    directory: string | undefined;
    files: readonly ConfigFile[];
    root: ConfigMapping;
    problems: readonly ConfigProblem[];
    nodes: ReadonlyMap<string, ConfigNode>;
  }) {
    this.directory = fields.directory;
    this.root = fields.root;
    this.problems = fields.problems;
    this.#nodes = fields.nodes;
    this.#contents = new Map(fields.files.map(({ path, content }) => [path, content]));
  }

  /** Every name, in the order of the files. */
  get names(): string[] {
    return [...this.#nodes.keys()];
  }

  /** Names of the sessions, in the order of the files. */
  get sessions(): string[] {
    return [...this.#nodes.values()].filter(isSession).map((node) => String(node.name));
  }

  /** Names of the objects that carry each `user_tag`. */
  get tags(): ReadonlyMap<string, readonly string[]> {
    const tags = new Map<string, string[]>();
    for (const [name, { value }] of this.#nodes) {
      for (const tag of [value["user_tag"]].flat()) {
        if (typeof tag === "string") tags.set(tag, [...(tags.get(tag) ?? []), name]);
      }
    }
    return tags;
  }

  /** The mapping of a name. @throws ConfigError when there is none */
  node(name: string): ConfigNode {
    const node = this.#nodes.get(name);
    if (!node) throw new ConfigError(`there is no object ${name} in the configuration`);
    return node;
  }

  /** What a session has. @throws ConfigError when there is no such session, or its mapping cannot be used */
  session(name: string): SessionConfig {
    const node = this.#nodes.get(name);
    if (node && isSession(node)) return parseSession(node, this.#nodes);
    const known = this.sessions.length === 0 ? "it has none" : `it has ${this.sessions.join(", ")}`;
    throw new ConfigError(`there is no session ${name} in the configuration: ${known}`);
  }

  /** Objects made from this configuration, on demand. Whoever calls it disposes of them. */
  objects(options: ConfigObjectsOptions): ConfigObjects {
    return new ConfigObjects(this.#nodes, options);
  }

  /**
   * Writes changes of the mapping of a name back to its file; comments, order and what is not changed stay. Mappings in
   * `changes` are merged into those that are there, `undefined` takes a key away, anything else replaces the value:
   * `{ velocity: 2, limits: { low: 0 }, unit: undefined, encoder: "$enc" }`.
   *
   * What this configuration says stays as it was loaded: `loadConfig` gives the new one.
   *
   * @throws ConfigError when the file has changed since it was read, or a change leads through a YAML alias or a value
   * that is no mapping
   */
  async save(files: ConfigFiles, name: string, changes: ConfigMapping): Promise<void> {
    const node = this.node(name);
    const known = this.#contents.get(node.file);
    if ((await files.read(node.file)) !== known)
      throw placedError(node, [], `the file has changed since it was read: load the configuration again`);
    const content = changedContent(known, node, changes);
    await files.write(node.file, content);
    this.#contents.set(node.file, content);
  }
}
