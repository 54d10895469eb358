import { abortable } from "@beamtime/concurrency";
import { ArgumentError } from "@beamtime/errors";
import { childrenSuffix, type NodeStruct, nodeVersion } from "@beamtime/protocol";
import type { RedisConnection } from "@beamtime/redis";
import {
  ContainerNode,
  type DataNode,
  type NodeSource,
  type ReadOptions,
  type WalkEvent,
  type WalkOptions,
} from "./data-node.js";
import { makeNode, structFields } from "./make-node.js";
import { NodeGoneError } from "./node-gone-error.js";
import { NodeLoader } from "./node-loader.js";
import { NodeSelection } from "./node-selection.js";
import { pipelineReplies } from "./pipeline-replies.js";
import { StoreClosedError } from "./store-closed-error.js";
import { StreamReader } from "./stream-reader.js";
import { TreeWalker, type WalkPlan } from "./tree-walker.js";
import { Walk } from "./walk.js";
import type { WalkContext } from "./walk-context.js";

/** How often a walk that waits looks whether the scans it follows are still there: rare, and costs next to nothing. */
const patienceMs = 10_000;

/** The scans of a beamline, as Redis has them. Owns its connections: closing it ends the walks that still run. */
export class DataStore implements AsyncDisposable {
  readonly #connection: RedisConnection;
  readonly #closed = new AbortController();
  readonly #source: NodeSource;

  /** Takes over the connection. @see connect */
  constructor(connection: RedisConnection) {
    this.#connection = connection;
    this.#source = {
      client: connection.client,
      open: (dbNames, options) => this.#open(dbNames, options),
      walk: (root, options) =>
        this.#walk(options, (signal) => {
          return nodesOf(this.#events(root, options, { tells: "nodes", from: "beginning" }, signal));
        }),
      walkEvents: (root, options, from) =>
        this.#walk(options, (signal) => this.#events(root, options, { tells: "events", from }, signal)),
    };
  }

  /** The node of this unique name. @throws NodeGoneError when there is none */
  async getNode(dbName: string, options: ReadOptions = {}): Promise<DataNode> {
    const [node] = await this.#open([dbName], options);
    if (!node) throw new NodeGoneError(dbName);
    return node;
  }

  /**
   * The node of a session, on which walks begin. It need not exist yet: a walk that waits sees it come.
   *
   * @throws ArgumentError when the name has a colon: no session has one
   */
  async getSessionNode(name: string, options: ReadOptions = {}): Promise<DataNode> {
    if (name === "" || name.includes(":")) {
      throw new ArgumentError(
        "name",
        `'${name}' is no name of a session: expected a text without ':'; use getNode for other nodes`,
      );
    }
    const [node] = await this.#open([name], options);
    return node ?? new ContainerNode(name, sessionStruct(name), this.#source);
  }

  /** The sessions that have data, by name. Looks through the names of all keys, a part at a time: Redis goes on serving. */
  async sessions({ signal }: ReadOptions = {}): Promise<DataNode[]> {
    const names = new Set<string>();
    let cursor = "0";
    do {
      const scan = this.#connection.client.scan(cursor, "MATCH", `*${childrenSuffix}`, "COUNT", 1000);
      const [next, keys] = await abortable(scan, signal);
      for (const key of keys) if (!key.includes(":")) names.add(key.slice(0, -childrenSuffix.length));
      cursor = next;
    } while (cursor !== "0");
    const nodes = await this.#open([...names].sort(), { signal });
    return nodes.flatMap((node) => (node && node.parentName === undefined ? [node] : []));
  }

  /** Ends the walks that still run (they throw StoreClosedError) and closes the connections. Twice is fine. */
  async close(): Promise<void> {
    if (!this.#closed.signal.aborted) this.#closed.abort(new StoreClosedError(this.#connection.address));
    await this.#connection.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #open(dbNames: readonly string[], { signal }: ReadOptions): Promise<(DataNode | undefined)[]> {
    if (dbNames.length === 0) return [];
    const pipeline = this.#connection.client.pipeline();
    for (const dbName of dbNames) pipeline.hmget(dbName, ...structFields);
    const replies = await pipelineReplies(pipeline, signal);
    return dbNames.map((dbName, index) => makeNode(dbName, replies[index], this.#source));
  }

  #walk<T>(options: ReadOptions, start: (signal: AbortSignal) => AsyncGenerator<T, void>): Walk<T> {
    return new Walk(start, [options.signal, this.#closed.signal]);
  }

  /** A walk on a connection of its own, so that waiting blocks nobody and is ended by closing it. */
  async *#events(
    root: DataNode,
    { filter, exclude, wait = true, onReady }: WalkOptions,
    { tells, from }: { readonly tells: WalkContext["tells"]; readonly from: WalkPlan["from"] },
    signal: AbortSignal,
  ): AsyncGenerator<WalkEvent, void> {
    const connection = await this.#connection.duplicate({ signal });
    const close = (): void => void connection.close();
    signal.addEventListener("abort", close);
    try {
      const reader = new StreamReader(connection.client, signal);
      const loader = new NodeLoader(connection.client, this.#source, signal);
      const selection = new NodeSelection(filter, exclude);
      const context: WalkContext = { reader, loader, selection, tells, signal, discovered: 0 };
      yield* new TreeWalker(context, { from, wait, onReady, patienceMs }).walk(root);
    } finally {
      signal.removeEventListener("abort", close);
      await connection.close();
    }
  }
}

async function* nodesOf(events: AsyncGenerator<WalkEvent, void>): AsyncGenerator<DataNode, void> {
  for await (const event of events) if (event.type === "NEW_NODE") yield event.node;
}

function sessionStruct(name: string): NodeStruct {
  return { version: nodeVersion, nodeType: "session", name, dbName: name, parent: null };
}
