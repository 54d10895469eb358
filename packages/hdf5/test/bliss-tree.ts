import { readFileSync } from "node:fs";

/** A part of a tree in the form of the vectors, or of {@link fileTree}. */
export interface BlissNode {
  readonly type: string;
  readonly attrs?: BlissAttributes;
  readonly dtype?: string;
  readonly shape?: readonly number[];
  readonly children?: Readonly<Record<string, BlissNode>>;
  readonly value?: unknown;
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** What h5wasm does not tell, or cannot write: the fill value. The layout follows from the chunks. */
const untold = new Set(["fillvalue", "layout"]);

export type BlissAttributes = Readonly<
  Record<string, { readonly dtype: string; readonly shape: readonly number[]; readonly value: unknown }>
>;

/** A file that BLISS wrote, in the form in which our trees are read. */
export function blissFile(vector: string): BlissNode {
  const path = new URL(`../../../tooling/vectors/${vector}.json`, import.meta.url);
  const { tree } = JSON.parse(readFileSync(path, "utf8"), (_, value: Json) => plain(value)) as { tree: BlissNode };
  return tree;
}

/** An entry of a file that BLISS wrote. */
export function blissEntry(vector: string, entry: string): BlissNode {
  const node = blissFile(vector).children?.[entry];
  if (!node) throw new Error(`${vector} has no entry ${entry}`);
  return node;
}

function plain(value: Json): Json {
  if (value === "NaN") return Number.NaN;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const members = Object.entries(value).filter(([key]) => !untold.has(key));
  return Object.fromEntries(
    members.map(([key, member]) => [key, key === "dtype" && typeof member === "object" ? "str" : member]),
  );
}

/** A member, by its path from a node. */
export function memberOf(node: BlissNode, path: string): BlissNode {
  let member: BlissNode | undefined = node;
  for (const name of path.split("/")) member = member?.children?.[name];
  if (!member) throw new Error(`there is no ${path}`);
  return member;
}

/** The same node without some members, given by their paths. */
export function without(node: BlissNode, ...paths: string[]): BlissNode {
  const left = structuredClone(node) as { children?: Record<string, BlissNode> } & BlissNode;
  for (const path of paths) {
    const parts = path.split("/");
    const name = parts.pop() ?? "";
    const parent = parts.length > 0 ? memberOf(left, parts.join("/")) : left;
    // a clone is ours to change
    delete (parent.children as Record<string, BlissNode> | undefined)?.[name];
  }
  return left;
}
