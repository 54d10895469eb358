import { type Document, isAlias, isMap } from "yaml";
import type { ConfigMapping, ConfigNode } from "./config-node.js";
import { type Edit, editedContent, parseForEdit } from "./edited-content.js";
import { placedError } from "./parse-node.js";
import { byteOrderMark } from "./yaml-file.js";

type Path = readonly (string | number)[];

/**
 * The text of a file after changes of one of its mappings. Comments, order, and every line without a change are kept.
 *
 * @throws ConfigError when a change leads through an alias, or the mapping is not where it was
 */
export function changedContent(content: string, node: ConfigNode, changes: ConfigMapping): string {
  const [mark = ""] = byteOrderMark.exec(content) ?? [];
  const isOfWindows = content.includes("\r\n") && !/(?<!\r)\n/.test(content);
  const text = isOfWindows ? content.slice(mark.length).replaceAll("\r\n", "\n") : content.slice(mark.length);
  const document = parseForEdit(text);
  if (!isMap(document.getIn(node.path)) || document.getIn([...node.path, "name"]) !== node.value["name"])
    throw placedError(node, [], "the mapping is not where it was: load the configuration again");
  const changed = [...editsOf(document, node, [], changes)].reduce(editedContent, text);
  return mark + (isOfWindows ? changed.replaceAll("\n", "\r\n") : changed);
}

function* editsOf(document: Document.Parsed, node: ConfigNode, path: Path, changes: ConfigMapping): Generator<Edit> {
  for (const [key, value] of Object.entries(changes)) {
    const inner = [...path, key];
    const present = document.getIn([...node.path, ...inner], true);
    if (isAlias(present))
      throw placedError(node, inner, "the value is an alias (*) of another: expected a change where that one stands");
    if (isMapping(value) && isMap(present)) yield* editsOf(document, node, inner, value);
    else yield { path: [...node.path, ...inner], value };
  }
}

function isMapping(value: unknown): value is ConfigMapping {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
