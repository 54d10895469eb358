import { ConfigError } from "./config-error.js";
import type { ConfigMapping, ConfigNode } from "./config-node.js";
import { ConfigObjects, type ConfigObjectsOptions } from "./config-objects.js";
import type { ConfigProblem } from "./config-problem.js";
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

  /** @internal made by `loadConfig` */
  constructor(fields: {
    directory: string | undefined;
    root: ConfigMapping;
    problems: readonly ConfigProblem[];
    nodes: ReadonlyMap<string, ConfigNode>;
  }) {
    this.directory = fields.directory;
    this.root = fields.root;
    this.problems = fields.problems;
    this.#nodes = fields.nodes;
  }

  /** Every name, in the order of the files. */
  get names(): string[] {
    return [...this.#nodes.keys()];
  }

  /** Names of the sessions, in the order of the files. */
  get sessions(): string[] {
    return [...this.#nodes.values()].filter(isSession).map((node) => String(node.name));
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
    return new ConfigObjects((name) => this.node(name), options);
  }
}
