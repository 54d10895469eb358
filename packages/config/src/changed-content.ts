import { type Document, isAlias, isMap } from "yaml";
import type { ConfigMapping, ConfigNode } from "./config-node.js";
import { type Edit, editedContent, parseForEdit } from "./edited-content.js";
import { placedError } from "./parse-node.js";

type Path = readonly (string | number)[];

/**
 * The text of a file after changes of one of its mappings. Comments, order, and every line without a change are kept.
 *
 * @throws ConfigError when a change leads through an alias, or the mapping is not where it was
 */
export function changedContent(content: string, node: ConfigNode, changes: ConfigMapping): string {
  const document = parseForEdit(content);
  if (!isMap(document.getIn(node.path)) || document.getIn([...node.path, "name"]) !== node.value["name"])
    throw placedError(node, [], "the mapping is not where it was: load the configuration again");
  return [...editsOf(document, node, [], changes)].reduce(editedContent, content);
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
