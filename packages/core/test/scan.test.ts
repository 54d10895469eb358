import { inspect } from "node:util";
import { VirtualClock } from "@beamtime/concurrency";
import { ArgumentError } from "@beamtime/errors";
import { describe, expect, it } from "vitest";
import {
  AcquisitionChain,
  AcquisitionError,
  Container,
  memoryScanSaving,
  Scan,
  ScanAbort,
  ScanRecorder,
  type ScanSaving,
  type ScanState,
  SoftwareTimerMaster,
} from "../src/index.js";
import { Giver, ran, timerChain } from "./giver.js";
import { Probe, referenceChain, runTraced } from "./traced-chain.js";

describe("a scan's name and number", () => {
  it("are prefix and run number: the first is scan_1, the second scan_2", async () => {
    const scanSaving = memoryScanSaving();
    const [one, two] = [await ran(timerChain(1), { scanSaving }), await ran(timerChain(1), { scanSaving })];
    expect([one.fullName, two.fullName]).toEqual(["scan_1", "scan_2"]);
    expect([one.dbName, two.dbName]).toEqual(["1_scan", "2_scan"]);
  });

  it("count unsaved scans apart", async () => {
    const scanSaving = memoryScanSaving({ parentPath: ["demo_session"] });
    await ran(timerChain(1), { scanSaving });
    const ct = await ran(timerChain(1), { scanSaving, name: "ct", save: false });
    expect(ct.number).toBe(1);
    expect(ct.dbName).toBe("demo_session:_1_ct");
    expect(String(ct)).toBe("Scan(number=1, name=ct, path=<no saving>)");
    expect(ct.saveImages).toBe(false);
  });

  it("have their place in a container", async () => {
    const parent = new Container("my_sample", new Container("proposal"));
    const scan = await ran(timerChain(1), { name: "test", parent });
    expect(scan.dbName).toBe("proposal:my_sample:1_test");
  });

  it("show in its representation, with the file", async () => {
    const scanSaving: ScanSaving = {
      begin: async ({ name }) => ({
        identity: {
          name,
          number: 12,
          saved: true,
          nodeName: "12_ascan",
          parentPath: ["s"],
          session: "s",
          filename: "/data/s/data.h5",
        },
        info: { data_writer: "hdf5" },
      }),
    };
    const clock = new VirtualClock();
    const scan = new Scan(timerChain(1), { name: "ascan", scanSaving, clock });
    expect(inspect(scan)).toBe("Scan(name=ascan, path=<no saving>)");
    expect(() => scan.number).toThrow("gets one when it runs");
    await clock.run(scan.run());
    expect(inspect(scan)).toBe("Scan(number=12, name=ascan, path=/data/s/data.h5)");
    expect(scan.scanInfo).toMatchObject({ data_writer: "hdf5", filename: "/data/s/data.h5", session_name: "s" });
  });

  it("are refused when they would break the tree", () => {
    expect(() => new Scan(timerChain(1), { name: "a:b" })).toThrow(ArgumentError);
    // @ts-expect-error no chain
    expect(() => new Scan("chain")).toThrow("a scan needs an AcquisitionChain");
  });
});

describe("a scan", () => {
  it("runs once, and its chain too", async () => {
    const chain = timerChain(1);
    const scan = await ran(chain);
    await expect(scan.run()).rejects.toThrow("has run already (DONE): make a new scan");
    const again = new Scan(chain);
    await expect(again.run()).rejects.toThrow(AcquisitionError);
    expect(again.state).toBe("KILLED");
  });

  it("cannot be run twice at a time", async () => {
    const clock = new VirtualClock();
    const scan = new Scan(timerChain(1), { clock });
    const running = scan.run();
    await expect(scan.run()).rejects.toThrow(AcquisitionError);
    await clock.run(running);
    expect(scan.state).toBe("DONE");
  });

  it("keeps its number and its data beside another that runs at the same time", async () => {
    const clock = new VirtualClock();
    const scanSaving = memoryScanSaving();
    const scans = [10, 20].map(
      (value) => new Scan(timerChain(3, new Giver("card:c", [value, value, value])), { clock, scanSaving }),
    );
    await clock.run(Promise.all(scans.map((scan) => scan.run())));
    expect(scans.map((scan) => scan.number)).toEqual([1, 2]);
    expect(scans.map((scan) => scan.getData("c"))).toEqual([
      new Float64Array([10, 10, 10]),
      new Float64Array([20, 20, 20]),
    ]);
  });

  it("goes through its states in order, and wakes who waits for one", async () => {
    const clock = new VirtualClock();
    const scan = new Scan(timerChain(2), { clock });
    const reached: ScanState[] = [];
    const waits = (["DONE", "STARTING", "PREPARING", "STOPPING"] as const).map(async (state) => {
      reached.push(await scan.waitState(state));
    });
    expect(scan.state).toBe("IDLE");
    await clock.run(scan.run());
    await Promise.all(waits);
    expect(reached).toEqual(["PREPARING", "STARTING", "STOPPING", "DONE"]);
    await expect(scan.waitState("PREPARING")).resolves.toBe("DONE");
  });

  it("lets go of who waits for a state when their signal aborts", async () => {
    const controller = new AbortController();
    const waiting = new Scan(timerChain(1)).waitState("DONE", { signal: controller.signal });
    controller.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
  });

  it("wakes who waits for any end when it fails", async () => {
    const clock = new VirtualClock();
    const scan = new Scan(timerChain(1), {
      clock,
      scanMetadata: () => {
        throw new Error("no positioner");
      },
    });
    const waiting = scan.waitState("STARTING");
    await expect(clock.run(scan.run())).rejects.toThrow("no positioner");
    await expect(waiting).resolves.toBe("KILLED");
  });

  it("that is stopped completes its iteration and is done", async () => {
    const clock = new VirtualClock();
    const scan = new Scan(timerChain(0, new Giver("card:c", [1, 2, 3, 4, 5, 6])), { clock });
    void clock.sleep(0.25).then(() => scan.stop());
    await clock.run(scan.run());
    expect(scan.state).toBe("DONE");
    expect(scan.getData("c")).toEqual(new Float64Array([1, 2, 3]));
    expect(clock.now()).toBeCloseTo(0.3, 9);
  });

  it("that has ended ignores an abort", async () => {
    const scan = await ran(timerChain(1));
    scan.abort();
    expect(scan.state).toBe("DONE");
  });

  it("that cannot get its number fails without an event", async () => {
    const recorder = new ScanRecorder();
    const scanSaving: ScanSaving = { begin: () => Promise.reject(new Error("the counter is gone")) };
    const scan = new Scan(timerChain(1), { scanSaving, sinks: [recorder] });
    await expect(scan.run()).rejects.toThrow("the counter is gone");
    expect(scan.state).toBe("KILLED");
    expect(recorder.events).toEqual([]);
  });

  it("can be aborted while it waits for its number", async () => {
    const scan = new Scan(timerChain(1), { scanSaving: { begin: () => new Promise(() => {}) } });
    const running = scan.run();
    scan.abort("changed my mind");
    await expect(running).rejects.toBeInstanceOf(ScanAbort);
    await expect(running).rejects.toMatchObject({ cause: "changed my mind" });
  });

  it("keeps comments until it ends, before and during the run", async () => {
    const probe = new Probe();
    const { scan, events } = await runTraced(probe, referenceChain(probe), {
      during: (running) => running.addComment("before"),
      onEvent: (event, running) => {
        if (event.type === "deviceEnd" && running.comments.length === 1) running.addComment("at the end");
      },
    });
    const messages = scan.comments.map(({ message }) => message);
    expect(messages).toEqual(["before", "at the end"]);
    expect(events[0]).toMatchObject({ type: "created", info: { comments: [{ message: "before" }] } });
    expect(events).toContainEqual(expect.objectContaining({ type: "info", changes: { comments: scan.comments } }));
    expect(scan.scanInfo).toMatchObject({ comments: scan.comments });
    expect(() => scan.addComment("too late")).toThrow("comments are possible until then");
  });
});

describe("restoring", () => {
  it("happens after the devices are stopped, also after a failure, before the final state", async () => {
    for (const entry of ["none", "motor.start", "A.prepare"]) {
      const probe = new Probe();
      probe.faults.set(entry, () => Promise.reject(new Error("x")));
      let states = 0;
      const { trace } = await runTraced(probe, referenceChain(probe), {
        restore: () => {
          probe.trace.push(`restore after ${states} states`);
        },
        onEvent: (event) => {
          if (event.type === "state") states++;
        },
      });
      expect(trace.at(-1)).toMatch(/^restore after [23] states$/);
      expect(trace.at(-2)).toBe("scanPreset.stop");
    }
  });

  it("does not happen when nothing was prepared", async () => {
    const probe = new Probe();
    let restored = false;
    probe.faults.set("timer.applyParameters", () => Promise.reject(new Error("x")));
    await runTraced(probe, referenceChain(probe), {
      restore: () => {
        restored = true;
      },
    });
    expect(restored).toBe(false);
  });

  it("may take longer than a grace, until the second abort", async () => {
    const probe = new Probe();
    const { seconds, error } = await runTraced(probe, referenceChain(probe), {
      during: (scan) => {
        probe.faults.set("motor.start", () => scan.abort());
        void probe.clock.sleep(60).then(() => scan.abort());
      },
      restore: ({ signal }) => probe.clock.sleep(1000, { signal }),
    });
    expect(error).toBeInstanceOf(ScanAbort);
    expect(seconds).toBe(60);
  });
});

it("a scan of five hours takes about a second on the virtual clock", async () => {
  const clock = new VirtualClock();
  const npoints = 18_000;
  const chain = new AcquisitionChain();
  chain.add(
    new SoftwareTimerMaster(1, { npoints }),
    new Giver(
      "card:c",
      Array.from({ length: npoints }, (_, i) => i),
    ),
  );
  const started = performance.now();
  const scan = await clock.run(new Scan(chain, { clock }).run());
  expect(clock.now()).toBeCloseTo(18_000, 3);
  expect(scan.getData("c")).toHaveLength(npoints);
  expect(performance.now() - started).toBeLessThan(5000);
});
