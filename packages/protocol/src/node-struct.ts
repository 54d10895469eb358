import { z } from "zod";
import { type NodeType, nodeTypes } from "./node-type.js";

/** Version written in new nodes. */
export const nodeVersion = "v1.1";

/** What the hash of a node says of it. Absent fields are null. */
export interface NodeStruct {
  readonly version: string;
  readonly nodeType: NodeType;
  /** Last part of the key; of a channel its full name, `axis:roby`. */
  readonly name: string | null;
  readonly dbName: string | null;
  /** Key of the parent; null for a session. */
  readonly parent: string | null;
}

const text = z.string().nullable().default(null);
const structSchema = z.object({
  // Readers of this generation open nodes of version 1 only; `None` means that the node is being created.
  version: z.string().regex(/^v1\./),
  node_type: z.enum(nodeTypes).catch("container"),
  name: text,
  db_name: text,
  parent: text,
});

/**
 * The struct of a node from the fields of its hash; undefined for a node that readers must not see: it is gone, not yet
 * complete, or of another version.
 *
 * The Python client turns names that look like numbers into numbers (`0001` → 1). Here names stay texts.
 */
export function decodeNodeStruct(fields: Readonly<Record<string, string | null | undefined>>): NodeStruct | undefined {
  const parsed = structSchema.safeParse(fields);
  if (!parsed.success) return undefined;
  const { version, node_type, name, db_name, parent } = parsed.data;
  return { version, nodeType: node_type, name, dbName: db_name, parent };
}

/**
 * First fields of a new node, in BLISS's order: with the version `None` no reader sees it yet. Set `version` to
 * {@link nodeVersion}, then `parent`, when its streams and info exist.
 */
export function encodeNodeStruct(node: {
  readonly nodeType: NodeType;
  readonly name: string;
  readonly dbName: string;
}): string[] {
  return ["version", "None", "node_type", node.nodeType, "name", node.name, "db_name", node.dbName];
}
