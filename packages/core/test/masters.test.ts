import type { VirtualClock } from "@beamtime/concurrency";
import { ArgumentError } from "@beamtime/errors";
import { describe, expect, it } from "vitest";
import { AcquisitionChain, CalcChannelAcquisitionSlave, Scan, SoftwareTimerMaster } from "../src/index.js";
import { Probe, runTraced, TracedMaster, TracedSlave } from "./traced-chain.js";

async function run(clock: VirtualClock, chain: AcquisitionChain): Promise<Scan> {
  return clock.run(new Scan(chain, { clock }).run());
}

describe("SoftwareTimerMaster", () => {
  it("lets each point last the count time, counting from the first trigger", async () => {
    const { clock } = new Probe();
    await clock.run(clock.sleep(5));
    const chain = new AcquisitionChain();
    chain.add(new SoftwareTimerMaster(0.5, { npoints: 3 }));
    const scan = await run(clock, chain);
    expect(scan.getData("timer:elapsed_time")).toEqual(new Float64Array([0, 0.5, 1]));
    expect(scan.getData("epoch")).toEqual(new Float64Array([1_700_000_005, 1_700_000_005.5, 1_700_000_006]));
    expect(clock.now()).toBe(6.5);
  });

  it("lets a point last as long as its slowest slave", async () => {
    const probe = new Probe();
    const chain = new AcquisitionChain();
    const slave = new TracedSlave(probe, "slow");
    slave.trigger = ({ signal }) => probe.clock.sleep(2, { signal });
    chain.add(new SoftwareTimerMaster(0.5, { npoints: 2, name: "t" }), slave);
    const scan = await run(probe.clock, chain);
    expect(scan.getData("t:elapsed_time")).toEqual(new Float64Array([0, 2]));
    expect(probe.clock.now()).toBe(4);
  });

  it("pauses before every point but the first", async () => {
    const { clock } = new Probe();
    const chain = new AcquisitionChain();
    chain.add(new SoftwareTimerMaster(0.5, { npoints: 3, sleepTime: 1 }));
    const scan = await run(clock, chain);
    expect(scan.getData("elapsed_time")).toEqual(new Float64Array([0, 1.5, 3]));
    expect(clock.now()).toBe(3.5);
  });

  it.each([
    [4, [0, 1, 2, 3]],
    [2, [0, 1, 0, 1]],
    [1, [0, 0, 0, 0]],
  ])("of %i points below a master of four counts %j", async (npoints, elapsed) => {
    const probe = new Probe();
    const chain = new AcquisitionChain();
    chain.add(new TracedMaster(probe, "motor", 4), new SoftwareTimerMaster(1, { npoints }));
    const scan = await run(probe.clock, chain);
    expect(scan.getData("elapsed_time")).toEqual(new Float64Array(elapsed));
  });

  it.each([
    ["countTime", -1, {}],
    ["countTime", Number.NaN, {}],
    ["sleepTime", 1, { sleepTime: -0.5 }],
    ["npoints", 1, { npoints: 1.5 }],
  ])("refuses a wrong %s", (argument, countTime, options) => {
    expect(() => new SoftwareTimerMaster(countTime, options)).toThrow(ArgumentError);
    expect(() => new SoftwareTimerMaster(countTime, options)).toThrow(argument);
  });
});

describe("CalcChannelAcquisitionSlave", () => {
  it("emits what is computed from each block of its sources", async () => {
    const probe = new Probe();
    const chain = new AcquisitionChain();
    const [motor, diode] = [new TracedMaster(probe, "motor", 3), new TracedSlave(probe, "diode")];
    const calc = new CalcChannelAcquisitionSlave(
      "double",
      [diode],
      (source, { value }) => ({ twice: Number(value?.data[0]) * 2, name: source.fullname }),
      { twice: { unit: "V" }, name: { dtype: "string" } },
    );
    chain.add(motor, diode);
    chain.add(motor, calc);
    const scan = await run(probe.clock, chain);
    expect(scan.getData("double:twice")).toEqual(new Float64Array([0, 20, 40]));
    expect(scan.getData("double:name")).toEqual(["diode:value", "diode:value", "diode:value"]);
    expect(scan.scanInfo["channels"]).toMatchObject({ "double:twice": { unit: "V" } });
  });

  it("tells its hook of the scan's life, and fails the scan when it computes something unknown", async () => {
    const probe = new Probe();
    const chain = new AcquisitionChain();
    const diode = new TracedSlave(probe, "diode");
    const motor = new TracedMaster(probe, "motor", 3);
    const calls: string[] = [];
    chain.add(motor, diode);
    const hook = {
      compute: () => ({ other: 1 }),
      prepare: () => void calls.push("prepare"),
      start: () => void calls.push("start"),
      stop: () => void calls.push("stop"),
    };
    chain.add(motor, new CalcChannelAcquisitionSlave("calc", [diode], hook, { sum: {} }));
    const { error } = await runTraced(probe, chain);
    expect(String(error)).toContain("calc computed 'other', but its outputs are sum");
    expect(calls).toEqual(["prepare", "start", "stop"]);
  });
});

describe("channels of other objects", () => {
  it("can be emitted again by a master, renamed and converted", async () => {
    const probe = new Probe();
    const chain = new AcquisitionChain();
    const [motor, diode] = [new TracedMaster(probe, "motor", 2), new TracedSlave(probe, "diode")];
    motor.addExternalChannel(diode, "value");
    motor.addExternalChannel(diode, "diode:value", {
      rename: "negative",
      dtype: "int32",
      conversion: ({ shape, data }) => ({
        dtype: "float64",
        shape,
        data: Float64Array.from(data as Float64Array, (value) => -value),
      }),
    });
    chain.add(motor, diode);
    const { scan, error } = await runTraced(probe, chain);
    expect(error).toBeUndefined();
    expect(scan.getData("motor:value")).toEqual(new Float64Array([0, 10]));
    expect(scan.getData("motor:negative")).toEqual(new Int32Array([0, -10]));
    expect(() => motor.addExternalChannel(diode, "other")).toThrow("diode has no channel 'other'; it has value");
  });

  it("of a master above can be emitted in step with those below", async () => {
    const probe = new Probe();
    const chain = new AcquisitionChain();
    class Upper extends TracedMaster {
      override async trigger(context: Parameters<TracedMaster["trigger"]>[0]): Promise<void> {
        this.channels[0]?.emit(context.iteration + 100);
        for (let point = 0; point < 3; point++) {
          this.triggerSlaves(context);
          await this.waitSlaves(context);
        }
      }
    }
    const [slow, fast] = [new Upper(probe, "slow", 2), new TracedMaster(probe, "fast")];
    fast.attachChannels(slow, "position");
    chain.add(slow, fast);
    const { scan, error } = await runTraced(probe, chain);
    expect(error).toBeUndefined();
    expect(scan.getData("fast:position")).toHaveLength(6);
    expect(scan.getData("slow:position")).toEqual(new Float64Array([100, 100, 100, 101, 101, 101]));
  });

  it("cannot be attached to a master that is not below", async () => {
    const probe = new Probe();
    const chain = new AcquisitionChain();
    const [one, two] = [new TracedMaster(probe, "one"), new TracedMaster(probe, "two")];
    two.attachChannels(one, "two:position");
    chain.add(one);
    chain.add(two);
    const { error } = await runTraced(probe, chain);
    expect(String(error)).toContain("one is not above two: it cannot be attached");
    expect(() => two.attachChannels(one, "other")).toThrow("two has no channel 'other'");
  });
});
