import { inspect } from "node:util";
import { abortable } from "@beamtime/concurrency";
import {
  allocateData,
  type ChannelDescription,
  decodeInfo,
  type NdArray,
  type NodeKeys,
  type NodeStruct,
  type NodeType,
  nodeKeys,
  type PlainValue,
  readPickle,
  toPlain,
} from "@beamtime/protocol";
import type { Redis } from "ioredis";
import { announcementsOf } from "./announcement.js";
import { type ChannelInfo, channelInfoOf } from "./channel-info.js";
import { readLength, readPoint, readRange } from "./channel-range.js";
import { type ChannelPoint, type ChannelValues, joinValues, pointOf } from "./channel-values.js";
import { lastStatus } from "./lima-status.js";
import type { Walk } from "./walk.js";

/** Plain values by name, as a publisher wrote them. */
export type Info = { readonly [field: string]: PlainValue };

/** What every read takes. */
export interface ReadOptions {
  /** Gives up waiting. */
  readonly signal?: AbortSignal | undefined;
}

/** A type, several, or a condition. */
export type NodeFilter = NodeType | readonly NodeType[] | ((node: DataNode) => boolean);

/** What a walk yields, and how long. */
export interface WalkOptions extends ReadOptions {
  /** Only these nodes, or events of these nodes; the others are passed through all the same. Default: all. */
  readonly filter?: NodeFilter | undefined;
  /** Nothing below these nodes; they are not left out themselves. Default: none. */
  readonly exclude?: NodeFilter | undefined;
  /** Go on with what comes (default), or end after what is there. A walk of a scan ends with the scan in any case. */
  readonly wait?: boolean | undefined;
  /** Called once, when all that was there has been yielded and from now on nothing is missed. */
  readonly onReady?: (() => void) | undefined;
}

/**
 * What happens to nodes.
 *
 * Order: a parent before its children; the nodes of a scan, then PREPARED_SCAN, then the data, then END_SCAN. Nothing
 * comes twice. Between scans the order is that of the clock of Redis for NEW_NODE and END_SCAN.
 */
export type WalkEvent =
  /** A node has appeared. */
  | { readonly type: "NEW_NODE"; readonly node: DataNode }
  /** The scan is prepared: its info is complete, data will come. */
  | { readonly type: "PREPARED_SCAN"; readonly node: ScanNode }
  /** Points of a channel: as many as came together, of shape `[npoints, ...point]`. */
  | {
      readonly type: "NEW_DATA";
      /** Of a {@link NodeRefChannelNode} the data are the `dbName`s of nodes. */
      readonly node: ChannelNode | NodeRefChannelNode;
      /** Index of the first point. */
      readonly first: number;
      readonly npoints: number;
      readonly data: NdArray;
      readonly description: ChannelDescription;
    }
  /** A camera has made images; `status` is the newest, in the words of Lima (`last_image_ready`, …). */
  | { readonly type: "NEW_IMAGES"; readonly node: LimaNode; readonly status: Info }
  /** Points `from` to `to` were trimmed or evicted before they could be read; `to` is null where nobody knows. */
  | { readonly type: "GAP"; readonly node: DataNode; readonly from: number; readonly to: number | null }
  /** An entry of the channel, with point `first`, cannot be decoded. The walk goes on. */
  | { readonly type: "UNREADABLE"; readonly node: DataNode; readonly first: number; readonly error: unknown }
  /** The scan has ended; `error` is null after success, else what Python calls the exception. */
  | { readonly type: "END_SCAN"; readonly node: ScanNode; readonly error: string | null };

/** What nodes need of their store. */
export interface NodeSource {
  readonly client: Redis;
  /** The nodes of these names; undefined for those that are gone. */
  open(dbNames: readonly string[], options: ReadOptions): Promise<(DataNode | undefined)[]>;
  walk(root: DataNode, options: WalkOptions): Walk<DataNode>;
  walkEvents(root: DataNode, options: WalkOptions, from: "beginning" | "now"): Walk<WalkEvent>;
}

/**
 * A node of the tree of a session, as Redis knows it.
 *
 * The object is a name, type and parent; all else is read when asked for, and may be gone by then: nodes expire.
 */
export class DataNode {
  /** Unique name: `session:directory:1_ascan:axis:roby`. */
  readonly dbName: string;
  /** Last part of the unique name; of a channel its full name, `axis:roby`. */
  readonly name: string;
  readonly type: NodeType;
  /** Unique name of the parent; undefined for a session. */
  readonly parentName: string | undefined;
  protected readonly source: NodeSource;
  protected readonly keys: NodeKeys;

  constructor(dbName: string, struct: NodeStruct, source: NodeSource) {
    this.dbName = dbName;
    this.name = struct.name ?? dbName.slice(dbName.lastIndexOf(":") + 1);
    this.type = struct.nodeType;
    this.parentName = struct.parent ?? undefined;
    this.source = source;
    this.keys = nodeKeys(dbName);
  }

  /** Whether the node is still in Redis. */
  async exists(options: ReadOptions = {}): Promise<boolean> {
    const [node] = await this.source.open([this.dbName], options);
    return node !== undefined;
  }

  /** The node above; undefined for a session, or when it is gone. */
  async parent(options: ReadOptions = {}): Promise<DataNode | undefined> {
    if (this.parentName === undefined) return undefined;
    const [parent] = await this.source.open([this.parentName], options);
    return parent;
  }

  /** The nodes below, in the order they were announced, without those that are gone. Channels have none. */
  async children(options: ReadOptions = {}): Promise<DataNode[]> {
    const entries = await abortable(this.source.client.xrangeBuffer(this.keys.children, "-", "+"), options.signal);
    const names = new Set(announcementsOf(entries).map(({ dbName }) => dbName));
    const nodes = await this.source.open([...names], options);
    return nodes.filter((node) => node !== undefined);
  }

  /** The whole info, empty when the node has none; fields that cannot be read are left out. */
  info(options?: ReadOptions): Promise<Info>;
  /** One field of the info; undefined when there is none. @throws PickleError when it cannot be read */
  info(field: string, options?: ReadOptions): Promise<PlainValue | undefined>;
  async info(
    fieldOrOptions: string | ReadOptions = {},
    options: ReadOptions = {},
  ): Promise<Info | PlainValue | undefined> {
    const { client } = this.source;
    if (typeof fieldOrOptions === "string") {
      const bytes = await abortable(client.hgetBuffer(this.keys.info, fieldOrOptions), options.signal);
      return bytes ? toPlain(readPickle(bytes)) : undefined;
    }
    const fields = await abortable(client.hgetallBuffer(this.keys.info), fieldOrOptions.signal);
    return decodeInfo(fields).values;
  }

  /**
   * This node and those below: first what exists, depth first in the order of announcement, then what comes.
   * A node that is gone is left out, with what was below it.
   */
  walk(options: WalkOptions = {}): Walk<DataNode> {
    return this.source.walk(this, options);
  }

  /** All events of this node and those below, from the beginning: also those of the past, as far as Redis has them. */
  walkEvents(options: WalkOptions = {}): Walk<WalkEvent> {
    return this.source.walkEvents(this, options, "beginning");
  }

  /**
   * The events from now on, of running scans too: their new points and their end. Now is when the first event is asked
   * for, and `onReady` tells when that has come to pass.
   */
  walkOnNewEvents(options: Omit<WalkOptions, "wait"> = {}): Walk<WalkEvent> {
    return this.source.walkEvents(this, { ...options, wait: true }, "now");
  }

  toString(): string {
    return `${this.constructor.name}(${this.dbName})`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/** A session, directory, proposal, collection or dataset, or a device inside a scan (type `None`). */
export class ContainerNode extends DataNode {}

/** A scan. Its info is the scan_info of BLISS. */
export class ScanNode extends DataNode {
  /** Number of the scan, `scan_nb`. */
  async number(options?: ReadOptions): Promise<number | undefined> {
    const value = await this.info("scan_nb", options);
    return typeof value === "number" ? value : undefined;
  }

  /** The command: `ascan roby 0.0000 2.0000 2 0.01`. */
  async title(options?: ReadOptions): Promise<string | undefined> {
    const value = await this.info("title", options);
    return typeof value === "string" ? value : undefined;
  }

  /** `PREPARING`, `STARTING`, `STOPPING`, `DONE`, `USER_ABORTED`, `KILLED`; `DONE` comes shortly after END_SCAN. */
  async state(options?: ReadOptions): Promise<string | undefined> {
    const value = await this.info("state", options);
    return typeof value === "string" ? value : undefined;
  }
}

/** A group or sequence of scans. */
export class ScanGroupNode extends ScanNode {
  /** The scans of the group so far, without those that are gone. */
  async scans(options: ReadOptions = {}): Promise<ScanNode[]> {
    const [channel] = await this.source.open([`${this.dbName}:GroupingMaster:scans`], options);
    const nodes = channel instanceof NodeRefChannelNode ? await channel.get(0, -1, options) : [];
    return nodes.filter((node) => node instanceof ScanNode);
  }
}

/** A channel: one value, spectrum or image for each point of its scan. */
export class ChannelNode extends DataNode {
  /** Name that is unique in the scan: `axis:roby`. */
  get fullname(): string {
    return this.name;
  }

  /** Type, shape of a point, and unit, as announced. */
  async description(options: ReadOptions = {}): Promise<ChannelInfo> {
    return channelInfoOf(await this.info(options));
  }

  /** Number of points written so far. */
  length(options: ReadOptions = {}): Promise<number> {
    return readLength(this.source.client, this.keys.data, options);
  }

  /**
   * One point, counted from 0, or the last for -1; undefined when it is not there (yet, or no more).
   *
   * @throws ProtocolError or PickleError when it cannot be decoded
   */
  get(index: number, options?: ReadOptions): Promise<ChannelPoint | undefined>;
  /**
   * The points `from` to `to`, both included and counted from 0, or from the end when negative: `get(0, -1)` is all.
   * What is not there yet is left out. As for the Python client, `get(0, -1)` of a channel whose beginning was trimmed
   * is what remains: see `first`.
   *
   * @throws DataGapError when other points asked for are no longer there
   * @throws ProtocolError or PickleError when some cannot be decoded
   */
  get(from: number, to: number, options?: ReadOptions): Promise<ChannelValues>;
  async get(
    from: number,
    toOrOptions?: number | ReadOptions,
    options: ReadOptions = {},
  ): Promise<ChannelPoint | ChannelValues | undefined> {
    const { client } = this.source;
    if (typeof toOrOptions !== "number") {
      const part = await readPoint(client, this.keys.data, from, toOrOptions ?? {});
      return part && pointOf(part, from);
    }
    const range = await readRange(client, this.keys.data, from, toOrOptions, options);
    const values = joinValues({ dbName: this.dbName, ...range }, from === 0 && toOrOptions === -1);
    if (values) return values;
    const { dtype = "float64", shape } = await this.description(options);
    return { dtype, shape: [0, ...shape], data: allocateData(dtype, 0), first: range.from };
  }
}

/** A channel whose values are other nodes, e.g. the scans of a group. */
export class NodeRefChannelNode extends DataNode {
  /** Number of nodes so far. */
  length(options: ReadOptions = {}): Promise<number> {
    return readLength(this.source.client, this.keys.data, options);
  }

  /** The node at this index, -1 for the last; undefined when there is none or it is gone. */
  get(index: number, options?: ReadOptions): Promise<DataNode | undefined>;
  /** The nodes `from` to `to`, both included, `get(0, -1)` all; undefined for those that are gone. */
  get(from: number, to: number, options?: ReadOptions): Promise<(DataNode | undefined)[]>;
  async get(
    from: number,
    toOrOptions?: number | ReadOptions,
    options: ReadOptions = {},
  ): Promise<DataNode | undefined | (DataNode | undefined)[]> {
    if (typeof toOrOptions === "number")
      return this.source.open(await this.#names(from, toOrOptions, options), options);
    const names = await this.#names(from, from, toOrOptions ?? {});
    const [node] = await this.source.open(names, toOrOptions ?? {});
    return node;
  }

  async #names(from: number, to: number, options: ReadOptions): Promise<string[]> {
    const range = await readRange(this.source.client, this.keys.data, from, to, options);
    const data = joinValues({ dbName: this.dbName, ...range }, from === 0 && to === -1)?.data ?? [];
    return Array.from(data, String);
  }
}

/** Images of a camera. Redis has references to them, not the images. */
export class LimaNode extends DataNode {
  /** Newest status in the words of Lima (`last_image_ready`, `server_url`, …); undefined before the first. */
  async status(options: ReadOptions = {}): Promise<Info | undefined> {
    const entries = await abortable(
      this.source.client.xrevrangeBuffer(this.keys.data, "+", "-", "COUNT", 1),
      options.signal,
    );
    return lastStatus(entries);
  }

  /** Number of images that are ready. */
  async length(options: ReadOptions = {}): Promise<number> {
    const ready = (await this.status(options))?.["last_image_ready"];
    return typeof ready === "number" ? ready + 1 : 0;
  }

  /** Where the images are saved and how (`saving_directory`, `saving_prefix`, `shape`, …); the first counts. */
  async references(options: ReadOptions = {}): Promise<PlainValue[]> {
    const items = await abortable(this.source.client.lrangeBuffer(this.keys.dataRef, 0, -1), options.signal);
    return items.map((item) => toPlain(readPickle(item)));
  }
}
