// A scan tool of one's own: core, counters and publisher, no motors and no files. usage: node scan-tool.js REDIS
import { AcquisitionChain, Container, Scan, SoftwareTimerMaster } from "@beamtime/core";
import { SamplingCounter, SamplingCounterAcquisitionSlave, SamplingCounterController } from "@beamtime/counters";
import { redisPublisher } from "@beamtime/publisher";
import { connectRedis } from "@beamtime/redis";

class Ramp extends SamplingCounterController {
  readonly level = new SamplingCounter(this, { name: "level", unit: "V", mode: "SINGLE" });
  #reading = 0;

  constructor() {
    super({ name: "ramp" });
  }

  override async readAll(counters: readonly SamplingCounter[]): Promise<readonly number[]> {
    this.#reading += 1;
    return counters.map(() => this.#reading);
  }
}

const [redis = ""] = process.argv.slice(2);
await using connection = await connectRedis(redis);
const chain = new AcquisitionChain();
const counting = { countTime: 0.001, npoints: 5 };
chain.add(
  new SoftwareTimerMaster(counting.countTime, counting),
  new SamplingCounterAcquisitionSlave([new Ramp().level], counting),
);
const scan = new Scan(chain, { parent: new Container("tool"), save: false, sinks: [redisPublisher(connection)] });
await scan.run();
console.log(JSON.stringify({ dbName: scan.dbName, level: Array.from(scan.getData()["level"] as Iterable<number>) }));
