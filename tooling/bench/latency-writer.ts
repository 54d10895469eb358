/** The writing process of the latency benchmark. usage: latency-writer.js scan|bare SOCKET POINTS, begins when stdin ends */
import { setTimeout as pause } from "node:timers/promises";
import {
  AcquisitionChain,
  AcquisitionChannel,
  AcquisitionSlave,
  Container,
  Scan,
  SoftwareTimerMaster,
} from "@beamtime/core";
import { redisPublisher } from "@beamtime/publisher";
import { connectRedis } from "@beamtime/redis";
import { monotonic } from "./monotonic.js";

/** Seconds between two points: the writer is idle when the next one comes. */
const period = 0.002;

/** Emits the time. */
class Stamp extends AcquisitionSlave {
  readonly #sent = new AcquisitionChannel("latency:sent", "float64");

  constructor(npoints: number) {
    super({ name: "latency", npoints, prepareOnce: true, startOnce: true });
    this.channels.push(this.#sent);
  }

  prepare(): void {}
  start(): void {}
  override trigger(): void {
    this.#sent.emit(monotonic());
  }
  stop(): void {}
}

const [kind, path = "", points = "0"] = process.argv.slice(2);
const npoints = Number(points);
await using connection = await connectRedis({ path });
await new Promise((resolve) => process.stdin.on("end", resolve).resume());
if (kind === "scan") {
  const chain = new AcquisitionChain();
  chain.add(new SoftwareTimerMaster(period, { npoints }), new Stamp(npoints));
  const parent = new Container(`round${process.pid}`, new Container("latency"));
  await new Scan(chain, { parent, save: false, sinks: [redisPublisher(connection)] }).run();
} else {
  for (let point = 0; point < npoints; point++) {
    await connection.client.xadd("bare", "*", "sent", String(monotonic()));
    await pause(period * 1000);
  }
}
