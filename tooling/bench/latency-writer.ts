/**
 * The writing process of the latency benchmark: at each point it writes the time, after values of some other channels.
 * usage: latency-writer.js scan|bare SOCKET POINTS CHANNELS, begins when stdin ends
 */
import { setTimeout as pause } from "node:timers/promises";
import {
  AcquisitionChain,
  AcquisitionChannel,
  type AcquisitionContext,
  AcquisitionMaster,
  Container,
  Scan,
} from "@beamtime/core";
import { redisPublisher } from "@beamtime/publisher";
import { connectRedis } from "@beamtime/redis";
import { monotonic } from "./monotonic.js";

/** Seconds between two points: the writer is idle when the next one comes. */
const period = 0.002;

/** Emits on all its channels, the time on the last one. */
class Stamp extends AcquisitionMaster {
  constructor(npoints: number, nchannels: number) {
    super({ name: "latency", npoints });
    for (let index = 1; index < nchannels; index++) {
      this.channels.push(new AcquisitionChannel(`latency:other${index}`, "float64"));
    }
    this.channels.push(new AcquisitionChannel("latency:sent", "float64"));
  }

  override *iterations(): Generator<number> {
    for (let index = 0; index < this.npoints; index++) yield index;
  }

  prepare(): void {}

  async start({ clock, signal }: AcquisitionContext): Promise<void> {
    const now = monotonic();
    for (const channel of this.channels) channel.emit(now);
    await clock.sleep(period, { signal });
  }

  stop(): void {}
}

const [kind, path = "", points = "0", channels = "1"] = process.argv.slice(2);
const npoints = Number(points);
await using connection = await connectRedis({ path });
await new Promise((resolve) => process.stdin.on("end", resolve).resume());
if (kind === "scan") {
  const chain = new AcquisitionChain();
  chain.add(new Stamp(npoints, Number(channels)));
  const parent = new Container(`round${process.pid}`, new Container("latency"));
  await new Scan(chain, { parent, save: false, sinks: [redisPublisher(connection)] }).run();
} else {
  for (let point = 0; point < npoints; point++) {
    const now = String(monotonic());
    const pipeline = connection.client.pipeline();
    for (let index = 1; index <= Number(channels); index++) pipeline.xadd(`bare${index}`, "*", "sent", now);
    await pipeline.exec();
    await pause(period * 1000);
  }
}
