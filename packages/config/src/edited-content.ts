import { isDeepStrictEqual } from "node:util";
import { Document, isCollection, isMap, isScalar, isSeq, type ParsedNode, parseDocument, visit } from "yaml";
import { parseYamlFile, yamlDialect } from "./yaml-file.js";

/** One value of a mapping that becomes another. */
export interface Edit {
  /** From the top of the file; ends with the key in the mapping. */
  readonly path: readonly (string | number)[];
  /** Undefined takes the key away. */
  readonly value: unknown;
}

interface Style {
  readonly indent: number;
  readonly indentSeq: boolean;
  readonly flowCollectionPadding: boolean;
  readonly lineWidth: 0;
}

/** Texts that YAML 1.1 would read as something else, such as dates, are quoted: BLISS refuses them otherwise. */
const options = { ...yamlDialect, compat: "yaml-1.1" } as const;

/** A file that can be changed, with its comments. */
export function parseForEdit(content: string): Document.Parsed {
  return parseDocument(content, options);
}

/**
 * The text of a file after one edit. Only the lines of the value are touched where that gives the same as writing the
 * whole file anew, which keeps comments and order, but no alignment.
 */
export function editedContent(content: string, edit: Edit): string {
  const document = parseForEdit(content);
  const style = styleOf(document, content);
  if (edit.value === undefined) document.deleteIn(edit.path);
  else document.setIn(edit.path, edit.value);
  const whole = document.toString(style);
  const spliced = splicedContent(content, edit, document, style);
  if (spliced === undefined) return whole;
  return isDeepStrictEqual(parsedValue(spliced), parsedValue(whole)) ? spliced : whole;
}

/** The text in which only the lines of the edited value differ; undefined where the layout is not a simple one. */
function splicedContent(
  content: string,
  { path, value }: Edit,
  edited: Document.Parsed,
  style: Style,
): string | undefined {
  const map = parseForEdit(content).getIn(path.slice(0, -1), true);
  if (!isMap(map)) return undefined;
  const name = path.at(-1);
  const pair = map.items.find(({ key }) => isScalar(key) && key.value === name);
  const { key, value: present } = pair ?? map.items.at(-1) ?? {};
  if (!isParsed(key) || !isParsed(present)) return undefined;
  const piece = new Document({}, options);
  const replacement = edited.getIn(path, true);
  if (isScalar(replacement)) Object.assign(replacement, { comment: undefined, commentBefore: undefined });
  piece.set(name, replacement);
  if (pair && isScalar(present) && isScalar(replacement)) {
    const text = piece
      .toString(style)
      .trimEnd()
      .slice(`${String(name)}: `.length);
    return `${content.slice(0, present.range[0])}${text}${content.slice(present.range[1])}`;
  }
  if (map.flow) return undefined;
  const lineStart = content.lastIndexOf("\n", key.range[0] - 1) + 1;
  const end = content.slice(0, present.range[1]).trimEnd().length;
  const newline = content.indexOf("\n", end);
  const lineEnd = newline < 0 ? content.length : newline + 1;
  const indent = " ".repeat(key.range[0] - lineStart);
  const lines = value === undefined ? "" : piece.toString(style).replace(/^(?=.)/gm, indent);
  if (!pair) return `${content.slice(0, lineEnd)}${newline < 0 ? "\n" : ""}${lines}${content.slice(lineEnd)}`;
  // the key may follow the dash of a list
  if (content.slice(lineStart, key.range[0]).trim() !== "") return undefined;
  return `${content.slice(0, lineStart)}${lines}${content.slice(lineEnd)}`;
}

/** How the file is laid out, where YAML leaves a choice. */
function styleOf(document: Document.Parsed, content: string): Style {
  let indent: number | undefined;
  let indentSeq: boolean | undefined;
  const column = (node: ParsedNode): number => node.range[0] - (content.lastIndexOf("\n", node.range[0] - 1) + 1);
  visit(document, {
    Pair(_, { key, value }) {
      if (!isCollection(value) || value.flow || !isParsed(key) || !isParsed(value)) return undefined;
      const deeper = column(value) - column(key);
      if (isSeq(value)) indentSeq ??= deeper > 0;
      if (deeper > 0) indent ??= deeper;
      return indent !== undefined && indentSeq !== undefined ? visit.BREAK : undefined;
    },
  });
  const flowCollectionPadding = !/[[{](?! |$)/m.test(content);
  return { indent: indent ?? 2, indentSeq: indentSeq ?? true, flowCollectionPadding, lineWidth: 0 };
}

function parsedValue(content: string): unknown {
  try {
    return parseYamlFile(content).value;
  } catch (error) {
    return error;
  }
}

function isParsed(value: unknown): value is ParsedNode {
  return typeof value === "object" && value !== null && "range" in value && Array.isArray(value.range);
}
