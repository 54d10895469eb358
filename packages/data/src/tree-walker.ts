import { nodeKeys } from "@beamtime/protocol";
import { type Announcement, announcementsOf } from "./announcement.js";
import { ChannelBlocks } from "./channel-blocks.js";
import { type DataNode, ScanNode, type WalkEvent } from "./data-node.js";
import { directoryPage, type LoadedNode } from "./node-loader.js";
import { ScanBranch, type WalkCursor } from "./scan-branch.js";
import { idMilliseconds } from "./stream-entry.js";
import type { StreamPage } from "./stream-reader.js";
import type { WalkContext } from "./walk-context.js";

/** How a walk goes. */
export interface WalkPlan {
  readonly from: "beginning" | "now";
  readonly wait: boolean;
  readonly onReady: (() => void) | undefined;
  /** So long a read waits before the walk looks whether the scans it follows are still there. */
  readonly patienceMs: number;
}

/** Ended scans that are remembered, so that a repeated announcement does not tell them again. */
const mostEnded = 1000;

/**
 * Walks a tree: directories above, scans below.
 *
 * Directories are followed for good. A scan is followed by a {@link ScanBranch} from its announcement to its end, then
 * forgotten with all its streams: however many scans a walk has seen, it keeps only those that run.
 */
export class TreeWalker {
  readonly #context: WalkContext;
  readonly #plan: WalkPlan;
  /** Children lists of the directories. */
  readonly #directories = new Map<string, WalkCursor>();
  readonly #branches = new Map<string, ScanBranch>();
  /** Of the scans that ended last: name and id of the end. */
  readonly #ended = new Map<string, string>();
  /** The scan at or above the root: the walk ends with it. */
  #rootScan: string | undefined;
  /** The root, as long as it is not in Redis. */
  #missingRoot: DataNode | undefined;
  /** While what has happened is passed over. */
  #isPast: boolean;

  constructor(context: WalkContext, plan: WalkPlan) {
    this.#context = context;
    this.#plan = plan;
    this.#isPast = plan.from === "now";
  }

  /** Yields what happens at and below `root`. */
  async *walk(root: DataNode): AsyncGenerator<WalkEvent, void> {
    const { wait, onReady, patienceMs } = this.#plan;
    yield* this.#enter(root);
    let isReady = this.#isPast;
    this.#isPast = false;
    if (isReady) onReady?.();
    while (this.#rootScan === undefined || this.#branches.has(this.#rootScan)) {
      const { discovered } = this.#context;
      const cursors = this.#cursors();
      if (cursors.length === 0) break;
      const pages = await this.#context.reader.read(cursors, isReady && wait ? patienceMs : undefined);
      yield* this.#digest(pages);
      if (isReady) {
        if (pages.length === 0) await this.#forgetVanished();
      } else if (discovered === this.#context.discovered && !pages.some(({ isFull }) => isFull)) {
        isReady = true;
        onReady?.();
        if (!wait) return;
      }
    }
    if (!isReady) onReady?.();
  }

  /** Loads what is there. */
  async *#enter(root: DataNode): AsyncGenerator<WalkEvent> {
    const { loader, selection, signal } = this.#context;
    const scan = await scanOf(root, signal);
    if (scan) {
      // The end first: what is loaded later is then complete.
      const [loaded] = await loader.load([{ dbName: scan.dbName, time: 0 }], () => false);
      const [top] = await loader.load([{ dbName: root.dbName, time: 0 }], ({ node }) => selection.enters(node));
      this.#rootScan = scan.dbName;
      if (!loaded || !top || (this.#isPast && loaded.end)) return;
      yield* this.#follow(new ScanBranch(this.#context, scan, loaded, { isSilent: scan !== root }), top);
    } else {
      yield* this.#announce([{ dbName: root.dbName, time: 0 }]);
      if (this.#directories.size === 0) this.#awaitRoot(root);
    }
    yield* this.#finishBefore(Number.POSITIVE_INFINITY);
  }

  #cursors(): WalkCursor[] {
    const cursors = [...this.#directories.values()];
    for (const branch of this.#branches.values()) cursors.push(...branch.cursors);
    return cursors.filter(({ isClosed }) => !isClosed);
  }

  /** Tells what one reply has, in the order in which it happened. */
  async *#digest(pages: readonly StreamPage<WalkCursor>[]): AsyncGenerator<WalkEvent> {
    for (const page of pages) page.cursor.branch?.add(page);
    let lists = pages.filter(({ cursor }) => !cursor.branch);
    if (lists.length > 0) yield* this.#tellRoot();
    let announced: Announcement[] = [];
    for (;;) {
      announced.push(...lists.flatMap(({ entries }) => announcementsOf(entries)));
      announced.sort((a, b) => a.time - b.time);
      // Beyond a full page, a list may have more that comes before what the others have.
      const horizon = Math.min(...lists.map(({ isFull, cursor }) => (isFull ? idMilliseconds(cursor.id) : Infinity)));
      yield* this.#announce(announced.filter(({ time }) => time <= horizon));
      yield* this.#finishBefore(horizon);
      announced = announced.filter(({ time }) => time > horizon);
      if (horizon === Number.POSITIVE_INFINITY) break;
      lists = await this.#context.reader.read([...this.#directories.values()]);
    }
    for (const branch of [...this.#branches.values()]) if (branch.hasNews) yield* branch.settle();
  }

  /** Tells nodes above or at scans, with all below them, in order. */
  async *#announce(announced: readonly Announcement[]): AsyncGenerator<WalkEvent> {
    for (let at = 0; at < announced.length; at += directoryPage) {
      const page = announced.slice(at, at + directoryPage).filter(({ dbName }) => !this.#isKnown(dbName));
      for (const loaded of await this.#context.loader.load(page, (loaded) => this.#isToLoad(loaded))) {
        yield* this.#finishBefore(loaded.time);
        if (this.#isKnown(loaded.dbName)) continue; // announced twice in one page
        const { node } = loaded;
        if (node instanceof ScanNode) yield* this.#openScan(node, loaded);
        else yield* this.#openDirectory(loaded);
      }
    }
  }

  #isKnown(dbName: string): boolean {
    return this.#directories.has(dbName) || this.#branches.has(dbName);
  }

  /** Scans are loaded whole, directories page by page; a scan of the past not at all. */
  #isToLoad({ node, end }: LoadedNode): boolean {
    return node instanceof ScanNode && this.#context.selection.enters(node) && !(this.#isPast && end);
  }

  async *#openDirectory({ dbName, node, children, childrenId, hasMore }: LoadedNode): AsyncGenerator<WalkEvent> {
    const { selection, loader } = this.#context;
    const cursor = this.#followDirectory(node, childrenId);
    if (selection.yields(node) && !this.#isPast) yield { type: "NEW_NODE", node };
    if (!selection.enters(node)) {
      cursor.isClosed = true;
      return;
    }
    yield* this.#announce(children);
    while (hasMore) {
      const entries = await loader.nextChildren(dbName, cursor.id);
      cursor.id = entries.at(-1)?.[0].toString() ?? cursor.id;
      yield* this.#announce(announcementsOf(entries));
      hasMore = entries.length >= directoryPage;
    }
  }

  #followDirectory(node: DataNode, id: string): WalkCursor {
    const { children: key } = nodeKeys(node.dbName);
    const cursor: WalkCursor = { kind: "children", node, key, id, branch: undefined, blocks: new ChannelBlocks() };
    this.#directories.set(node.dbName, cursor);
    this.#context.discovered++;
    return cursor;
  }

  async *#openScan(scan: ScanNode, loaded: LoadedNode): AsyncGenerator<WalkEvent> {
    const endId = loaded.end?.[0].toString();
    if (endId !== undefined && this.#ended.get(scan.dbName) === endId) return; // told before
    const branch = new ScanBranch(this.#context, scan, loaded);
    if (this.#isPast && branch.end) this.#remember(branch);
    else yield* this.#follow(branch, loaded);
  }

  async *#follow(branch: ScanBranch, loaded: LoadedNode): AsyncGenerator<WalkEvent> {
    this.#branches.set(branch.scan.dbName, branch);
    if (this.#isPast) await branch.join(loaded);
    else yield* branch.announce(loaded);
  }

  /** Ends the scans whose end came before `time`, the inner ones of a sequence first. */
  async *#finishBefore(time: number): AsyncGenerator<WalkEvent> {
    const ended = [...this.#branches.values()].flatMap((branch) => {
      return branch.end && branch.end.time < time ? [{ branch, end: branch.end.time }] : [];
    });
    ended.sort((a, b) => a.end - b.end || b.branch.time - a.branch.time);
    for (const { branch } of ended) {
      yield* branch.finish();
      this.#branches.delete(branch.scan.dbName);
      this.#remember(branch);
    }
  }

  #remember({ scan, end }: ScanBranch): void {
    if (end) this.#ended.set(scan.dbName, end.id);
    for (const oldest of this.#ended.keys()) {
      if (this.#ended.size <= mostEnded) break;
      this.#ended.delete(oldest);
    }
  }

  /** A session that nobody has opened yet: its first child tells that it is there. */
  #awaitRoot(root: DataNode): void {
    this.#followDirectory(root, "0");
    this.#missingRoot = root;
  }

  async *#tellRoot(): AsyncGenerator<WalkEvent> {
    const root = this.#missingRoot;
    this.#missingRoot = undefined;
    if (root && this.#context.selection.yields(root)) yield { type: "NEW_NODE", node: root };
  }

  /** A scan that vanished from Redis without an end has none: its publisher or the server is gone. */
  async #forgetVanished(): Promise<void> {
    const names = [...this.#branches.keys()];
    const keys = names.flatMap((name) => [nodeKeys(name).struct, nodeKeys(name).end]);
    const present = await this.#context.loader.present(keys);
    for (const [index, name] of names.entries()) {
      if (!present[2 * index] && !present[2 * index + 1]) this.#branches.delete(name);
    }
  }
}

/** The scan that a node is or lies in. */
async function scanOf(node: DataNode, signal: AbortSignal): Promise<ScanNode | undefined> {
  let at: DataNode | undefined = node;
  while (at && !(at instanceof ScanNode)) at = await at.parent({ signal });
  return at;
}
