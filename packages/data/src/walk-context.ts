import type { NodeLoader } from "./node-loader.js";
import type { NodeSelection } from "./node-selection.js";
import type { StreamReader } from "./stream-reader.js";

/** What the parts of one walk share. */
export interface WalkContext {
  readonly reader: StreamReader;
  readonly loader: NodeLoader;
  readonly selection: NodeSelection;
  /** A walk of nodes needs neither data nor PREPARED_SCAN. */
  readonly tells: "nodes" | "events";
  readonly signal: AbortSignal;
  /** Nodes met so far: when it has grown, there are streams that were not read yet. */
  discovered: number;
}
