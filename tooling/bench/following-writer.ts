/** The writing process of the following benchmark. usage: following-writer.js SOCKET SCANS, begins when stdin ends */
import { redisPublisher } from "@beamtime/publisher";
import { connectRedis } from "@beamtime/redis";
import { stepScan } from "./step-scan.js";

const [path = "", scans = "0"] = process.argv.slice(2);
await using connection = await connectRedis({ path });
await new Promise((resolve) => process.stdin.on("end", resolve).resume());
const sinks = [redisPublisher(connection)];
for (let index = 0; index < Number(scans); index++) await stepScan({ npoints: 2, counters: 2, sinks }).run();
