import {
  AcquisitionChain,
  AcquisitionChannel,
  type AcquisitionContext,
  AcquisitionSlave,
  memoryScanSaving,
  Scan,
  type ScanOptions,
  SoftwareTimerMaster,
} from "@beamtime/core";
import { decodeInfo } from "@beamtime/protocol";
import { PublisherError, type PublisherOptions, PublisherOverflowError, redisPublisher } from "@beamtime/publisher";
import { startTestRedis, type TestRedis } from "@beamtime/testing";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";

let redis: TestRedis;

beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.stop());
beforeEach(() => redis.flush());

/** Emits a spectrum at each trigger, or, when it runs freely, as fast as it can. */
class Detector extends AcquisitionSlave {
  readonly spectrum = new AcquisitionChannel("detector:spectrum", "uint32", [1000]);
  readonly #onPoint: (index: number) => void;
  #index = 0;
  stopped = 0;

  constructor(onPoint: (index: number) => void = () => {}) {
    super({ name: "detector" });
    this.channels.push(this.spectrum);
    this.#onPoint = onPoint;
  }

  prepare(): void {}
  start(): void {}

  override trigger(): void {
    this.#onPoint(this.#index);
    this.spectrum.emit(new Uint32Array(1000).fill(this.#index++));
  }

  stop(): void {
    this.stopped += 1;
  }
}

/** Runs by itself: each reading emits without looking at anything but its end. */
class FreeDetector extends Detector {
  override async reading({ signal }: AcquisitionContext): Promise<void> {
    while (this.stopped === 0 && !signal.aborted) {
      super.trigger();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  override trigger(): void {}
}

function scanOf(detector: Detector, npoints: number, publisher: PublisherOptions, options: ScanOptions = {}): Scan {
  const chain = new AcquisitionChain();
  chain.add(new SoftwareTimerMaster(0, { npoints }), detector);
  const sinks = [redisPublisher(redis.connection, publisher)];
  return new Scan(chain, {
    name: "test",
    sinks,
    scanSaving: memoryScanSaving({ parentPath: ["demo", "tmp"] }),
    ...options,
  });
}

const node = "demo:tmp:1_test";

async function stateInRedis(): Promise<unknown> {
  return decodeInfo(await redis.connection.client.hgetallBuffer(`${node}_info`)).values["state"];
}

it("publishes a scan of the engine", async () => {
  const detector = new Detector();
  await scanOf(detector, 5, {}).run();
  const { client } = redis.connection;
  const entries = await client.xrange(`${node}:timer:detector:spectrum_data`, "-", "+");
  const npoints = entries.map(([, fields]) => Number(fields[fields.indexOf("__NPOINTS__") + 1]));
  expect(npoints.reduce((sum, count) => sum + count, 0)).toBe(5);
  expect(await client.xlen(`${node}_prepared`)).toBe(1);
  expect(await client.xlen(`${node}_end`)).toBe(1);
  expect(await stateInRedis()).toBe("DONE");
});

it("lets a step scan wait for a slow server, and go on", async () => {
  let last = -1;
  const detector = new Detector((index) => {
    last = index;
    if (index === 3) redis.server.pause();
  });
  const running = scanOf(detector, 200, { highWater: 50_000 }).run();
  let before: number;
  do {
    before = last;
    for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
  } while (last < 3 || last !== before);
  expect(last).toBeLessThan(50);
  redis.server.resume();
  await running;
  expect(last).toBe(199);
});

it("aborts a scan when the server is out for too long: devices stopped, the error told", async () => {
  const detector = new Detector((index) => {
    if (index === 3) redis.server.pause();
  });
  const scan = scanOf(detector, 200, { highWater: 50_000, outageLimit: 0.3 });
  await expect(scan.run()).rejects.toBeInstanceOf(PublisherError);
  redis.server.resume();
  expect(detector.stopped).toBe(1);
  expect(scan.state).toBe("KILLED");
});

it("aborts a free-running scan that outruns the server, and still publishes its end", async () => {
  const detector = new FreeDetector((index) => {
    if (index === 3) redis.server.pause();
  });
  const scan = scanOf(detector, 0, { highWater: 50_000, bufferLimit: 200_000 });
  const running = expect(scan.run()).rejects.toBeInstanceOf(PublisherOverflowError);
  await scan.waitState("STOPPING");
  redis.server.resume();
  await running;
  expect(detector.stopped).toBe(1);
  const [end] = await redis.connection.client.xrange(`${node}_end`, "-", "+");
  expect(end?.[1].join(" ")).toContain("<class 'beamtime.PublisherOverflowError'>");
  expect(await stateInRedis()).toBe("KILLED");
});

it("publishes a scan that the user aborts", async () => {
  const abort = new AbortController();
  const detector = new Detector((index) => {
    if (index === 3) abort.abort();
  });
  await expect(scanOf(detector, 200, {}).run({ signal: abort.signal })).rejects.toThrow("aborted");
  const [end] = await redis.connection.client.xrange(`${node}_end`, "-", "+");
  expect(end?.[1].join(" ")).toContain("<class 'bliss.scanning.scan.ScanAbort'>");
  expect(await stateInRedis()).toBe("USER_ABORTED");
});
