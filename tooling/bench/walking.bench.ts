/** Walking a session of 200 scans of 5 channels. */
import { connect } from "@beamtime/data";
import { redisPublisher } from "@beamtime/publisher";
import { connectRedis } from "@beamtime/redis";
import { startRedisServer } from "@beamtime/redis/server";
import { report } from "./figure.js";
import { measure, rounds } from "./rounds.js";
import { stepScan } from "./step-scan.js";

const scans = 200;
const channels = 5;
await using server = await startRedisServer();
await using connection = await connectRedis(server.target);
await using store = await connect({ redis: server.target });

// the axis, two of the timer, and two counters
const options = { npoints: 10, counters: 2, sinks: [redisPublisher(connection)] };
for (let index = 0; index < scans; index++) await stepScan(options).run();

async function walk(): Promise<void> {
  const session = await store.getSessionNode("bench");
  let seen = 0;
  for await (const node of session.walk({ filter: "channel", wait: false })) if (node.type === "channel") seen += 1;
  if (seen !== scans * channels) throw new Error(`${seen} channels were seen, expected ${scans * channels}`);
}

const { walked } = await rounds(5, { walked: () => measure(walk) });
report({
  ...{ name: `walking ${scans} scans of ${channels} channels`, unit: "s", value: walked.wall },
  ...{ reference: 0.37, beside: "the Python reader, on a 2-core machine", target: 1, better: "lower" },
});
