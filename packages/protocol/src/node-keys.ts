/** Redis keys of one data node. Which exist depends on its type. */
export interface NodeKeys {
  /** Hash: version, type, name, parent. All nodes. */
  readonly struct: string;
  /** Hash: field → pickle. Nodes with info. */
  readonly info: string;
  /** Stream of NEW_NODE events. All nodes but channels. */
  readonly children: string;
  /** Stream of one PREPARED_SCAN event. Scans and scan groups. */
  readonly prepared: string;
  /** Stream of one END_SCAN event. Scans and scan groups. */
  readonly end: string;
  /** Stream of values. Channels. */
  readonly data: string;
  /** List of references. Channels of Lima cameras. */
  readonly dataRef: string;
}

const suffixes = {
  struct: "",
  info: "_info",
  children: "_children_list",
  prepared: "_prepared",
  end: "_end",
  data: "_data",
  dataRef: "_data_ref",
} as const;

/**
 * The Redis keys of the node `dbName`.
 *
 * Suffixes are appended as they are, so a key alone does not tell whose it is: `a_info` may be a node of that name.
 */
export function nodeKeys(dbName: string): NodeKeys {
  return {
    struct: dbName,
    info: dbName + suffixes.info,
    children: dbName + suffixes.children,
    prepared: dbName + suffixes.prepared,
    end: dbName + suffixes.end,
    data: dbName + suffixes.data,
    dataRef: dbName + suffixes.dataRef,
  };
}

/** Suffix of the children stream: what to scan for to find nodes. */
export const childrenSuffix = suffixes.children;
