/** Reading a million values of one channel, that were written in blocks of several lengths. */
import { ChannelNode, connect } from "@beamtime/data";
import { channelDataEncoder, channelEntryId, encodeChannelData, encodeDescription, nodeKeys } from "@beamtime/protocol";
import { redisPublisher } from "@beamtime/publisher";
import { connectRedis } from "@beamtime/redis";
import { startRedisServer } from "@beamtime/redis/server";
import { report } from "./figure.js";
import { measure, rounds } from "./rounds.js";
import { stepScan } from "./step-scan.js";

const total = 1_000_000;
await using server = await startRedisServer();
await using connection = await connectRedis(server.target);
await using store = await connect({ redis: server.target });
const { client } = connection;

const scan = await stepScan({ npoints: 1, sinks: [redisPublisher(connection)] }).run();
const dbName = `${scan.dbName}:axis:roby`;
const key = nodeKeys(dbName).data;

/** Fills the channel with entries of `block` points. */
async function write(block: number): Promise<void> {
  const description = Buffer.from(encodeDescription({ dtype: "float64", shape: [], unit: null, reference: false }));
  const encoder = channelDataEncoder("float64", []);
  const values = Float64Array.from({ length: block }, (_, index) => index);
  await client.del(key);
  for (let first = 0; first < total; ) {
    const pipeline = client.pipeline();
    for (let sent = 0; sent < 1000 && first < total; sent++, first += block) {
      const fields = encodeChannelData(description, block, encoder.encode(values, 0, block));
      const args = fields.map((field) => (typeof field === "string" ? field : Buffer.from(field)));
      pipeline.xadd(key, channelEntryId(first), ...args);
    }
    await pipeline.exec();
  }
}

/** Bare ioredis: fetches the entries, and does nothing with them. */
async function fetchEntries(): Promise<void> {
  for (let from = "-"; ; ) {
    const entries = await client.xrangeBuffer(key, from, "+", "COUNT", 1000);
    const last = entries.at(-1)?.[0];
    if (!last) return;
    from = `(${last.toString()}`;
  }
}

const node = await store.getNode(dbName);
if (!(node instanceof ChannelNode)) throw new Error(`${dbName} is no channel`);

async function readValues(node: ChannelNode): Promise<void> {
  const { data } = await node.get(0, -1);
  if (data.length !== total) throw new Error(`${data.length} values were read, expected ${total}`);
}

for (const { block, target, count } of [
  { block: 1, target: 0.6, count: 5 },
  { block: 100, target: 0.8, count: 40 },
  { block: 10_000, target: 0.8, count: 40 },
]) {
  await write(block);
  const cost = await rounds(count, {
    read: () => measure(() => readValues(node)),
    fetched: () => measure(fetchEntries),
  });
  report({
    ...{ name: `reading, blocks of ${block}`, unit: "values/s", value: total / cost.read.wall },
    ...{ reference: total / cost.fetched.wall, beside: "bare XRANGE", target, better: "higher" },
  });
}
