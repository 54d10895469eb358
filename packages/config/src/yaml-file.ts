import {
  type DocumentOptions,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  LineCounter,
  type ParseOptions,
  parseDocument,
  type ScalarTag,
  type SchemaOptions,
  type Tags,
  visit,
} from "yaml";

type Key = string | number;

/** A parsed YAML file in the dialect of BLISS: YAML 1.2, `1_000` is a number, of duplicate keys the first wins. */
export interface YamlFile {
  /** Plain objects, arrays and scalars; undefined when the file holds no document. */
  readonly value: unknown;
  /** Line, from 1, of the value at a path, or of the nearest thing above it. */
  readonly lineOf: (path: readonly Key[]) => number;
}

/** An alias may stand for at most so many nodes in one file: a bomb of aliases is refused. */
const maxAliasCount = 100;

/** Also ends what an alias to its own surroundings would make endless. */
const maxDepth = 50;

const underscoredInteger: ScalarTag = {
  tag: "tag:yaml.org,2002:int",
  default: true,
  test: /^[-+]?[0-9]+(?:_[0-9]+)+$/,
  resolve: (text) => Number(text.replaceAll("_", "")),
};

/** How files are parsed, wherever they are. */
export const yamlDialect = {
  version: "1.2",
  merge: true,
  uniqueKeys: false,
  customTags: (tags: Tags): Tags => [underscoredInteger, ...tags],
  logLevel: "silent",
} as const satisfies ParseOptions & DocumentOptions & SchemaOptions;

/** @throws Error of the parser, with line and column in its message */
export function parseYamlFile(content: string): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(content, {
    ...yamlDialect,
    lineCounter: lines,
  });
  const [error] = document.errors;
  if (error) throw error;
  visit(document, {
    Map(_, map) {
      const keys = new Set<unknown>();
      map.items = map.items.filter(({ key }) => {
        const value = isScalar(key) ? key.value : key;
        if (keys.has(value) && value !== "<<") return false;
        keys.add(value);
        return true;
      });
    },
  });
  const value: unknown = document.toJS({ maxAliasCount });
  if (isDeeper(value, maxDepth)) throw new Error(`values are nested more than ${maxDepth} deep`);
  return {
    value,
    lineOf(path) {
      let node: unknown = document.contents;
      let offset = startOf(node) ?? 0;
      for (const key of path) {
        if (isAlias(node)) node = node.resolve(document);
        if (!isCollection(node)) break;
        const pair =
          isMap(node) && node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
        const start = isPair(pair) ? startOf(pair.key) : startOf(node.get(key, true));
        if (start === undefined) break;
        offset = start;
        node = node.get(key, true);
      }
      return lines.linePos(offset).line;
    },
  };
}

function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return depth === 0 || Object.values(value).some((inner) => isDeeper(inner, depth - 1));
}

function startOf(node: unknown): number | undefined {
  return isScalar(node) || isCollection(node) || isAlias(node) ? node.range?.[0] : undefined;
}
