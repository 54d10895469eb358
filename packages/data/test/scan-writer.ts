import {
  channelDataEncoder,
  channelEntryId,
  type DType,
  encodeChannelData,
  encodeDescription,
  encodeEndScan,
  encodeInfo,
  encodeNewNode,
  encodeNodeStruct,
  encodePreparedScan,
  type NodeType,
  nodeKeys,
  pyTuple,
} from "@beamtime/protocol";
import type { RedisConnection } from "@beamtime/redis";

type Client = RedisConnection["client"];

/** What Redis takes as an argument. */
type Argument = string | number | Buffer;

function bytesOf(fields: readonly (string | Uint8Array)[]): Argument[] {
  return fields.map((field) => (typeof field === "string" ? field : Buffer.from(field)));
}

/** Writes scans with bare commands, in the order of BLISS. */
export class ScanWriter {
  readonly client: Client;

  constructor({ client }: RedisConnection) {
    this.client = client;
  }

  /** Makes the nodes of a path `session:a:b`, those that exist apart. */
  async directory(path: string): Promise<string> {
    const parts = path.split(":");
    for (let depth = 1; depth <= parts.length; depth++) {
      const dbName = parts.slice(0, depth).join(":");
      if (await this.client.exists(dbName)) continue;
      await this.node(dbName, "container");
      if (depth > 1) await this.tell(dbName);
    }
    return path;
  }

  /** Makes a node that nobody sees yet, streams first. */
  async node(
    dbName: string,
    type: NodeType,
    { version = "v1.1", name = dbName.split(":").at(-1) ?? "" } = {},
  ): Promise<void> {
    const keys = nodeKeys(dbName);
    const isChannel = type === "channel" || type === "lima" || type === "node_ref_channel";
    const streams = isChannel
      ? [keys.data]
      : type === "scan" || type === "scan_group"
        ? [keys.children, keys.end, keys.prepared]
        : [keys.children];
    const commands = this.client.multi().hset(dbName, ...encodeNodeStruct({ nodeType: type, name, dbName }));
    for (const key of streams) commands.xadd(key, "0-1", "key", "value").xdel(key, "0-1");
    commands.hset(dbName, "version", version);
    if (dbName.includes(":")) commands.hset(dbName, "parent", parentOf(dbName));
    await commands.exec();
  }

  /** Announces a node to its parent. */
  async tell(dbName: string): Promise<void> {
    await this.client.xadd(nodeKeys(parentOf(dbName)).children, "*", ...bytesOf(encodeNewNode(dbName)));
  }

  /** Makes and announces a scan with its devices: `timer` with the first channel, below it `device` with the others. */
  async scan(
    parent: string,
    name: string,
    channels: number,
    { type = "scan" as "scan" | "scan_group" } = {},
  ): Promise<WrittenScan> {
    const scan = `${parent}:${name}`;
    await this.client.hset(
      `${scan}_info`,
      ...encodeInfo({ title: name, node_name: scan }).flatMap(([key, value]) => [key, Buffer.from(value)]),
    );
    await this.node(scan, type);
    await this.tell(scan);
    const [timer, device] = [`${scan}:timer`, `${scan}:timer:device`];
    const names = Array.from({ length: channels }, (_, index) => `${index === 0 ? timer : device}:c${index}`);
    for (const dbName of [timer, device]) await this.node(dbName, "None");
    for (const dbName of names) await this.channel(dbName);
    for (const dbName of [timer, ...names.slice(0, 1), device, ...names.slice(1)]) await this.tell(dbName);
    return new WrittenScan(this, scan, names);
  }

  async channel(dbName: string, dtype: DType = "float64", shape: readonly number[] = []): Promise<void> {
    const info = encodeInfo({ dtype, shape: pyTuple(shape), unit: null, fullname: dbName });
    await this.client.hset(`${dbName}_info`, ...info.flatMap(([key, value]) => [key, Buffer.from(value)]));
    await this.node(dbName, "channel", { name: `device:${dbName.split(":").at(-1)}` });
  }
}

/** A scan as far as it is written. */
export class WrittenScan {
  readonly dbName: string;
  readonly channels: readonly string[];
  /** Points that Redis has acknowledged, by channel. */
  readonly written: number[];
  /** Points that were sent, acknowledged or not. */
  readonly sent: number[];
  hasEnded = false;
  isEnding = false;
  readonly #writer: ScanWriter;
  readonly #description = { dtype: "float64", shape: [], unit: null, reference: false } as const;

  constructor(writer: ScanWriter, dbName: string, channels: readonly string[]) {
    this.#writer = writer;
    this.dbName = dbName;
    this.channels = channels;
    this.written = channels.map(() => 0);
    this.sent = channels.map(() => 0);
  }

  async prepare(): Promise<void> {
    await this.#writer.client.xadd(`${this.dbName}_prepared`, "*", ...bytesOf(encodePreparedScan(1)));
  }

  /** Writes points in one entry; the value of a point is its index. */
  async emit(channel: number, npoints: number, { maxlen }: { maxlen?: number } = {}): Promise<void> {
    const first = this.written[channel] ?? 0;
    const values = Float64Array.from({ length: npoints }, (_, index) => first + index);
    const data = channelDataEncoder("float64", []).encode(values, 0, npoints);
    const fields = bytesOf(encodeChannelData(encodeDescription(this.#description), npoints, data));
    this.sent[channel] = first + npoints;
    const trim = maxlen === undefined ? [] : ["MAXLEN", "=", maxlen];
    await this.#writer.client.call("XADD", `${this.channels[channel]}_data`, ...trim, channelEntryId(first), ...fields);
    this.written[channel] = first + npoints;
  }

  async end(exception = ""): Promise<void> {
    this.isEnding = true;
    await this.#writer.client.xadd(`${this.dbName}_end`, "*", ...bytesOf(encodeEndScan(2, exception)));
    this.hasEnded = true;
  }
}

function parentOf(dbName: string): string {
  return dbName.slice(0, dbName.lastIndexOf(":"));
}
