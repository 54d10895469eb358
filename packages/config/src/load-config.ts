import { errorMessage } from "@beamtime/errors";
import { BeamlineConfig } from "./beamline-config.js";
import { type ConfigFile, readConfigFiles } from "./config-file.js";
import { type ConfigMapping, ConfigNode } from "./config-node.js";
import type { ConfigProblem } from "./config-problem.js";
import { parseYamlFile, type YamlFile } from "./yaml-file.js";

/**
 * Composes the configuration of a beamline from the YAML files of a directory, or from files at hand in the order in which
 * the first of two equal names wins. Never stops at a mistake: what is wrong is left out and told in `problems`.
 *
 * @throws ConfigError when the directory cannot be read
 */
export async function loadConfig(source: string | readonly ConfigFile[]): Promise<BeamlineConfig> {
  const read = typeof source === "string" ? await readConfigFiles(source) : { files: source, problems: [] };
  const loader = new Loader(read.problems);
  const isInit = ({ path }: ConfigFile): boolean => /(^|\/)__init__\.yml$/.test(path);
  const depth = ({ path }: ConfigFile): number => path.split("/").length;
  for (const file of read.files.filter(isInit).sort((a, b) => depth(a) - depth(b))) loader.addInit(file);
  for (const file of read.files) if (!isInit(file)) loader.addFile(file);
  return new BeamlineConfig({
    directory: typeof source === "string" ? source : undefined,
    files: read.files,
    nodes: loader.nodes,
    root: loader.inits.get("")?.value ?? {},
    problems: loader.problems,
  });
}

class Loader {
  readonly nodes = new Map<string, ConfigNode>();
  /** Content of the `__init__.yml` files, by directory (`""` is the root). */
  readonly inits = new Map<string, ConfigNode>();
  readonly problems: ConfigProblem[];
  /** Of a directory without `__init__.yml`: the mapping its only file holds, from which its sub-directories inherit. */
  readonly #soleFiles = new Map<string, ConfigNode | undefined>();

  constructor(problems: readonly ConfigProblem[]) {
    this.problems = [...problems];
  }

  addInit(file: ConfigFile): void {
    const yaml = this.#parse(file);
    if (!yaml || yaml.value === undefined || yaml.value === null) return;
    if (Array.isArray(yaml.value)) {
      this.#report("list-in-init", file.path, 1, "an __init__.yml is one mapping, and this is a list");
      this.#addInit(file, yaml, {});
      return;
    }
    this.#addInit(file, yaml, yaml.value);
  }

  #addInit(file: ConfigFile, yaml: YamlFile, value: unknown): void {
    const node = this.#addMapping(file, yaml, value, []);
    if (node) this.inits.set(directoryOf(file.path), node);
  }

  addFile(file: ConfigFile): void {
    if (file.content === "") return;
    const yaml = this.#parse(file);
    if (!yaml) return;
    if (yaml.value === undefined || yaml.value === null) {
      this.#report("empty", file.path, undefined, "holds nothing but comments");
      return;
    }
    const directory = directoryOf(file.path);
    const isFirst = !this.#soleFiles.has(directory);
    this.#soleFiles.set(directory, undefined);
    if (Array.isArray(yaml.value)) {
      for (const [index, element] of yaml.value.entries()) this.#addMapping(file, yaml, element, [index]);
    } else {
      const node = this.#addMapping(file, yaml, yaml.value, []);
      if (isFirst && directory !== "") this.#soleFiles.set(directory, node);
    }
  }

  #parse(file: ConfigFile): YamlFile | undefined {
    try {
      return parseYamlFile(file.content);
    } catch (error) {
      // the parser's message goes on with a drawing of the place
      const [sentence = ""] = errorMessage(error).split("\n");
      const line = Number(/at line (\d+)/.exec(sentence)?.[1] ?? 0);
      const hasTab = !sentence.includes("Tabs") && /^ *\t/.test(file.content.split("\n")[line - 1] ?? "");
      const message = `${sentence.replace(/:$/, "")}${hasTab ? ", which begins with a tab: indent with blanks" : ""}`;
      this.#report("yaml-syntax", file.path, line || undefined, message);
      return undefined;
    }
  }

  /** Registers the names of a mapping and of all below it, or none of them. */
  #addMapping(file: ConfigFile, yaml: YamlFile, value: unknown, path: readonly number[]): ConfigNode | undefined {
    if (!isMapping(value)) {
      this.#report("not-a-mapping", file.path, yaml.lineOf(path), "expected a mapping (key: value)");
      return undefined;
    }
    const found: ConfigNode[] = [];
    const parent = this.#parentIn(directoryOf(file.path));
    const top = collectNodes({ value, file: file.path, path, parent, lineOf: yaml.lineOf }, found);
    const names = new Map<string, ConfigNode>();
    for (const node of found) {
      const { name } = node.value;
      const line = node.lineOf(["name"]);
      if (typeof name !== "string" || name === "" || /^[0-9]/.test(name)) {
        const given = name === null ? "nothing" : JSON.stringify(name);
        this.#report(
          "invalid-name",
          file.path,
          line,
          `a name is a text that does not begin with a digit, and this is ${given}`,
        );
        return undefined;
      }
      const other = this.nodes.get(name) ?? names.get(name);
      if (other) {
        const place = `${other.file}:${other.line}`;
        this.#report("duplicate-name", file.path, line, `the name ${name} is taken by ${place}: names are unique`);
        return undefined;
      }
      names.set(name, node);
    }
    for (const [name, node] of names) this.nodes.set(name, node);
    return top;
  }

  /** What the mappings of a directory's files inherit from. */
  #parentIn(directory: string): ConfigNode | undefined {
    for (let path = directory; ; path = directoryOf(path)) {
      const node = this.inits.get(path) ?? (path === directory ? undefined : this.#soleFiles.get(path));
      if (node || path === "") return node;
    }
  }

  #report(kind: ConfigProblem["kind"], file: string, line: number | undefined, message: string): void {
    this.problems.push({ severity: "error", kind, file, line, message });
  }
}

/** Makes the node of a mapping and of all mappings below; those with a `name` that is not a reference go to `found`. */
function collectNodes(fields: ConstructorParameters<typeof ConfigNode>[0], found: ConfigNode[]): ConfigNode {
  const node = new ConfigNode(fields);
  const { name } = node.value;
  if (Object.hasOwn(node.value, "name") && !(typeof name === "string" && name.startsWith("$"))) found.push(node);
  const descend = (value: unknown, path: readonly (string | number)[]): void => {
    if (Array.isArray(value)) {
      for (const [index, element] of value.entries()) descend(element, [...path, index]);
    } else if (isMapping(value)) {
      collectNodes({ ...fields, value, path, parent: node }, found);
    }
  };
  for (const [key, value] of Object.entries(node.value)) descend(value, [...fields.path, key]);
  return node;
}

function isMapping(value: unknown): value is ConfigMapping {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function directoryOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}
