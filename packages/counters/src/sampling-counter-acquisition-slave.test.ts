import { VirtualClock } from "@beamtime/concurrency";
import { AcquisitionChain, type ChannelBlock, Scan, SoftwareTimerMaster } from "@beamtime/core";
import { describe, expect, it } from "vitest";
import { SamplingCounter } from "./sampling-counter.js";
import { SamplingCounterAcquisitionSlave } from "./sampling-counter-acquisition-slave.js";
import { SamplingCounterController } from "./sampling-counter-controller.js";
import type { SamplingMode } from "./sampling-mode.js";

/** Reads 1, 2, 3, … for each counter; each reading of all takes `latency`. */
class CountingController extends SamplingCounterController {
  reads = 0;
  readonly times: number[] = [];
  readonly #clock: VirtualClock;
  readonly #latency: number;

  constructor(clock: VirtualClock, maxSamplingFrequency: number | null = null, latency = 0.1) {
    super({ name: "ctrl", maxSamplingFrequency });
    this.#clock = clock;
    this.#latency = latency;
  }

  override async readAll(
    counters: readonly SamplingCounter[],
    options: { signal?: AbortSignal | undefined },
  ): Promise<readonly number[]> {
    this.times.push(this.#clock.now());
    if (this.#latency > 0) await this.#clock.sleep(this.#latency, options);
    const value = ++this.reads;
    return counters.map(() => value);
  }
}

interface Run {
  readonly clock: VirtualClock;
  readonly controller: CountingController;
  readonly counters: readonly SamplingCounter[];
  readonly countTime: number | readonly number[];
  readonly npoints?: number;
}

async function run({ clock, counters, countTime, npoints = 1 }: Run): Promise<Record<string, (number | number[])[]>> {
  const slave = new SamplingCounterAcquisitionSlave(counters, { countTime, npoints });
  const points: Record<string, (number | number[])[]> = {};
  for (const channel of slave.channels) {
    const list: (number | number[])[] = [];
    points[channel.fullname] = list;
    channel.onData(({ data, pointShape }: ChannelBlock) => {
      const values = Array.from(data, Number);
      if (pointShape.length > 0) list.push(values);
      else list.push(...values);
    });
  }
  const chain = new AcquisitionChain();
  chain.add(new SoftwareTimerMaster(0, { npoints }), slave);
  await clock.run(new Scan(chain, { clock }).run());
  return points;
}

function setUp(modes: readonly SamplingMode[], maxSamplingFrequency: number | null = null, latency = 0.1) {
  const clock = new VirtualClock();
  const controller = new CountingController(clock, maxSamplingFrequency, latency);
  const counters = modes.map((mode) => new SamplingCounter(controller, { name: mode.toLowerCase(), mode, unit: "V" }));
  return { clock, controller, counters };
}

describe("the sampling slave", () => {
  // readings of 0.1 s end at 0.1, 0.2, 0.3, 0.4 s: 1, 2, 3, 4
  const stats = {
    N: [4],
    std: [Math.sqrt(1.25)],
    var: [1.25],
    min: [1],
    max: [4],
    p2v: [3],
  };
  const modes: [SamplingMode, number, Record<string, (number | number[])[]>][] = [
    ["MEAN", 2.5, {}],
    ["STATS", 2.5, stats],
    ["SAMPLES", 2.5, { samples: [[1, 2, 3, 4]] }],
    ["LAST", 4, {}],
    ["INTEGRATE", 2.5 * 0.45, {}],
    [
      "INTEGRATE_STATS",
      2.5 * 0.45,
      {
        N: [4],
        std: [Math.sqrt(1.25) * 0.45],
        var: [1.25 * 0.45 ** 2],
        min: [0.45],
        max: [4 * 0.45],
        p2v: [3 * 0.45],
      },
    ],
  ];
  for (const [mode, value, extra] of modes) {
    it(`makes one point of the samples in mode ${mode}`, async () => {
      const { counters, ...rest } = setUp([mode]);
      const points = await run({ ...rest, counters, countTime: 0.45 });
      const name = `ctrl:${mode.toLowerCase()}`;
      const expected = Object.entries(extra).map(([suffix, values]) => [`${name}_${suffix}`, values]);
      expect(Object.keys(points)).toEqual([name, ...expected.map(([key]) => key)]);
      const rounded = (values: unknown): unknown =>
        JSON.parse(JSON.stringify(values), (_, v: unknown) => (typeof v === "number" ? Number(v.toPrecision(12)) : v));
      expect(rounded(points)).toEqual(rounded({ [name]: [value], ...Object.fromEntries(expected) }));
    });
  }

  it("reads once, whatever the count time, when all counters are SINGLE", async () => {
    const { counters, ...rest } = setUp(["SINGLE"]);
    expect(await run({ ...rest, counters, countTime: 5 })).toEqual({ "ctrl:single": [1] });
    expect(rest.controller.reads).toBe(1);
  });

  it("gives SINGLE counters the first sample when others need more", async () => {
    const { counters, ...rest } = setUp(["SINGLE", "LAST"]);
    expect(await run({ ...rest, counters, countTime: 0.45 })).toEqual({ "ctrl:single": [1], "ctrl:last": [4] });
  });

  it("takes one sample for a count time of 0", async () => {
    const { counters, ...rest } = setUp(["MEAN"]);
    expect(await run({ ...rest, counters, countTime: 0, npoints: 3 })).toEqual({ "ctrl:mean": [1, 2, 3] });
  });

  it("leaves all statistics but mean and N undefined for one sample", async () => {
    const { counters, ...rest } = setUp(["STATS"]);
    const points = await run({ ...rest, counters, countTime: 0 });
    expect(points["ctrl:stats"]).toEqual([1]);
    expect(points["ctrl:stats_N"]).toEqual([1]);
    for (const suffix of ["std", "var", "min", "max", "p2v"])
      expect(points[`ctrl:stats_${suffix}`]).toEqual([Number.NaN]);
  });

  it("keeps the statistics of the last point on the counter", async () => {
    const { counters, ...rest } = setUp(["MEAN"]);
    await run({ ...rest, counters, countTime: 0.45 });
    expect(counters[0]?.statistics).toMatchObject({
      mean: 2.5,
      N: 4,
      min: 1,
      max: 4,
      p2v: 3,
      var: 1.25,
      countTime: 0.45,
    });
    expect(counters[0]?.statistics?.timestamp).toBeCloseTo(1_700_000_000.4, 3);
  });

  it("reads no more often than the controller allows", async () => {
    const { counters, ...rest } = setUp(["SAMPLES"], 4);
    await run({ ...rest, counters, countTime: 1 });
    expect(rest.controller.times).toEqual([0, 0.25, 0.5, 0.75]);
  });

  it("takes one sample below 1 s by default", async () => {
    const clock = new VirtualClock();
    const controller = new CountingController(clock, undefined, 0);
    controller.maxSamplingFrequency = 1;
    const counters = [new SamplingCounter(controller, { name: "a" })];
    await run({ clock, controller, counters, countTime: 0.9 });
    expect(controller.reads).toBe(1);
    await run({ clock, controller, counters, countTime: 2 });
    expect(controller.reads).toBe(1 + 3);
  });

  it("ends early rather than late", async () => {
    const { counters, ...rest } = setUp(["LAST"]);
    await run({ ...rest, counters, countTime: 0.39 });
    expect(rest.controller.reads).toBe(3);
    expect(rest.clock.now()).toBeCloseTo(0.3, 9);
  });

  it("lets time pass when a device without limit answers at once", async () => {
    const { counters, ...rest } = setUp(["STATS"], null, 0);
    const points = await run({ ...rest, counters, countTime: 0.01 });
    expect(points["ctrl:stats_N"]?.[0]).toBeGreaterThan(50);
    expect(points["ctrl:stats_N"]?.[0]).toBeLessThanOrEqual(101);
  });

  it("takes a count time for each point", async () => {
    const { counters, ...rest } = setUp(["STATS"]);
    const points = await run({ ...rest, counters, countTime: [0.15, 0.35, 0], npoints: 3 });
    expect(points["ctrl:stats_N"]).toEqual([1, 3, 1]);
  });

  it("converts each sample", async () => {
    const { counters, ...rest } = setUp(["LAST"]);
    const [counter] = counters;
    if (counter) counter.conversion = (raw) => -2 * raw;
    expect(await run({ ...rest, counters, countTime: 0 })).toEqual({ "ctrl:last": [-2] });
  });

  it("tells files of what kind its channels are", () => {
    const { counters } = setUp(["STATS"]);
    const { channels } = new SamplingCounterAcquisitionSlave(counters, { countTime: 1, npoints: 1 });
    expect(channels.map(({ nexus, unit }) => [nexus?.dataset, unit])).toEqual([
      ["signal", "V"],
      ["N", "#"],
      ["std", "V"],
      ["var", "V^2"],
      ["min", "V"],
      ["max", "V"],
      ["p2v", "V"],
    ]);
    expect(channels[2]?.nexus).toEqual({
      deviceType: "samplingcounter",
      owner: "ctrl:stats",
      dataset: "std",
      info: { mode: "STATS" },
    });
  });

  it("fails the scan when the controller gives another number of values", async () => {
    const { counters, ...rest } = setUp(["MEAN", "LAST"]);
    rest.controller.readAll = async () => [1];
    await expect(run({ ...rest, counters, countTime: 1 })).rejects.toThrow("ctrl gave 1 values for 2 counters");
  });

  it("refuses counters of several controllers, none at all, and a bad count time", () => {
    const { counters } = setUp(["MEAN"]);
    const { counters: others } = setUp(["LAST"]);
    const options = { countTime: 1, npoints: 1 };
    expect(() => new SamplingCounterAcquisitionSlave([], options)).toThrow("no counter: expected at least one");
    expect(() => new SamplingCounterAcquisitionSlave([...counters, ...others], options)).toThrow(
      "ctrl:mean and ctrl:last belong to different controllers",
    );
    expect(() => new SamplingCounterAcquisitionSlave(counters, { countTime: -1, npoints: 1 })).toThrow(
      "countTime is -1; expected seconds, 0 or more",
    );
    expect(() => {
      // a user at the prompt may type anything
      for (const counter of counters) counter.mode = "MEDIAN" as SamplingMode;
    }).toThrow("mode of mean is MEDIAN; expected one of MEAN, STATS,");
  });

  it("stops reading when the scan is aborted", async () => {
    const { clock, controller, counters } = setUp(["MEAN"]);
    const chain = new AcquisitionChain();
    chain.add(
      new SoftwareTimerMaster(0),
      new SamplingCounterAcquisitionSlave(counters, { countTime: 100, npoints: 1 }),
    );
    const scan = new Scan(chain, { clock });
    const ended = scan.run().catch(() => "aborted");
    await clock.advance(1.05);
    scan.abort();
    expect(await clock.run(ended)).toBe("aborted");
    const { length } = controller.times;
    await clock.advance(10);
    expect(controller.times.length).toBe(length);
    expect(clock.sleepers).toBe(0);
  });
});
