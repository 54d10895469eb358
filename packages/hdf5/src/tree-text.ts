import type { TreeAttribute, TreeNode, TreeValue } from "./file-tree.js";

/** Longest text of a value; the rest is left out. */
const valueWidth = 90;

/**
 * Prints a tree, one object a line: `name/` is a group, `name [type shape …] value` a dataset, `->` a soft link, `=>`
 * an external one, `@` an attribute.
 */
export function treeText(node: TreeNode, name = ""): string {
  return lines(node, name, "").join("\n");
}

function lines(node: TreeNode, name: string, indent: string): string[] {
  switch (node.type) {
    case "soft_link":
      return [`${indent}${name} -> ${node.path}`];
    case "external_link":
      return [`${indent}${name} => ${node.file}::${node.path}`];
    case "other":
      return [`${indent}${name}`];
    case "dataset": {
      const { dtype, shape, chunks, maxshape, filters, value } = node;
      const layout = chunks ? ` chunks=${list(chunks)} max=${list(maxshape)}` : "";
      const filtered = filters.length > 0 ? ` filters=${list(filters)}` : "";
      const shown = value === undefined || shape.includes(0) ? "" : ` ${shorten(valueText(value))}`;
      return [`${indent}${name} [${dtype} ${list(shape)}${layout}${filtered}]${attributeTexts(node.attrs)}${shown}`];
    }
    case "group": {
      const members = Object.entries(node.children).sort(([one], [other]) => byNumber.compare(one, other));
      return [
        `${indent}${name}/${attributeTexts(node.attrs)}`,
        ...members.flatMap(([member, child]) => lines(child, member, `${indent}  `)),
      ];
    }
  }
}

/** Entries in the order of the scans: `2.1` before `10.1`. */
const byNumber = new Intl.Collator("en", { numeric: true });

function attributeTexts(attributes: Readonly<Record<string, TreeAttribute>>): string {
  return Object.entries(attributes)
    .map(([name, { value }]) => ` @${name}=${shorten(valueText(value))}`)
    .join("");
}

function list(values: readonly (number | null)[]): string {
  return `[${values.map((value) => value ?? "None").join(", ")}]`;
}

function valueText(value: TreeValue): string {
  if (typeof value === "string") return JSON.stringify(value);
  return typeof value === "number" ? String(value) : `[${value.map(valueText).join(", ")}]`;
}

function shorten(text: string): string {
  return text.length > valueWidth ? `${text.slice(0, valueWidth)}…` : text;
}
