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

/** A file has at most so many values, each alias counted as all that it stands for: a bomb of aliases is refused. */
const maxValues = 4 * 1024 * 1024;

/** What editors of Windows put before a text. */
export const byteOrderMark = /^\uFEFF/;

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
  // `silent` would also hide that a second document is left out
  logLevel: "error",
} as const satisfies ParseOptions & DocumentOptions & SchemaOptions;

/** @throws Error of the parser, with line and column in its message */
export function parseYamlFile(content: string): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(content.replace(byteOrderMark, ""), { ...yamlDialect, lineCounter: lines });
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
  const value: unknown = document.toJS({ maxAliasCount: -1 }); // aliases share what they stand for
  checkSize(value);
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

/** @throws Error when values are too many, or nested too deep, for those who walk through them */
function checkSize(value: unknown): void {
  let count = 0;
  const check = (inner: unknown, depth: number): void => {
    if (++count > maxValues) throw new Error(`aliases make more than ${maxValues} values of the file`);
    if (typeof inner !== "object" || inner === null) return;
    if (depth === 0) throw new Error(`values are nested more than ${maxDepth} deep`);
    for (const each of Object.values(inner)) check(each, depth - 1);
  };
  check(value, maxDepth);
}

function startOf(node: unknown): number | undefined {
  return isScalar(node) || isCollection(node) || isAlias(node) ? node.range?.[0] : undefined;
}
