import { Gate } from "@beamtime/concurrency";
import { describe, expect, it } from "vitest";
import {
  AcquisitionChain,
  type AcquisitionContext,
  type AcquisitionObjectOptions,
  MissingPointsError,
} from "../src/index.js";
import { Probe, runTraced, TracedMaster, TracedSlave } from "./traced-chain.js";

/** Gives a point at each of its times, counted from the start of its reading, and then waits until it is released. */
class Waiting extends TracedSlave {
  readonly #times: readonly number[];

  constructor(probe: Probe, times: readonly number[], options: Partial<AcquisitionObjectOptions> = {}) {
    super(probe, "card", { triggerType: "hardware", npoints: 3, ...options });
    this.#times = times;
  }

  override async reading({ clock, signal }: AcquisitionContext): Promise<void> {
    const start = clock.now();
    for (const time of this.#times) {
      await clock.sleep(start + time - clock.now(), { signal });
      this.channels[0]?.emit(time);
    }
    if (this.#times.length < this.npoints) await clock.sleep(1e9, { signal });
  }
}

function run(probe: Probe, slave: TracedSlave, iterations?: number) {
  const chain = new AcquisitionChain();
  chain.add(new TracedMaster(probe, "axis", iterations), slave);
  return runTraced(probe, chain);
}

const once = { prepareOnce: true, startOnce: true };

describe("an object that gets no more triggers", () => {
  it("fails the scan when a point does not come in time, and what came is kept", async () => {
    const probe = new Probe();
    const { scan, error, seconds } = await run(probe, new Waiting(probe, [1, 2], { pointTimeout: 5 }));
    expect(error).toBeInstanceOf(MissingPointsError);
    expect(error).toMatchObject({ source: "card", points: 2, expected: 3, waited: 5 });
    expect(String(error)).toBe(
      "MissingPointsError: card: 2 of 3 points came, and none for 5 s, though axis has ended: pulses were lost: see that its " +
        "trigger input is plugged in, and that it is armed and idle at each pulse. " +
        "If it only needs longer, raise its pointTimeout (5 s)",
    );
    expect([scan.state, seconds, probe.clock.sleepers]).toEqual(["KILLED", 7, 0]);
    expect(scan.getData("card:value")).toEqual(new Float64Array([1, 2]));
    expect(probe.trace.slice(-3)).toEqual(["axis.stop", "card.stop", "scanPreset.stop"]);
  });

  it("may take all its time for each point that is still to come", async () => {
    const probe = new Probe();
    const { error, seconds } = await run(probe, new Waiting(probe, [4, 8, 12], { pointTimeout: 5 }));
    expect([error, seconds]).toEqual([undefined, 12]);
  });

  it("may take any time before: only what triggers it says when it is late", async () => {
    const probe = new Probe();
    const slave = new Waiting(probe, [1, 1002, 1004], { ...once, pointTimeout: 5 });
    probe.faults.set("axis.trigger", (signal) => probe.clock.sleep(1000, { signal }));
    const { error, seconds } = await run(probe, slave);
    expect([error, seconds]).toEqual([undefined, 1004]);
  });

  it("fails before the next iteration, where each has points of its own", async () => {
    const probe = new Probe();
    const times = [1, 2, 3];
    const slave = new Waiting(probe, times, { pointTimeout: 5 });
    let prepared = 0;
    slave.prepare = () => {
      if (prepared++ === 1) times.pop();
    };
    const { scan, error, seconds } = await run(probe, slave, 3);
    expect(error).toMatchObject({ points: 2, expected: 3 });
    expect([scan.getData("card:value"), seconds]).toEqual([new Float64Array([1, 2, 3, 1, 2]), 10]);
  });

  it("has a minute for a point where it does not say how long that takes", async () => {
    const probe = new Probe();
    const { error } = await run(probe, new Waiting(probe, []));
    expect(String(error)).toContain("card: none of 3 points came, and none for 60 s, though axis has ended");
  });

  it.each([
    ["until it is stopped", { npoints: 0 }, [], undefined],
    ["for ever on request", { pointTimeout: Number.POSITIVE_INFINITY }, [1], undefined],
    ["for ever where software triggers it", { triggerType: "software" }, [1], undefined],
    ["while all points are there, but not its end", { npoints: 1 }, [1, 2], 2],
  ] as const)("waits %s", async (_what, options, times, end) => {
    const probe = new Probe();
    const slave = new Waiting(probe, times, options);
    if (end === undefined) slave.reading = ({ clock, signal }) => clock.sleep(1e4, { signal });
    else
      slave.reading = async ({ clock, signal }) => {
        slave.channels[0]?.emit(1);
        await clock.sleep(1e4, { signal });
      };
    expect(await run(probe, slave)).toMatchObject({ error: undefined, seconds: 1e4 });
  });

  it("leaves no timer when the scan is aborted while it waits", async () => {
    const probe = new Probe();
    const chain = new AcquisitionChain();
    chain.add(new TracedMaster(probe, "axis"), new Waiting(probe, [1, 2]));
    const { scan, error, seconds } = await runTraced(probe, chain, {
      onEvent: (event, running) => {
        if (event.type === "data" && event.first === 1) running.abort();
      },
    });
    expect([scan.state, seconds, probe.clock.sleepers]).toEqual(["USER_ABORTED", 2, 0]);
    expect(error).toMatchObject({ name: "ScanAbort" });
  });

  it.each([0, 3])("ends when the user stops the scan meanwhile: %i points were wanted", async (npoints) => {
    const probe = new Probe();
    const slave = new Waiting(probe, [1, 2], { npoints });
    const released = new Gate();
    slave.reading = async () => {
      slave.channels[0]?.emit([1, 2]);
      await released.wait();
    };
    slave.stop = () => released.open();
    const chain = new AcquisitionChain();
    chain.add(new TracedMaster(probe, "axis"), slave);
    const { scan, error, seconds } = await runTraced(probe, chain, {
      onEvent: (event, running) => {
        if (event.type === "data" && event.npoints === 2) void probe.clock.sleep(5).then(() => running.stop());
      },
    });
    expect([error, scan.state, seconds, probe.clock.sleepers]).toEqual([undefined, "DONE", 5, 0]);
  });

  it("needs a time that is one", () => {
    expect(() => new Waiting(new Probe(), [], { pointTimeout: Number.NaN })).toThrow(
      "pointTimeout of card is NaN; expected seconds, 0 or more, or Infinity",
    );
  });
});
