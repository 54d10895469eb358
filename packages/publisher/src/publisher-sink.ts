import { abortable, deferred } from "@beamtime/concurrency";
import type {
  ScanCreatedEvent,
  ScanDataEvent,
  ScanDevicesEvent,
  ScanEndedEvent,
  ScanEvent,
  ScanInfo,
  ScanSink,
  ScanSinkContext,
} from "@beamtime/core";
import { errorMessage } from "@beamtime/errors";
import { encodeEndScan, encodePreparedScan, type NodeKeys, nodeKeys } from "@beamtime/protocol";
import type { RedisConnection } from "@beamtime/redis";
import { ChannelStream } from "./channel-stream.js";
import { container, ensureContainers } from "./container-nodes.js";
import { DataWrite } from "./data-write.js";
import { deviceTree } from "./device-tree.js";
import { InfoState, type StreamEvent, writeInfo } from "./info-writer.js";
import { MemoryBudget } from "./memory-budget.js";
import { createNodes, keysOf, type NewNode } from "./node-tree.js";
import { PublisherError } from "./publisher-error.js";
import type { PublisherOptions } from "./publisher-options.js";
import { PublisherOverflowError } from "./publisher-overflow-error.js";
import { RedisScript } from "./redis-script.js";
import { beat } from "./running-scans.js";
import { scanDead, scanLost } from "./scan-guard.js";
import { type QueuedWrite, WriteQueue } from "./write-queue.js";

/** Data of one write, in bytes, after which the next one is begun. */
const writeBytes = 2 ** 20;

/** Memory that a write of the tree or of info is taken to hold. */
const stepBytes = 1000;

/** How long the end of a scan may take that failed from an outage, should the server be back, or whose flush was given up. */
const lastSeconds = 1;

const expireScript = new RedisScript("for i = 1, #KEYS do redis.call('EXPIRE', KEYS[i], ARGV[1]) end return 1");

/** Turns the events of one scan into writes to Redis. */
export class PublisherSink implements ScanSink {
  readonly #options: Required<PublisherOptions>;
  readonly #context: ScanSinkContext;
  readonly #address: string;
  readonly #queue: WriteQueue;
  readonly #budget: MemoryBudget;
  readonly #info = new InfoState();
  /** Rejected when an outage has lasted too long. */
  readonly #outage = deferred<never>();
  #isOut = false;
  /** Whether a flush was given up. */
  #isGivenUp = false;
  #keys: NodeKeys | undefined;
  #above: readonly string[] = [];
  #scanNode: NewNode | undefined;
  #hasDataPolicy = false;
  /** Aborted when nobody needs to know any longer that the scan is alive. */
  readonly #living = new AbortController();
  #beating: Promise<void> | undefined;
  #below: readonly NewNode[] = [];
  #streams: readonly (ChannelStream | undefined)[] = [];
  #data: DataWrite | undefined;

  constructor(connection: RedisConnection, options: Required<PublisherOptions>, context: ScanSinkContext) {
    this.#options = options;
    this.#context = context;
    this.#address = connection.address;
    this.#outage.promise.catch(() => {});
    this.#budget = new MemoryBudget(options.memoryBudget, () =>
      context.warn(
        `the scan fills its ${options.memoryBudget} bytes of Redis memory: its first points are removed there from now on`,
      ),
    );
    this.#queue = new WriteQueue({
      // a command without a connection fails at once: the queue knows when to try again
      connect: ({ signal }) =>
        connection.duplicate({ signal, ioredis: { enableOfflineQueue: false, maxRetriesPerRequest: 0 } }),
      clock: options.clock,
      outageLimit: options.outageLimit,
      highWater: options.highWater,
      onOutage: (reason) => this.#reportOutage(reason),
      onFailure: (error) => context.fail(this.#explain(error)),
    });
  }

  push(event: ScanEvent): void {
    switch (event.type) {
      case "data":
        this.#pushData(event);
        break;
      case "created":
        this.#create(event);
        break;
      case "devices":
        this.#createDevices(event);
        break;
      case "state":
        this.#writeInfo({ state: event.state });
        break;
      case "prepared":
        this.#writeInfo(event.info, ({ prepared }) => ({
          stream: prepared,
          fields: encodePreparedScan(event.time),
        }));
        break;
      case "info":
        this.#writeInfo(event.changes);
        break;
      case "ended":
        this.#end(event);
        break;
      case "deviceEnd":
      case "warning":
        break;
    }
  }

  pressure(): Promise<void> | undefined {
    return this.#queue.pressure();
  }

  async flush({ signal }: { signal?: AbortSignal | undefined } = {}): Promise<void> {
    try {
      await abortable(Promise.race([this.#queue.idle({ signal }), this.#outage.promise]), signal);
    } catch (error) {
      this.#isGivenUp = signal?.aborted ?? false;
      signal?.throwIfAborted();
      throw this.#explain(error);
    }
  }

  /** Writes what was taken, e.g. the end of a scan that failed; only for a moment where somebody does not want to wait. */
  async close(): Promise<void> {
    await this.#lastWrites();
    this.#living.abort(new Error("the scan is over"));
    await Promise.all([this.#queue.close(), this.#beating]);
  }

  async #lastWrites(): Promise<void> {
    const patience = new AbortController();
    const { clock } = this.#options;
    const limit =
      this.#isOut || this.#isGivenUp ? clock.sleep(lastSeconds, { signal: patience.signal }) : this.#outage.promise;
    try {
      await Promise.race([this.#queue.idle(), limit]);
    } catch {
      // whoever opened the sink has been told
    } finally {
      patience.abort();
    }
  }

  #pushData(event: ScanDataEvent): void {
    const { bufferLimit } = this.#options;
    const { bytes } = this.#queue;
    if (bytes > bufferLimit) throw new PublisherOverflowError(bytes, bufferLimit, this.#address);
    const open = this.#data;
    if (open && open === this.#queue.last && open.bytes < writeBytes) {
      this.#queue.grow(open.add(event));
    } else {
      this.#data = new DataWrite(this.#keys?.struct ?? "", this.#streams);
      this.#data.add(event);
      this.#queue.add(this.#data);
    }
  }

  #create({ identity, info }: ScanCreatedEvent): void {
    const { parentPath, nodeName } = identity;
    const parent = parentPath.length > 0 ? parentPath.join(":") : undefined;
    const dbName = [...parentPath, nodeName].join(":");
    const type = info["is-scan-sequence"] === true ? "scan_group" : "scan";
    const node: NewNode = { dbName, type, name: nodeName, parent, info: { ...info, node_name: dbName } };
    this.#keys = nodeKeys(dbName);
    this.#above = parentPath.map((_, depth) => parentPath.slice(0, depth + 1).join(":"));
    this.#scanNode = node;
    this.#hasDataPolicy = info["data_policy"] === "ESRF";
    this.#info.begin(info);
    this.#step(async (client, { again }) => {
      await ensureContainers({ client }, parentPath.map(container));
      if ((await createNodes(client, [node])) || again) return;
      throw this.#error(
        `there is a node ${dbName} already: another session counts scans in the same place, or the numbers were lost`,
      );
    });
    this.#beating = this.#beat(dbName);
  }

  /** Tells that the scan is alive until its end is written: else somebody ends it in its place. */
  async #beat(scan: string): Promise<void> {
    const { signal } = this.#living;
    const { clock, heartbeat } = this.#options;
    let isUnderWay = false;
    while (!signal.aborted) {
      await clock.sleep(heartbeat, { signal }).catch(() => {});
      if (isUnderWay || signal.aborted) continue;
      isUnderWay = true;
      this.#step(async (client) => {
        await beat(client, scan);
        isUnderWay = false;
      });
    }
  }

  #createDevices(event: ScanDevicesEvent): void {
    const scan = this.#keys?.struct ?? "";
    const { nodes, announced, channels } = deviceTree(scan, event);
    this.#below = nodes;
    this.#streams = event.channels.map((channel, index) => {
      const dbName = channels[index]?.dbName ?? "";
      // the stream of a camera tells where its images are: it takes no values
      return channel.nodeType === "lima" ? undefined : new ChannelStream(dbName, channel, this.#budget);
    });
    if (nodes.length === 0) return;
    this.#step(async (client) => {
      await createNodes(client, nodes, announced);
    });
  }

  #writeInfo(info: ScanInfo, event?: (keys: NodeKeys) => StreamEvent): void {
    const keys = this.#keys;
    if (!keys) return;
    const changes = this.#info.changesTo(info);
    if (!event && changes.sets.length + changes.removals.length === 0) return;
    const added = event?.(keys);
    this.#step((client) => writeInfo(client, keys, changes, added));
  }

  #end(event: ScanEndedEvent): void {
    this.#writeInfo(event.info, ({ end }) => ({
      stream: end,
      fields: encodeEndScan(event.time, exceptionText(event)),
    }));
    const { dataTtl, nodeTtl } = this.#options;
    const above = this.#above.map((dbName) => ({ dbName, type: "container" as const }));
    // with the data policy these live until the dataset is closed: see expireContainers
    const kept = this.#hasDataPolicy ? [] : [...above, ...(this.#scanNode ? [this.#scanNode] : [])].flatMap(keysOf);
    const below = [...new Set(this.#below.flatMap(keysOf))];
    this.#step(async (client) => {
      this.#living.abort(new Error("the end is written"));
      await expireScript.run(client, below, [String(dataTtl)]);
      await expireScript.run(client, kept, [String(nodeTtl)]);
    });
  }

  #step(send: QueuedWrite["send"]): void {
    this.#queue.add({ bytes: stepBytes, send });
  }

  #reportOutage(reason: Error | undefined): void {
    const error = this.#error(
      `Redis at ${this.#address} has not answered for ${this.#options.outageLimit} s${reason ? ` (${reason.message})` : ""}: check that the server runs and is not overloaded`,
      reason,
    );
    this.#isOut = true;
    this.#outage.reject(error);
    this.#context.fail(error);
  }

  #explain(error: unknown): PublisherError {
    if (error instanceof PublisherError) return error;
    const message = errorMessage(error);
    if (message.startsWith(scanLost)) {
      return this.#error(
        `Redis at ${this.#address} has lost ${this.#keys?.struct}: the server came back empty, or its memory is too small and it evicted the scan`,
        error,
      );
    }
    if (message.startsWith(scanDead)) {
      const silence = message.slice(scanDead.length + 1);
      return this.#error(
        `${this.#keys?.struct} was declared dead after ${silence} s without a sign of life at Redis at ${this.#address}: this process was frozen or cut off; readers have seen the scan end, nothing more is written`,
        error,
      );
    }
    return this.#error(`Redis at ${this.#address} cannot take the scan: ${message}`, error);
  }

  #error(message: string, cause?: unknown): PublisherError {
    return new PublisherError(message, { scan: this.#keys?.struct, address: this.#address, cause });
  }
}

/** What readers show as the end of a scan: the text of a Python class. */
function exceptionText({ reason, error }: ScanEndedEvent): string {
  switch (reason) {
    case "SUCCESS":
      return "";
    case "USER_ABORT":
      return "<class 'bliss.scanning.scan.ScanAbort'>";
    case "FAILURE":
      return `<class 'beamtime.${error?.name ?? "Error"}'>`;
  }
}
