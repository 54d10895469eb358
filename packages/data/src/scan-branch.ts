import { BeamtimeError } from "@beamtime/errors";
import { nodeKeys } from "@beamtime/protocol";
import { announcementsOf } from "./announcement.js";
import { ChannelBlocks, type ChannelPart } from "./channel-blocks.js";
import { indexAfter } from "./channel-entry.js";
import {
  ChannelNode,
  type DataNode,
  LimaNode,
  NodeRefChannelNode,
  type ScanNode,
  type WalkEvent,
} from "./data-node.js";
import { eventOf } from "./entry-event.js";
import { lastStatus } from "./lima-status.js";
import type { LoadedNode } from "./node-loader.js";
import { idMilliseconds, type StreamEntry } from "./stream-entry.js";
import type { StreamCursor, StreamPage } from "./stream-reader.js";
import type { WalkContext } from "./walk-context.js";

/** A stream that a walk follows. */
export interface WalkCursor extends StreamCursor {
  readonly kind: "children" | "prepared" | "data" | "end";
  readonly node: DataNode;
  /** Undefined above the scans. */
  readonly branch: ScanBranch | undefined;
  /** Of channels: joins what is read. */
  readonly blocks: ChannelBlocks;
}

/** A scan that is being followed, in the place where its walk began. */
export interface BranchOptions {
  /** What happens to the scan itself is not told: the walk began below it. */
  readonly isSilent?: boolean;
}

/**
 * One scan that is being followed: its streams, what was read of them but not yet told, and the order of telling.
 *
 * The order rests on that of the publisher, who makes the nodes, then writes PREPARED_SCAN, then the data, then
 * END_SCAN. Whatever an event presupposes is therefore in Redis when the event is seen there: it is read to its end,
 * and told, first.
 */
export class ScanBranch {
  readonly scan: ScanNode;
  /** When the scan was announced, by the clock of Redis in ms. */
  readonly time: number;
  /** Set when the end is known; {@link ScanBranch.finish} tells it. */
  end: { readonly id: string; readonly time: number; readonly error: string | null } | undefined;
  readonly #context: WalkContext;
  readonly #isTold: boolean;
  readonly #names = new Set<string>();
  #cursors: WalkCursor[] = [];
  #news: StreamPage<WalkCursor>[] = [];

  constructor(
    context: WalkContext,
    scan: ScanNode,
    { time, end }: LoadedNode,
    { isSilent = false }: BranchOptions = {},
  ) {
    this.scan = scan;
    this.time = time;
    this.#context = context;
    this.#isTold = !isSilent && context.selection.yields(scan);
    const keys = nodeKeys(scan.dbName);
    if (this.#isTold && context.tells === "events") this.#follow("prepared", scan, keys.prepared);
    this.#follow("end", scan, keys.end);
    if (end) this.#readEnd([end]);
  }

  /** The streams to read, all of them still growing. */
  get cursors(): readonly WalkCursor[] {
    return this.#cursors;
  }

  get hasNews(): boolean {
    return this.#news.length > 0;
  }

  /** Tells a node of the scan and all that was loaded below it, and follows them from their beginning. */
  *announce({ node, childrenId, below }: LoadedNode): Generator<WalkEvent> {
    const { selection, tells } = this.#context;
    if (this.#names.has(node.dbName)) return; // two devices of one name share a node
    this.#names.add(node.dbName);
    this.#context.discovered++;
    const isYielded = selection.yields(node);
    const keys = nodeKeys(node.dbName);
    if (isYielded) yield { type: "NEW_NODE", node };
    if (node instanceof ChannelNode || node instanceof NodeRefChannelNode || node instanceof LimaNode) {
      if (isYielded && tells === "events") this.#follow("data", node, keys.data);
    } else if (selection.enters(node)) {
      // A scan whose end is known was loaded whole: its lists need not be read again.
      if (!this.end) this.#follow("children", node, keys.children, childrenId);
      for (const child of below) yield* this.announce(child);
    }
  }

  /** Follows a node and all that was loaded below it from now on: what has happened is not told. */
  async join(loaded: LoadedNode): Promise<void> {
    for (const _ of this.announce(loaded));
    const past = this.#cursors.filter(({ kind }) => kind === "data" || kind === "prepared");
    if (past.length === 0) return;
    const lasts = await this.#context.loader.lastEntries(past.map(({ key }) => key));
    for (const [index, cursor] of past.entries()) {
      const last = lasts[index];
      if (!last) continue;
      cursor.id = last[0].toString();
      cursor.blocks.next = indexAfterOrUnknown(last);
    }
  }

  /** Takes what was read of one of the streams. */
  add(page: StreamPage<WalkCursor>): void {
    if (page.cursor.kind === "end") this.#readEnd(page.entries);
    else this.#news.push(page);
  }

  /** Tells what was read. */
  async *settle(): AsyncGenerator<WalkEvent> {
    const news = this.#news;
    this.#news = [];
    for (const page of news) if (page.cursor.kind === "children") yield* this.#settleChildren(page);
    for (const { cursor } of news) {
      if (cursor.kind !== "prepared") continue;
      this.#cursors = this.#cursors.filter((other) => other !== cursor);
      yield { type: "PREPARED_SCAN", node: this.scan };
    }
    for (const { cursor, entries } of news) if (cursor.kind === "data") yield* dataEvents(cursor, entries);
  }

  /** Reads and tells all that the scan has left, then its end. Only when {@link ScanBranch.end} is set. */
  async *finish(): AsyncGenerator<WalkEvent> {
    yield* this.settle();
    for (let isComplete = false; !isComplete; ) {
      const { discovered } = this.#context;
      const pages = await this.#context.reader.read(this.#cursors);
      for (const page of pages) this.add(page);
      yield* this.settle();
      isComplete = !pages.some(({ isFull }) => isFull) && discovered === this.#context.discovered;
    }
    yield* this.#lostData();
    if (this.#isTold) yield { type: "END_SCAN", node: this.scan, error: this.end?.error ?? null };
  }

  #follow(kind: WalkCursor["kind"], node: DataNode, key: string, id = "0"): void {
    this.#cursors.push({ kind, node, key, id, branch: this, blocks: new ChannelBlocks(0) });
  }

  #readEnd(entries: readonly StreamEntry[]): void {
    for (const entry of entries) {
      const event = eventOf(entry);
      if (event?.type !== "END_SCAN") continue;
      const id = entry[0].toString();
      this.end = { id, time: idMilliseconds(id), error: event.exception === "" ? null : event.exception };
      this.#cursors = this.#cursors.filter(({ kind }) => kind !== "end");
      return;
    }
  }

  /** Reads a list to its end: the nodes of a scan come before its data. */
  async *#settleChildren({ cursor, entries, isFull }: StreamPage<WalkCursor>): AsyncGenerator<WalkEvent> {
    const { loader, reader, selection } = this.#context;
    const announced = announcementsOf(entries).filter(({ dbName }) => !this.#names.has(dbName));
    for (const loaded of await loader.load(announced, ({ node }) => selection.enters(node))) {
      yield* this.announce(loaded);
    }
    if (!isFull) return;
    for (const page of await reader.read([cursor])) yield* this.#settleChildren(page);
  }

  /** Where the stream of a channel is gone, nobody knows what was in it. */
  async *#lostData(): AsyncGenerator<WalkEvent> {
    const channels = this.#cursors.filter(({ kind, node }) => kind === "data" && !(node instanceof LimaNode));
    if (channels.length === 0) return;
    const present = await this.#context.loader.present(channels.map(({ key }) => key));
    for (const [index, { node, blocks }] of channels.entries()) {
      if (!present[index]) yield { type: "GAP", node, from: blocks.next ?? 0, to: null };
    }
  }
}

function* dataEvents({ node, blocks }: WalkCursor, entries: readonly StreamEntry[]): Generator<WalkEvent> {
  if (node instanceof LimaNode) {
    yield imagesEvent(node, entries);
  } else if (node instanceof ChannelNode || node instanceof NodeRefChannelNode) {
    blocks.add(entries);
    for (const part of blocks.take()) yield partEvent(node, part);
  }
}

function partEvent(node: ChannelNode | NodeRefChannelNode, part: ChannelPart): WalkEvent {
  switch (part.kind) {
    case "values": {
      const { first, npoints, data, description } = part;
      return { type: "NEW_DATA", node, first, npoints, data, description };
    }
    case "gap":
      return { type: "GAP", node, from: part.from, to: part.to };
    case "unreadable":
      return { type: "UNREADABLE", node, first: part.first, error: part.error };
  }
}

function imagesEvent(node: LimaNode, entries: readonly StreamEntry[]): WalkEvent {
  try {
    return { type: "NEW_IMAGES", node, status: lastStatus(entries) ?? {} };
  } catch (error) {
    if (!(error instanceof BeamtimeError)) throw error;
    return { type: "UNREADABLE", node, first: idMilliseconds(entries.at(-1)?.[0] ?? "1") - 1, error };
  }
}

/** The start of what comes next; without it the first entry cannot show a gap. */
function indexAfterOrUnknown(entry: StreamEntry): number | undefined {
  try {
    return indexAfter(entry);
  } catch (error) {
    if (error instanceof BeamtimeError) return undefined;
    throw error;
  }
}
