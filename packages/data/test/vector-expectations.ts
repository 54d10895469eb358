import type { RedisVector, VectorKey } from "@beamtime/testing";

type Texts = ReadonlyMap<string, string>;

/** What a vector file says in Python's words: read from its `repr`s only, never from the bytes that the reader decodes. */
export class VectorExpectations {
  readonly #keys: ReadonlyMap<string, VectorKey>;

  constructor(vector: RedisVector) {
    this.#keys = new Map(vector.keys.map((item) => [item.key, item]));
  }

  /** Nodes whose parent is not in the file. */
  get roots(): string[] {
    return [...this.#keys.keys()].filter((key) => {
      const struct = this.#struct(key);
      return struct && !this.#struct(struct.get("parent") ?? "");
    });
  }

  /** `dbName type name` of a node and those below, depth first, each once. */
  tree(root: string, seen = new Set<string>()): string[] {
    const struct = this.#struct(root);
    if (!struct || seen.has(root)) return [];
    seen.add(root);
    const line = [root, struct.get("node_type"), struct.get("name")].join(" ");
    const children = this.#entries(`${root}_children_list`).map((entry) => entry.get("db_name") ?? "");
    return [line, ...children.flatMap((child) => this.tree(child, seen))];
  }

  /** Elements of all points of a channel as texts; undefined where the file abridges them. */
  values(channel: string): string[] | undefined {
    const texts = this.#entries(`${channel}_data`).map((entry) => entry.get("__DATA__") ?? "");
    if (texts.some((text) => text.includes("..."))) return undefined;
    return texts.flatMap(elementsOf);
  }

  npoints(channel: string): number {
    return this.#entries(`${channel}_data`).reduce((sum, entry) => sum + Number(entry.get("__NPOINTS__")), 0);
  }

  /** Number of entries in a stream. */
  count(key: string): number {
    return this.#entries(key).length;
  }

  /** The text of the exception; null after success. */
  error(scan: string): string | null {
    const text = this.#entries(`${scan}_end`)[0]?.get("__EXCEPTION__") ?? "";
    return text === "''" ? null : text.slice(1, -1);
  }

  /** Python's rendering of one field of an info. */
  info(dbName: string, field: string): string | undefined {
    const item = this.#keys.get(`${dbName}_info`);
    return item?.type === "hash" ? item.fields.find((entry) => entry.field === field)?.repr : undefined;
  }

  infoFields(dbName: string): string[] {
    const item = this.#keys.get(`${dbName}_info`);
    return item?.type === "hash" ? item.fields.map(({ field }) => field).sort() : [];
  }

  #struct(key: string): Texts | undefined {
    const item = this.#keys.get(key);
    if (item?.type !== "hash") return undefined;
    const fields: Texts = new Map(item.fields.map(({ field, repr }) => [field, repr ?? ""]));
    return fields.has("version") ? fields : undefined;
  }

  #entries(key: string): Texts[] {
    const item = this.#keys.get(key);
    if (item?.type !== "stream") return [];
    return item.entries.map(({ fields }) => new Map(fields.map(({ field, repr }) => [field, repr ?? ""])));
  }
}

/** Elements in Python's rendering of a number, text or array, in the form of JavaScript. */
function elementsOf(repr: string): string[] {
  const body = repr.replace(/, dtype=[^)]*\)$/, ")").replace(/^array\(/, "");
  const tokens = body.match(/'[^']*'|True|False|-?\d[\d.e+-]*/g) ?? [];
  return tokens.map((token) => {
    if (token.startsWith("'")) return token.slice(1, -1);
    return token === "True" ? "1" : token === "False" ? "0" : String(Number(token));
  });
}
