import type { NodeType } from "@beamtime/protocol";
import { type DataNode, type NodeFilter, ScanNode } from "./data-node.js";

/** Types that are never below a scan. */
const aboveChannels: ReadonlySet<NodeType> = new Set<NodeType>([
  "session",
  "proposal",
  "dataset_collection",
  "dataset",
  "scan",
  "scan_group",
]);

/** Which nodes a walk yields and below which it looks. */
export class NodeSelection {
  readonly #yields: (node: DataNode) => boolean;
  readonly #excludes: (node: DataNode) => boolean;
  /** Nothing that lies in a scan can be yielded. */
  readonly #skipsScans: boolean;

  constructor(filter: NodeFilter | undefined, exclude: NodeFilter | undefined) {
    this.#yields = conditionOf(filter, true);
    this.#excludes = conditionOf(exclude, false);
    const types = typesOf(filter);
    this.#skipsScans = types?.every((type) => aboveChannels.has(type)) ?? false;
  }

  yields(node: DataNode): boolean {
    return this.#yields(node);
  }

  /** Whether what is below the node matters. */
  enters(node: DataNode): boolean {
    return !(this.#skipsScans && node instanceof ScanNode) && !this.#excludes(node);
  }
}

function typesOf(filter: NodeFilter | undefined): readonly NodeType[] | undefined {
  if (typeof filter === "string") return [filter];
  return typeof filter === "function" ? undefined : filter;
}

function conditionOf(filter: NodeFilter | undefined, absent: boolean): (node: DataNode) => boolean {
  if (typeof filter === "function") return filter;
  const types = typesOf(filter);
  return types ? (node) => types.includes(node.type) : () => absent;
}
