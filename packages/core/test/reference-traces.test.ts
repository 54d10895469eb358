import { describe, expect, it } from "vitest";
import { AcquisitionChain, AcquisitionError, type ScanEvent } from "../src/index.js";
import { Probe, referenceChain, runTraced, TracedMaster, TracedSlave } from "./traced-chain.js";

/** Groups in order; the members of one group in any order. Readings, which run beside, are looked at apart. */
function expectTrace(trace: readonly string[], groups: readonly string[]): void {
  const rest = trace.filter((entry) => !entry.endsWith(".reading") && !entry.startsWith("scanPreset"));
  const expected = groups.map((group) => group.split(" ").sort());
  const found = expected.map((group) => rest.splice(0, group.length).sort());
  expect(found).toEqual(expected);
  expect(rest).toEqual([]);
}

const ready = ["motor.waitReady", "timer.waitReady", "A.waitReady B.waitReady"];
const triggers = ["motor.trigger", "timer.trigger", "A.trigger B.trigger"];
const begin = [
  "motor.iter0",
  "timer.iter0",
  ...ready,
  "B.applyParameters A.applyParameters timer.applyParameters motor.applyParameters",
  "preset.prepare",
  "it0.prepare",
];
const prepares = ["A.prepare B.prepare", "timer.prepare", "motor.prepare"];
const starts = ["preset.start", "it0.start", "A.start B.start", "timer.start", "motor.start"];
const stops = ["preset.beforeStop", "motor.stop", "timer.stop", "A.stop B.stop", "preset.stop"];

function statesOf(events: readonly ScanEvent[]): string[] {
  return events.flatMap((event) => (event.type === "state" ? [event.state] : []));
}

describe.each([
  { parallelPrepare: false, phaseTime: undefined },
  { parallelPrepare: false, phaseTime: 0.1 },
  { parallelPrepare: true, phaseTime: undefined },
  { parallelPrepare: true, phaseTime: 0.1 },
])("a chain with parallelPrepare $parallelPrepare and phases of $phaseTime s", ({ parallelPrepare, phaseTime }) => {
  const preparation = parallelPrepare ? [prepares.join(" ")] : prepares;
  const prepareAgain = parallelPrepare
    ? ["B.prepare timer.prepare motor.prepare"]
    : ["B.prepare", "timer.prepare", "motor.prepare"];

  async function run(prepareProbe: (probe: Probe) => void = () => {}) {
    const probe = new Probe();
    probe.phaseTime = phaseTime;
    prepareProbe(probe);
    return runTraced(probe, referenceChain(probe, { parallelPrepare }));
  }

  it("goes through its phases in the recorded order", async () => {
    const { trace, error, scan, events } = await run();
    expect(error).toBeUndefined();
    expectTrace(trace, [
      ...begin,
      ...preparation,
      ...starts,
      ...triggers,
      ...ready,
      "motor.iter1",
      "timer.iter0",
      "it0.stop",
      "it1.prepare",
      ...prepareAgain,
      "it1.start",
      "B.start",
      "timer.start",
      "motor.start",
      ...triggers,
      ...ready,
      ...stops,
      "it1.stop",
    ]);
    expect(scan.state).toBe("DONE");
    expect(statesOf(events)).toEqual(["PREPARING", "STARTING", "STOPPING", "DONE"]);
  });

  it("starts a reading at start, and again at each trigger when the last one has ended", async () => {
    const { trace } = await run();
    const readingsOf = (name: string): number => trace.filter((entry) => entry === `${name}.reading`).length;
    // a reading that lasts is still going on when the first trigger comes
    expect(readingsOf("A")).toBe(3);
    expect(readingsOf("B")).toBe(4);
  });

  it("stops all after a failing trigger, and throws that error", async () => {
    const failure = new Error("no counts");
    const { trace, error, scan } = await run((probe) => probe.faults.set("B.trigger", () => Promise.reject(failure)));
    expect(error).toBe(failure);
    expect(scan.state).toBe("KILLED");
    expectTrace(trace, [...begin, ...preparation, ...starts, ...triggers, ...stops, "it0.stop"]);
  });

  it("stops all after a failing reading, at once", async () => {
    const failure = new Error("lost the detector");
    const { trace, error, scan } = await run((probe) => probe.faults.set("A.reading", () => Promise.reject(failure)));
    expect(error).toBe(failure);
    expect(scan.state).toBe("KILLED");
    expect(trace).not.toContain("motor.iter1");
    expect(trace.slice(trace.indexOf("preset.beforeStop"))).toEqual(
      expect.arrayContaining(["motor.stop", "timer.stop", "A.stop", "B.stop", "preset.stop", "it0.stop"]),
    );
  });

  it("stops all after a master that fails to start", async () => {
    const failure = new Error("axis fault");
    const { trace, error } = await run((probe) => probe.faults.set("motor.start", () => Promise.reject(failure)));
    expect(error).toBe(failure);
    expectTrace(trace, [...begin, ...preparation, ...starts, ...stops, "it0.stop"]);
  });

  it("goes on stopping the others when one fails to stop", async () => {
    const failure = new Error("does not answer");
    const { trace, error, scan } = await run((probe) => probe.faults.set("A.stop", () => Promise.reject(failure)));
    expect(error).toBe(failure);
    expect(scan.state).toBe("KILLED");
    expect(trace.slice(-9)).toEqual(expect.arrayContaining(["A.stop", "B.stop", "preset.stop", "it1.stop"]));
  });

  it("stops what was prepared when an object fails to prepare, masters first", async () => {
    const failure = new Error("no memory");
    const { trace, error, scan, events } = await run((probe) =>
      probe.faults.set("A.prepare", () => Promise.reject(failure)),
    );
    expect(error).toBe(failure);
    expect(scan.state).toBe("KILLED");
    const end = trace.slice(trace.findIndex((entry) => entry.endsWith(".stop")));
    const stopped = parallelPrepare
      ? ["motor.stop", "timer.stop", "A.stop B.stop", "preset.stop", "it0.stop"]
      : ["A.stop B.stop", "preset.stop", "it0.stop"];
    expectTrace(end, stopped);
    expect(trace).not.toContain("preset.beforeStop");
    expect(statesOf(events)).toEqual(["PREPARING", "STOPPING", "KILLED"]);
  });
});

describe("parallel preparation", () => {
  it("has all preparations running before the first has ended", async () => {
    const probe = new Probe();
    probe.phaseTime = 1;
    const { events } = await runTraced(probe, referenceChain(probe, { parallelPrepare: true }));
    const times = events.flatMap((event) => (event.type === "state" ? [event.time] : []));
    // scan preset, chain preset, its iteration and all devices: one second each
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeCloseTo(4, 6);
  });

  it("lets a master wait for its slaves", async () => {
    const probe = new Probe();
    const order: string[] = [];
    class Camera extends TracedMaster {
      override async prepare(context: Parameters<TracedMaster["prepare"]>[0]): Promise<void> {
        await this.waitSlavesPrepare(context);
        order.push("camera");
      }
    }
    const chain = new AcquisitionChain({ parallelPrepare: true });
    chain.add(new Camera(probe, "camera"), new TracedSlave(probe, "rois"));
    probe.faults.set("rois.prepare", async (signal) => {
      await probe.clock.sleep(3, { signal });
      order.push("rois");
    });
    const { error } = await runTraced(probe, chain);
    expect(error).toBeUndefined();
    expect(order).toEqual(["rois", "camera"]);
  });
});

describe("triggering", () => {
  class Twice extends TracedMaster {
    override async trigger(context: Parameters<TracedMaster["trigger"]>[0]): Promise<void> {
      this.triggerSlaves(context);
      this.triggerSlaves(context);
      await this.waitSlaves(context);
    }
  }

  it("fails when a slave is still busy with its last trigger, naming it", async () => {
    const probe = new Probe();
    probe.phaseTime = 0.1;
    const chain = new AcquisitionChain();
    chain.add(new Twice(probe, "fast"), new TracedSlave(probe, "slow"));
    const { error, trace } = await runTraced(probe, chain);
    expect(error).toBeInstanceOf(AcquisitionError);
    expect(String(error)).toContain("fast: Aborted due to bad triggering on slaves: [slow]");
    expect(trace).toContain("fast.stop");
    expect(trace).toContain("slow.stop");
  });

  it("fails when a slave says that it is not ready", async () => {
    const probe = new Probe();
    const chain = new AcquisitionChain();
    const slave = new TracedSlave(probe, "slow");
    slave.triggerReady = () => false;
    chain.add(new TracedMaster(probe, "fast"), slave);
    const { error } = await runTraced(probe, chain);
    expect(String(error)).toContain("bad triggering on slaves: [slow]");
  });

  it("is fine when every trigger has ended", async () => {
    const probe = new Probe();
    const chain = new AcquisitionChain();
    chain.add(new Twice(probe, "fast"), new TracedSlave(probe, "quick"));
    const { error, trace } = await runTraced(probe, chain);
    expect(error).toBeUndefined();
    expect(trace.filter((entry) => entry === "quick.trigger")).toHaveLength(2);
  });

  it("leaves slaves of trigger type hardware alone, but reads them", async () => {
    const probe = new Probe();
    const chain = new AcquisitionChain();
    chain.add(new TracedMaster(probe, "motor"), new TracedSlave(probe, "encoder", { triggerType: "hardware" }));
    const { error, trace } = await runTraced(probe, chain);
    expect(error).toBeUndefined();
    expect(trace).toContain("encoder.start");
    expect(trace).toContain("encoder.reading");
    expect(trace).not.toContain("encoder.trigger");
  });

  it("is refused outside of a scan", () => {
    class Bare extends TracedMaster {
      run(): void {
        this.triggerSlaves({ signal: new AbortController().signal, clock: new Probe().clock, iteration: 0 });
      }
    }
    expect(() => new Bare(new Probe(), "bare").run()).toThrow("bare is in no running scan");
  });
});

describe("several top masters", () => {
  function twoBranches(probe: Probe, terminator: boolean): AcquisitionChain {
    const chain = new AcquisitionChain();
    const fast = new TracedMaster(probe, "fast", 2);
    fast.terminator = terminator;
    chain.add(fast, new TracedSlave(probe, "F"));
    chain.add(new TracedMaster(probe, "slow", 6), new TracedSlave(probe, "S"));
    probe.phaseTime = 0.1;
    return chain;
  }

  it("end with the first that ends, the others being interrupted", async () => {
    const probe = new Probe();
    probe.faults.set("slow.start", (signal) => probe.clock.sleep(100, { signal }));
    const { error, scan, trace, seconds } = await runTraced(probe, twoBranches(probe, true));
    expect(error).toBeUndefined();
    expect(scan.state).toBe("DONE");
    expect(trace).toContain("fast.iter1");
    expect(trace).not.toContain("slow.trigger");
    for (const name of ["fast", "F", "slow", "S"]) expect(trace).toContain(`${name}.stop`);
    expect(seconds).toBeLessThan(10);
  });

  it("go on to their own ends when the first to end is no terminator", async () => {
    const probe = new Probe();
    const { error, trace } = await runTraced(probe, twoBranches(probe, false));
    expect(error).toBeUndefined();
    expect(trace).toContain("slow.iter5");
    expect(trace.filter((entry) => entry === "S.trigger")).toHaveLength(6);
  });

  it("all are prepared before any starts", async () => {
    const probe = new Probe();
    probe.faults.set("S.prepare", (signal) => probe.clock.sleep(5, { signal }));
    const { trace } = await runTraced(probe, twoBranches(probe, false));
    expect(trace.indexOf("F.start")).toBeGreaterThan(trace.indexOf("slow.prepare"));
  });
});

describe("iterations", () => {
  it("of a top master without any are one", async () => {
    const probe = new Probe();
    const chain = new AcquisitionChain();
    chain.add(new TracedMaster(probe, "motor"), new TracedSlave(probe, "A"));
    const { trace } = await runTraced(probe, chain);
    expect(trace.filter((entry) => entry === "A.trigger")).toHaveLength(1);
  });

  it("of a master below another start anew with each of its parent", async () => {
    const probe = new Probe();
    const chain = new AcquisitionChain();
    chain.add(new TracedMaster(probe, "motor", 4), new TracedMaster(probe, "timer", 3));
    const { trace, error } = await runTraced(probe, chain);
    expect(error).toBeUndefined();
    const timer = trace.filter((entry) => entry.startsWith("timer.iter"));
    expect(timer).toEqual(["timer.iter0", "timer.iter1", "timer.iter2", "timer.iter0"]);
  });

  it("may come from an asynchronous generator", async () => {
    const probe = new Probe();
    class Slow extends TracedMaster {
      // @ts-expect-error an override of a generator by an asynchronous one
      override async *iterations(): AsyncIterable<number> {
        for (let index = 0; index < 3; index++) {
          await probe.clock.sleep(1);
          yield index;
        }
      }
    }
    const chain = new AcquisitionChain();
    chain.add(new Slow(probe, "motor", 3), new TracedSlave(probe, "A"));
    const { trace, error } = await runTraced(probe, chain);
    expect(error).toBeUndefined();
    expect(trace.filter((entry) => entry === "A.trigger")).toHaveLength(3);
  });

  it("that fail say whose they are", async () => {
    const probe = new Probe();
    const chain = new AcquisitionChain();
    chain.add(new TracedMaster(probe, "motor", 2));
    probe.faults.set("motor.iter1", () => {
      throw new Error("out of range");
    });
    const { error, trace } = await runTraced(probe, chain);
    expect(error).toMatchObject({ name: "AcquisitionError", message: "motor: out of range" });
    expect(trace).toContain("motor.stop");
  });

  it("an empty chain ends at once", async () => {
    const probe = new Probe();
    const { error, scan, events } = await runTraced(probe, new AcquisitionChain());
    expect(error).toBeUndefined();
    expect(scan.state).toBe("DONE");
    expect(events.map(({ type }) => type)).toContain("ended");
  });
});
