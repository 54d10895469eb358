import { VirtualClock } from "@beamtime/concurrency";
import { AcquisitionChain, Scan, SoftwareTimerMaster } from "@beamtime/core";
import type { Counter, SamplingCounter } from "@beamtime/counters";
import { describe, expect, it } from "vitest";
import { edgeCounter, gaussianCounter } from "./axis-counters.js";
import { RandomSource } from "./random-source.js";
import { simulatedAxis } from "./simulated-axis.js";
import { simulatedDiode } from "./simulated-diode.js";
import { simulatedIntegratingDiode } from "./simulated-integrating-diode.js";
import { SimulatedMca } from "./simulated-mca.js";

async function read(clock: VirtualClock, counter: SamplingCounter): Promise<number> {
  const [value = Number.NaN] = await clock.run(counter.controller.readAll([counter], {}));
  return value;
}

/** Counts `npoints` times and gives the scan. */
async function count(clock: VirtualClock, counters: readonly Counter[], countTime: number, npoints: number) {
  const chain = new AcquisitionChain();
  const timer = new SoftwareTimerMaster(countTime, { npoints });
  const [first] = counters;
  if (first) chain.add(timer, first.controller.createAcquisitionObject(counters, { countTime, npoints }));
  const scan = new Scan(chain, { clock });
  await clock.run(scan.run());
  return scan;
}

describe("random numbers", () => {
  it("are the same for the same seed, and others for another", () => {
    const take = (seed: number | string) => {
      const random = new RandomSource(seed);
      return Array.from({ length: 5 }, () => random.normal());
    };
    expect(take(1)).toEqual(take(1));
    expect(take("diode")).toEqual(take("diode"));
    expect(take(1)).not.toEqual(take(2));
    expect(take("diode")).not.toEqual(take("diode2"));
  });

  it("have the mean and the width that they should", () => {
    const random = new RandomSource(7);
    const normal = Array.from({ length: 20_000 }, () => random.normal());
    const mean = normal.reduce((a, b) => a + b) / normal.length;
    const variance = normal.reduce((sum, value) => sum + (value - mean) ** 2, 0) / normal.length;
    expect(mean).toBeCloseTo(0, 1);
    expect(variance).toBeCloseTo(1, 1);
  });
});

describe("a simulated diode", () => {
  it("shows a constant, or noise from 0 to 100", async () => {
    const clock = new VirtualClock();
    expect(await read(clock, simulatedDiode({ name: "d", constant: 42, clock }))).toBe(42);
    const noisy = simulatedDiode({ name: "d", seed: 1, clock });
    const values = [];
    for (let i = 0; i < 100; i++) values.push(await read(clock, noisy));
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(100);
    expect(new Set(values).size).toBe(100);
  });

  it("takes its time to answer", async () => {
    const clock = new VirtualClock();
    await read(clock, simulatedDiode({ name: "d", latency: 0.25, clock }));
    expect(clock.now()).toBe(0.25);
  });

  it("integrates its rate over the count time, as a counter card does", async () => {
    const clock = new VirtualClock();
    const scan = await count(clock, [simulatedIntegratingDiode({ name: "i", constant: 30, clock })], 0.5, 3);
    expect(scan.getData("i")).toEqual(Float64Array.of(15, 15, 15));
    expect(clock.now()).toBeCloseTo(1.5, 2);
  });
});

describe("counters that follow an axis", () => {
  it("have a peak where they should, also read in flight", async () => {
    const clock = new VirtualClock();
    const axis = simulatedAxis({ name: "m", velocity: 1, acceleration: 1000, clock });
    const peak = gaussianCounter({ name: "g", axis, mu: 2, sigma: 0.5, height: 10, background: 1, clock });
    expect(await read(clock, peak)).toBeCloseTo(1 + 10 * Math.exp(-8), 9);
    const move = axis.move(4);
    await clock.advance(2.0005);
    const [inFlight] = await peak.controller.readAll([peak], {});
    expect(inFlight).toBeCloseTo(11, 5);
    await clock.run(move);
  });

  it("rise or fall at an edge", async () => {
    const clock = new VirtualClock();
    const axis = simulatedAxis({ name: "m", clock });
    const options = { axis, center: 1, height: 8, clock };
    const rising = edgeCounter({ ...options, name: "up", width: 0.1 });
    const falling = edgeCounter({ ...options, name: "down", width: -0.1 });
    const seen = [];
    for (const position of [0, 1, 2]) {
      await clock.run(axis.move(position));
      seen.push([await read(clock, rising), await read(clock, falling)]);
    }
    expect(seen.flat().map((value) => Math.round(value * 1000) / 1000)).toEqual([0, 8, 4, 4, 8, 0]);
  });

  it("have noise as wide as asked", async () => {
    const clock = new VirtualClock();
    const axis = simulatedAxis({ name: "m", clock });
    const counter = gaussianCounter({ name: "g", axis, height: 100, noise: 0.02, seed: 3, clock });
    const values = [];
    for (let i = 0; i < 2000; i++) values.push((await read(clock, counter)) - 100);
    const variance = values.reduce((sum, value) => sum + value * value, 0) / values.length;
    expect(Math.sqrt(variance)).toBeCloseTo(2, 0);
  });
});

describe("a simulated multi-channel analyser", () => {
  it("gives one spectrum per point, with as many events as its rate", async () => {
    const clock = new VirtualClock();
    const mca = new SimulatedMca({ name: "simu1", clock, seed: 5 });
    const scan = await count(clock, mca.counters, 0.5, 2);
    const spectra = scan.getData("spectrum_det0");
    expect(spectra).toMatchObject({ shape: [2, 1024], dtype: "uint32" });
    expect(scan.getData("realtime_det0")).toEqual(Float64Array.of(0.5, 0.5));
    const { data } = spectra as { data: Uint32Array }; // points with a shape
    const first = data.subarray(0, 1024);
    expect((scan.getData("events_det0") as BigInt64Array)[0]).toBe(BigInt(first.reduce((a, b) => a + b)));
    expect(first.reduce((a, b) => a + b)).toBeGreaterThan(45_000);
    expect(first.reduce((a, b) => a + b)).toBeLessThan(55_000);
    expect(first.indexOf(Math.max(...first))).toBeCloseTo(0.3 * 1024, -1);
    expect(first).not.toEqual(data.subarray(1024));
    expect(scan.getData("spectrum_det3")).not.toEqual(spectra);
  });

  it("tells how busy each detector was", async () => {
    const clock = new VirtualClock();
    const mca = new SimulatedMca({ name: "simu1", clock, detectors: 2, rate: 7e4 });
    const scan = await count(clock, mca.counters, 0.5, 1);
    const value = (name: string): number => Number((scan.getData(`${name}_det1`) as ArrayLike<number | bigint>)[0]);
    expect(value("trigger_livetime")).toBeCloseTo(0.45, 10);
    expect(value("energy_livetime")).toBeCloseTo(0.35, 10);
    expect(value("ocr")).toBe(value("events") / 0.5);
    expect(value("icr")).toBe(value("triggers") / value("trigger_livetime"));
    expect(value("icr")).toBeGreaterThan(0.95e5);
    expect(value("deadtime")).toBeCloseTo(0.3, 4);
    expect(mca.counters).toHaveLength(18);
  });
});
