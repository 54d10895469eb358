// A program of its own: a scan without end, published to the Redis whose socket is given, which tells each point.
import { writeSync } from "node:fs";
import {
  AcquisitionChain,
  AcquisitionChannel,
  AcquisitionSlave,
  memoryScanSaving,
  Scan,
  SoftwareTimerMaster,
} from "@beamtime/core";
import { redisPublisher } from "@beamtime/publisher";
import { connectRedis } from "@beamtime/redis";

class Reporter extends AcquisitionSlave {
  readonly #channel = new AcquisitionChannel("reporter:index", "float64", []);
  #index = 0;

  constructor() {
    super({ name: "reporter" });
    this.channels.push(this.#channel);
  }

  prepare(): void {}
  start(): void {}
  stop(): void {}

  override trigger(): void {
    writeSync(1, `point ${this.#index}\n`);
    this.#channel.emit(Float64Array.of(this.#index++));
  }
}

const [, , socket = "", heartbeat = ""] = process.argv;
const connection = await connectRedis(socket);
const chain = new AcquisitionChain();
chain.add(new SoftwareTimerMaster(0.02, { npoints: 0 }), new Reporter());
const scan = new Scan(chain, {
  name: "endless",
  sinks: [redisPublisher(connection, { heartbeat: Number(heartbeat) })],
  scanSaving: memoryScanSaving({ parentPath: ["demo", "tmp"] }),
});
try {
  await scan.run();
} catch (error) {
  writeSync(1, `failed ${String(error)}\n`);
}
await connection.close();
