import { abortable } from "@beamtime/concurrency";
import { nodeKeys } from "@beamtime/protocol";
import type { Redis } from "ioredis";
import { type Announcement, announcementsOf } from "./announcement.js";
import type { DataNode, NodeSource } from "./data-node.js";
import { makeNode, structFields } from "./make-node.js";
import { pipelineReplies } from "./pipeline-replies.js";
import type { StreamEntry } from "./stream-entry.js";

/** A node as it was found, with what is needed to go on from there. */
export interface LoadedNode extends Announcement {
  readonly node: DataNode;
  /** Its END_SCAN entry, if it has ended. It was read before the children, which are then complete. */
  readonly end: StreamEntry | undefined;
  /** The children announced so far. */
  children: Announcement[];
  /** Id of the last announcement read; `0` without any. */
  childrenId: string;
  /** There may be more children. */
  hasMore: boolean;
  /** The children as nodes, where the node was expanded. */
  readonly below: LoadedNode[];
}

/** Children of a directory that are loaded together. */
export const directoryPage = 64;

/** Finds nodes and what is below them in few round trips: one for each level of the tree. */
export class NodeLoader {
  readonly #client: Redis;
  readonly #source: NodeSource;
  readonly #signal: AbortSignal;

  constructor(client: Redis, source: NodeSource, signal: AbortSignal) {
    this.#client = client;
    this.#source = source;
    this.#signal = signal;
  }

  /**
   * Loads nodes with the first page of their children; of those to `expand`, all that is below.
   * Nodes that are gone are left out.
   */
  async load(announced: readonly Announcement[], expand: (loaded: LoadedNode) => boolean): Promise<LoadedNode[]> {
    const loaded = await this.#fetch(announced, directoryPage);
    const seen = new Set(announced.map(({ dbName }) => dbName));
    let level = loaded.filter(expand);
    for (const parent of level) if (parent.hasMore) await this.#readAllChildren(parent);
    while (level.length > 0) {
      const parents = new Map<Announcement, LoadedNode>();
      for (const parent of level) {
        for (const child of parent.children) {
          if (seen.has(child.dbName)) continue; // announced twice
          seen.add(child.dbName);
          parents.set(child, parent);
        }
      }
      const children = [...parents.keys()];
      const found = new Map((await this.#fetch(children)).map((child) => [child.dbName, child]));
      for (const [child, parent] of parents) {
        const node = found.get(child.dbName);
        if (node) parent.below.push(node);
      }
      level = [...found.values()];
    }
    return loaded;
  }

  /** The next children of a directory, after `id`. */
  async nextChildren(dbName: string, id: string): Promise<StreamEntry[]> {
    const { children } = nodeKeys(dbName);
    return abortable(this.#client.xrangeBuffer(children, `(${id}`, "+", "COUNT", directoryPage), this.#signal);
  }

  /** The last entries of streams; undefined for those that are empty or gone. */
  async lastEntries(keys: readonly string[]): Promise<(StreamEntry | undefined)[]> {
    const pipeline = this.#client.pipeline();
    for (const key of keys) pipeline.xrevrangeBuffer(key, "+", "-", "COUNT", 1);
    const replies = await pipelineReplies(pipeline, this.#signal);
    return replies.map((reply) => entriesOf(reply)[0]);
  }

  /** Which of these keys are in Redis. */
  async present(keys: readonly string[]): Promise<boolean[]> {
    const pipeline = this.#client.pipeline();
    for (const key of keys) pipeline.exists(key);
    const replies = await pipelineReplies(pipeline, this.#signal);
    return replies.map((reply) => reply === 1);
  }

  async #readAllChildren(parent: LoadedNode): Promise<void> {
    const key = nodeKeys(parent.dbName).children;
    setChildren(parent, await abortable(this.#client.xrangeBuffer(key, "-", "+"), this.#signal));
    parent.hasMore = false;
  }

  /** One round trip. @param count most children of each node; undefined takes all */
  async #fetch(announced: readonly Announcement[], count?: number): Promise<LoadedNode[]> {
    if (announced.length === 0) return [];
    const pipeline = this.#client.pipeline();
    for (const { dbName } of announced) {
      const keys = nodeKeys(dbName);
      pipeline.hmget(keys.struct, ...structFields);
      pipeline.xrangeBuffer(keys.end, "-", "+", "COUNT", 1);
      if (count === undefined) pipeline.xrangeBuffer(keys.children, "-", "+");
      else pipeline.xrangeBuffer(keys.children, "-", "+", "COUNT", count);
    }
    const replies = await pipelineReplies(pipeline, this.#signal);
    return announced.flatMap(({ dbName, time }, index) => {
      const [struct, end, children] = replies.slice(3 * index, 3 * index + 3);
      const node = makeNode(dbName, struct, this.#source);
      if (!node) return [];
      const entries = entriesOf(children);
      const loaded: LoadedNode = {
        dbName,
        time,
        node,
        end: entriesOf(end)[0],
        children: [],
        childrenId: "0",
        hasMore: count !== undefined && entries.length >= count,
        below: [],
      };
      setChildren(loaded, entries);
      return [loaded];
    });
  }
}

function setChildren(loaded: LoadedNode, entries: readonly StreamEntry[]): void {
  loaded.children = announcementsOf(entries);
  loaded.childrenId = entries.at(-1)?.[0].toString() ?? "0";
}

/** Entries of a reply to XRANGE; none where the key is no stream. */
function entriesOf(reply: unknown): StreamEntry[] {
  return Array.isArray(reply) ? reply : []; // ioredis does not type the replies of a pipeline
}
