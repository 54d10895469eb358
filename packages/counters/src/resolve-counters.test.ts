import { describe, expect, it } from "vitest";
import { MeasurementGroup } from "./measurement-group.js";
import { type CounterSource, resolveCounters } from "./resolve-counters.js";
import { SamplingCounter } from "./sampling-counter.js";
import { SamplingCounterController } from "./sampling-counter-controller.js";

class Constant extends SamplingCounterController {
  override async readAll(counters: readonly SamplingCounter[]): Promise<readonly number[]> {
    return counters.map(() => 1);
  }
}

const controller = new Constant({ name: "ctrl" });
const [a, b, c] = ["diode1", "diode2", "temp"].map((name) => new SamplingCounter(controller, { name })) as [
  SamplingCounter,
  SamplingCounter,
  SamplingCounter,
];

describe("resolveCounters", () => {
  it("flattens controllers and groups, each counter once, in the order given", () => {
    const group = new MeasurementGroup("align", [c, a]);
    expect(resolveCounters([b, group, controller])).toEqual([b, c, a]);
    expect(resolveCounters([controller, b])).toEqual([a, b, c]);
  });

  it("refuses what is no counter, and tells which", () => {
    const bad =
      (...values: unknown[]) =>
      () =>
        resolveCounters(values as CounterSource[]); // what a prompt may give
    expect(bad(a, "diode")).toThrow("counters[1] is the text 'diode'; expected a counter, a counter controller or");
    expect(bad(undefined)).toThrow("counters[0] is undefined; expected");
    expect(bad(new Date())).toThrow("counters[0] is an object of class Date; expected");
    expect(bad(3)).toThrow("counters[0] is a number; expected");
  });

  it("refuses to count nothing", () => {
    const group = new MeasurementGroup("align", [a]);
    group.disable("*");
    for (const sources of [[], [group]]) {
      expect(() => resolveCounters(sources)).toThrow("No counters for scan. Hint: are all counters disabled ?");
    }
  });
});

describe("a measurement group", () => {
  it("enables and disables by wildcard, in its own order", () => {
    const group = new MeasurementGroup("align", [a, b, c]);
    group.disable("diode*");
    expect(group.counters).toEqual([c]);
    group.enable("ctrl:diode?");
    expect(group.counters).toEqual([a, b, c]);
    group.disable("diode2", "temp");
    expect(group.counters).toEqual([a]);
    expect(group.available).toEqual([a, b, c]);
  });

  it("refuses a pattern that finds nothing, and changes nothing then", () => {
    const group = new MeasurementGroup("align", [a, b]);
    expect(() => group.disable("diode1", "camera*")).toThrow(
      "align has no counter 'camera*': expected one of diode1, diode2",
    );
    expect(group.counters).toEqual([a, b]);
  });
});

it("refuses two counters of one name in one controller", () => {
  const own = new Constant({ name: "own" });
  new SamplingCounter(own, { name: "x" });
  expect(() => new SamplingCounter(own, { name: "x" })).toThrow("own has a counter x already");
  expect(() => {
    own.maxSamplingFrequency = 0;
  }).toThrow("maxSamplingFrequency of own is 0; expected Hz, more than 0, or null for no limit");
});
