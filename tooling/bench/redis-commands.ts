import {
  type ChannelDescription,
  channelDataEncoder,
  channelEntryId,
  encodeChannelData,
  encodeDescription,
} from "@beamtime/protocol";
import type { RedisConnection } from "@beamtime/redis";
import { Redis } from "ioredis";
import { type Measurement, measure } from "./rounds.js";

type Client = RedisConnection["client"];

/** A command as it goes to the server: its name, then its arguments. */
export type RedisCommand = readonly [name: string, ...args: (string | number | Buffer)[]];

/** All commands that clients of this process send while `work` runs, without those that make a connection. */
export async function recordCommands(work: () => Promise<unknown>): Promise<RedisCommand[]> {
  const recorded: RedisCommand[] = [];
  // kept to be put back, and called on the client that it is called on
  const send = Redis.prototype.sendCommand; // oxlint-disable-line typescript/unbound-method
  Redis.prototype.sendCommand = function (command, ...rest) {
    const { name, args } = command;
    if (!["info", "select", "client", "hello", "quit"].includes(name)) {
      recorded.push([name, ...args.flat().map((arg) => (Buffer.isBuffer(arg) ? Buffer.from(arg) : String(arg)))]);
    }
    return send.call(this, command, ...rest);
  };
  try {
    await work();
  } finally {
    Redis.prototype.sendCommand = send;
  }
  return recorded;
}

/** One XADD for each value that is in the channels of the server's database: what its scans cost uncoalesced. */
export async function valueCommands(client: Client): Promise<RedisCommand[]> {
  const streams = await client.keys("*_data");
  const channels = await Promise.all(streams.map(async (key) => ({ key, npoints: await pointsIn(client, key) })));
  const description: ChannelDescription = { dtype: "float64", shape: [], reference: false, unit: null };
  const encoder = channelDataEncoder(description.dtype, description.shape);
  const described = encodeDescription(description);
  const commands: RedisCommand[] = [];
  const longest = Math.max(...channels.map(({ npoints }) => npoints));
  for (let point = 0; point < longest; point++) {
    for (const { key, npoints } of channels) {
      if (point >= npoints) continue;
      const fields = encodeChannelData(described, 1, encoder.encode(Float64Array.of(point), 0, 1));
      commands.push(["xadd", key, channelEntryId(point), ...fields.map(argument)]);
    }
  }
  return commands;
}

/** Sends commands with pipelines of a thousand on an empty database, the least that ioredis can do. */
export async function sendCommands(client: Client, commands: readonly RedisCommand[]): Promise<Measurement> {
  await client.flushall();
  return measure(async () => {
    for (let from = 0; from < commands.length; from += 1000) {
      const pipeline = client.pipeline();
      for (const [name, ...args] of commands.slice(from, from + 1000)) pipeline.call(name, ...args);
      await pipeline.exec();
    }
  });
}

async function pointsIn(client: Client, key: string): Promise<number> {
  const [last] = await client.xrevrange(key, "+", "-", "COUNT", 1);
  if (!last) return 0;
  const [id, fields] = last;
  return Number(id.split("-")[0]) - 1 + Number(fields[fields.indexOf("__NPOINTS__") + 1]);
}

function argument(field: string | Uint8Array): string | Buffer {
  return typeof field === "string" ? field : Buffer.from(field);
}
