/** Types of data nodes. Any other text means a container. `None`, as a text, is a device inside a scan. */
export const nodeTypes = [
  "container",
  "session",
  "proposal",
  "dataset_collection",
  "dataset",
  "scan",
  "scan_group",
  "None",
  "channel",
  "lima",
  "node_ref_channel",
] as const;

/** One of {@link nodeTypes}. */
export type NodeType = (typeof nodeTypes)[number];
