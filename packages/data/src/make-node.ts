import { decodeNodeStruct } from "@beamtime/protocol";
import {
  ChannelNode,
  ContainerNode,
  type DataNode,
  LimaNode,
  NodeRefChannelNode,
  type NodeSource,
  ScanGroupNode,
  ScanNode,
} from "./data-node.js";

/** What `HMGET` asks of the hash of a node, in this order. */
export const structFields = ["version", "node_type", "name", "db_name", "parent"] as const;

/** The node of a reply to `HMGET` of {@link structFields}; undefined when it is gone or not for readers. */
export function makeNode(dbName: string, reply: unknown, source: NodeSource): DataNode | undefined {
  if (!Array.isArray(reply)) return undefined; // no hash at all: another kind of key has the name
  // The elements pass the schema of the struct.
  const values: readonly (string | null)[] = reply;
  const struct = decodeNodeStruct(Object.fromEntries(structFields.map((field, index) => [field, values[index]])));
  if (!struct) return undefined;
  switch (struct.nodeType) {
    case "scan":
      return new ScanNode(dbName, struct, source);
    case "scan_group":
      return new ScanGroupNode(dbName, struct, source);
    case "channel":
      return new ChannelNode(dbName, struct, source);
    case "node_ref_channel":
      return new NodeRefChannelNode(dbName, struct, source);
    case "lima":
      return new LimaNode(dbName, struct, source);
    case "container":
    case "session":
    case "proposal":
    case "dataset_collection":
    case "dataset":
    case "None":
      return new ContainerNode(dbName, struct, source);
  }
}
