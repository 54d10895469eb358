/** Keys and values of a mapping, as the file gives them: references are texts. */
export type ConfigMapping = Readonly<Record<string, unknown>>;

/** A mapping of the configuration with its place: it inherits what it does not say from the mappings above it. */
export class ConfigNode {
  /** Its `name`, when it is one that can be asked for. */
  readonly name: string | undefined;
  readonly value: ConfigMapping;
  /** Path of the file from the configuration's root, with `/`. */
  readonly file: string;
  /** Keys and indices from the top of the file to the mapping. */
  readonly path: readonly (string | number)[];
  /**
   * The mapping around it, else the `__init__.yml` of its directory, else that of the nearest enclosing directory; an
   * enclosing directory without one counts by its file, when that is its only file and one mapping.
   */
  readonly parent: ConfigNode | undefined;
  readonly #lineOf: (path: readonly (string | number)[]) => number;

  /** @internal made by `loadConfig` */
  constructor(fields: {
    value: ConfigMapping;
    file: string;
    path: readonly (string | number)[];
    parent: ConfigNode | undefined;
    lineOf: (path: readonly (string | number)[]) => number;
  }) {
    const { name } = fields.value;
    this.name = typeof name === "string" && !name.startsWith("$") ? name : undefined;
    this.value = fields.value;
    this.file = fields.file;
    this.path = fields.path;
    this.parent = fields.parent;
    this.#lineOf = fields.lineOf;
  }

  /** Line of the mapping in its file, from 1. */
  get line(): number {
    return this.#lineOf(this.path);
  }

  /** Whether it is the `__init__.yml` of a directory. */
  get isInit(): boolean {
    return this.path.length === 0 && /(^|\/)__init__\.yml$/.test(this.file);
  }

  /** Whether it stands below a key `service`: in BLISS another process serves such objects. */
  get isService(): boolean {
    return this.path.includes("service");
  }

  /** Own `plugin`, else the nearest one above, else `default`: the object is then its mapping. */
  get plugin(): string {
    const plugin = this.inherited("plugin");
    return typeof plugin === "string" ? plugin : "default";
  }

  /** Own value of a key, else the nearest of a mapping above it; undefined when none has it. */
  inherited(key: string): unknown {
    const own = Object.hasOwn(this.value, key) ? this.value[key] : undefined;
    return own ?? this.parent?.inherited(key);
  }

  /** Line of the value at a path below the mapping. */
  lineOf(path: readonly (string | number)[]): number {
    return this.#lineOf([...this.path, ...path]);
  }
}
