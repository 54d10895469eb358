import { describe, expect, it } from "vitest";
import { ScanAbort, ScanError, type ScanEvent } from "../src/index.js";
import { type Fault, type Outcome, Probe, referenceChain, runTraced } from "./traced-chain.js";

const objects = ["motor", "timer", "A", "B"];
const entries = [
  ...objects.flatMap((name) =>
    ["applyParameters", "waitReady", "prepare", "start", "trigger", "stop"].map((phase) => `${name}.${phase}`),
  ),
  "A.reading",
  "B.reading",
  ...["prepare", "start", "beforeStop", "stop"].map((phase) => `preset.${phase}`),
  ...["it0", "it1"].flatMap((hook) => ["prepare", "start", "stop"].map((phase) => `${hook}.${phase}`)),
  ...["prepare", "start", "stop"].map((phase) => `scanPreset.${phase}`),
];

/** What holds however a scan ends. */
function expectCleanEnd({ scan, trace, events, closed }: Outcome, probe: Probe): void {
  const types = events.flatMap(({ type }) => (type === "warning" ? [] : [type]));
  expect(types.slice(-2)).toEqual(["ended", "state"]);
  expect(events.filter(({ type }) => type === "ended")).toHaveLength(1);
  expect(events.at(-1)).toMatchObject({ state: scan.state });
  expect(closed).toBe(1);
  expect(probe.clock.sleepers).toBe(0);
  const count = (entry: string): number => trace.filter((other) => other === entry).length;
  for (const name of objects) {
    expect([name, count(`${name}.stop`)]).toEqual([name, count(`${name}.prepare`) > 0 ? 1 : 0]);
  }
  for (const name of ["preset", "scanPreset"]) expect(count(`${name}.stop`)).toBe(count(`${name}.prepare`));
  expect(count("preset.beforeStop")).toBe(count("preset.start"));
  for (const hook of ["it0", "it1"]) expect([hook, count(`${hook}.stop`)]).toEqual([hook, count(`${hook}.prepare`)]);
  const stops = trace.filter((entry) => /^(motor|timer|A|B)\.stop$/.test(entry));
  const depth = { motor: 0, timer: 1, A: 2, B: 2 } as Record<string, number>;
  const depths = stops.map((entry) => depth[entry.split(".")[0] ?? ""]);
  expect(depths).toEqual(depths.toSorted((one, other) => (one ?? 0) - (other ?? 0)));
  expect(lastOf(trace, /\.(prepare|start|trigger)$/)).toBeLessThan(firstOf(trace, /^(motor|timer|A|B)\.stop$/));
}

function lastOf(trace: readonly string[], pattern: RegExp): number {
  return trace.findLastIndex((entry) => pattern.test(entry));
}

function firstOf(trace: readonly string[], pattern: RegExp): number {
  const index = trace.findIndex((entry) => pattern.test(entry));
  return index < 0 ? Number.POSITIVE_INFINITY : index;
}

function endedOf(events: readonly ScanEvent[]): Extract<ScanEvent, { type: "ended" }> | undefined {
  return events.find((event) => event.type === "ended");
}

describe.each(entries)("a fault in %s", (entry) => {
  describe.each([{ parallelPrepare: false }, { parallelPrepare: true }])("(%o)", ({ parallelPrepare }) => {
    it.each([
      [
        "thrown",
        (): Fault => () => {
          throw failure;
        },
      ],
      ["rejected", (): Fault => () => Promise.reject(failure)],
      [
        "rejected late",
        (probe: Probe): Fault =>
          async () => {
            await probe.clock.sleep(0.5);
            throw failure;
          },
      ],
    ])("%s fails the scan with that error, and everything is cleaned up", async (_, fault) => {
      const probe = new Probe();
      probe.faults.set(entry, fault(probe));
      const outcome = await runTraced(probe, referenceChain(probe, { parallelPrepare }));
      expect(outcome.error).toBe(failure);
      expect(outcome.scan.state).toBe("KILLED");
      expectCleanEnd(outcome, probe);
      // once the end is told, only the scan's own preset can still fail
      const reason = entry === "scanPreset.stop" ? "SUCCESS" : "FAILURE";
      expect(endedOf(outcome.events)).toMatchObject({ reason });
    });

    it("that is an abort by the user ends the scan as aborted", async () => {
      const probe = new Probe();
      let abort = (): void => {};
      probe.faults.set(entry, (signal) => {
        abort();
        return new Promise((_resolve, reject) => {
          if (signal.aborted) reject(signal.reason);
          // the clean-up listens to the second abort only
          else if (/top$/.test(entry))
            void probe.clock.sleep(1).then(
              () => reject(new Error("late")),
              () => {},
            );
          else signal.addEventListener("abort", () => reject(signal.reason));
        });
      });
      const outcome = await runTraced(probe, referenceChain(probe, { parallelPrepare }), {
        during: (scan) => {
          abort = () => scan.abort();
        },
      });
      expect(outcome.error).toBeInstanceOf(ScanAbort);
      expect(outcome.scan.state).toBe("USER_ABORTED");
      expectCleanEnd(outcome, probe);
    });

    it("that never answers an abort is left after its grace, and named", async () => {
      const probe = new Probe();
      let abort = (): void => {};
      probe.faults.set(entry, () => {
        abort();
        return new Promise(() => {});
      });
      const outcome = await runTraced(probe, referenceChain(probe, { parallelPrepare }), {
        during: (scan) => {
          abort = () => scan.abort();
        },
      });
      expect(outcome.error).toBeInstanceOf(ScanAbort);
      expect(outcome.seconds).toBeCloseTo(10, 3);
      expectCleanEnd(outcome, probe);
      const warnings = outcome.events.flatMap((event) => (event.type === "warning" ? [event.message] : []));
      // the motor is a top master: it triggers itself in its start
      const [name = "", phase = ""] = entry.replace("motor.trigger", "motor.start").split(".");
      const source = {
        preset: "TracedChainPreset",
        scanPreset: "TracedScanPreset",
        it0: "TracedChainPreset",
        it1: "TracedChainPreset",
      };
      const label = (source as Record<string, string>)[name] ?? name;
      expect(warnings.join("\n")).toContain(`${label}: its ${phase}`);
    });
  });
});

const failure = new Error("injected");

describe("an abort", () => {
  it.each([undefined, 0.1])("at every entry of every phase (%s s each) ends in good order", async (phaseTime) => {
    let aborted = 0;
    for (let at = 0; ; at++) {
      const probe = new Probe();
      probe.phaseTime = phaseTime;
      let hit = false;
      const outcome = await runTraced(probe, referenceChain(probe), {
        during: (scan) => {
          probe.onEntry = (index) => {
            if (index !== at) return;
            hit = true;
            scan.abort();
          };
        },
      });
      if (!hit) break;
      aborted++;
      expect(outcome.error).toBeInstanceOf(ScanAbort);
      expect(outcome.scan.state).toBe("USER_ABORTED");
      expectCleanEnd(outcome, probe);
      expect(outcome.seconds).toBeLessThan(10);
    }
    expect(aborted).toBeGreaterThan(50);
  });

  it("at every event ends in good order", async () => {
    let aborted = 0;
    for (let at = 0; ; at++) {
      const probe = new Probe();
      probe.phaseTime = 0.1;
      let index = 0;
      let type: string | undefined;
      const outcome = await runTraced(probe, referenceChain(probe), {
        onEvent: (event, scan) => {
          if (index++ !== at) return;
          type = event.type === "state" ? event.state : event.type;
          scan.abort();
        },
      });
      if (type === undefined || type === "DONE") break;
      aborted++;
      expect(outcome.error).toBeInstanceOf(ScanAbort);
      expectCleanEnd(outcome, probe);
    }
    expect(aborted).toBeGreaterThan(10);
  });

  it("at every tenth of a second ends in good order", async () => {
    for (let at = 0; ; at++) {
      const probe = new Probe();
      probe.phaseTime = 0.15;
      const controller = new AbortController();
      const outcome = await runTraced(probe, referenceChain(probe), {
        during: (scan) =>
          void probe.clock.sleep(at * 0.1, { signal: controller.signal }).then(
            () => scan.abort(),
            () => {},
          ),
        onEvent: (event) => {
          if (event.type === "ended") controller.abort();
        },
      });
      if (outcome.error === undefined) {
        expect(at).toBeGreaterThan(20);
        break;
      }
      expect(outcome.error).toBeInstanceOf(ScanAbort);
      expectCleanEnd(outcome, probe);
    }
  });

  it("by the signal of run has its reason as cause", async () => {
    const probe = new Probe();
    const controller = new AbortController();
    const reason = new Error("window closed");
    probe.faults.set("motor.start", () => controller.abort(reason));
    const scan = runTracedWithSignal(probe, controller.signal);
    const error = await probe.clock.run(
      scan.then(
        () => undefined,
        (thrown: unknown) => thrown,
      ),
    );
    expect(error).toBeInstanceOf(ScanAbort);
    expect(error).toMatchObject({ name: "ScanAbort", cause: reason });
  });

  it("before the scan runs touches nothing", async () => {
    const probe = new Probe();
    const controller = new AbortController();
    controller.abort();
    const error = await probe.clock.run(
      runTracedWithSignal(probe, controller.signal).then(
        () => undefined,
        (thrown: unknown) => thrown,
      ),
    );
    expect(error).toBeInstanceOf(ScanAbort);
    expect(probe.trace).toEqual([]);
  });

  it("while stopping waits for the stop in progress, a second one does not", async () => {
    const probe = new Probe();
    const stopTimes: number[] = [];
    let scan: { abort(): void } | undefined;
    probe.faults.set("motor.stop", async (signal) => {
      scan?.abort();
      stopTimes.push(probe.clock.now());
      await probe.clock.sleep(3, { signal });
    });
    probe.faults.set("timer.stop", () => {
      stopTimes.push(probe.clock.now());
      scan?.abort();
      return new Promise(() => {});
    });
    const outcome = await runTraced(probe, referenceChain(probe), {
      during: (running) => {
        scan = running;
      },
    });
    expect(stopTimes).toEqual([0, 3]);
    expect(outcome.seconds).toBe(3);
    expect(outcome.error).toBeInstanceOf(ScanAbort);
    expectCleanEnd(outcome, probe);
    expect(outcome.events).toContainEqual(
      expect.objectContaining({
        type: "warning",
        source: "timer",
        message: expect.stringContaining("told not to wait"),
      }),
    );
  });

  it("after a failure does not hide the failure", async () => {
    const probe = new Probe();
    let abort = (): void => {};
    probe.faults.set("motor.start", () => Promise.reject(failure));
    probe.faults.set("motor.stop", () => abort());
    const outcome = await runTraced(probe, referenceChain(probe), {
      during: (scan) => {
        abort = () => scan.abort();
      },
    });
    expect(outcome.error).toBe(failure);
    expect(outcome.scan.state).toBe("KILLED");
  });
});

function runTracedWithSignal(probe: Probe, signal: AbortSignal): Promise<unknown> {
  const chain = referenceChain(probe);
  return import("../src/index.js").then(({ Scan }) => new Scan(chain, { clock: probe.clock }).run({ signal }));
}

describe("a grace", () => {
  it("is that of the object", async () => {
    const { AcquisitionChain } = await import("../src/index.js");
    const { TracedMaster } = await import("./traced-chain.js");
    const probe = new Probe();
    const chain = new AcquisitionChain();
    chain.add(new TracedMaster(probe, "motor", 1, { abortGrace: 2.5 }));
    probe.faults.set("motor.start", () => new Promise(() => {}));
    const { seconds, events } = await runTraced(probe, chain, {
      during: (scan) => void probe.clock.sleep(1).then(() => scan.abort()),
    });
    expect(seconds).toBe(3.5);
    expect(events).toContainEqual(expect.objectContaining({ type: "warning", source: "motor" }));
  });
});

describe("several failures", () => {
  it("are one ScanError, caused by the first, and the later ones are warnings", async () => {
    const probe = new Probe();
    const second = new Error("brake stuck");
    probe.faults.set("motor.start", () => Promise.reject(failure));
    probe.faults.set("timer.stop", () => Promise.reject(second));
    const { error, events } = await runTraced(probe, referenceChain(probe));
    expect(error).toBeInstanceOf(ScanError);
    expect(error).toMatchObject({ code: "SCAN_FAILED", cause: failure, errors: [failure, second] });
    expect(events).toContainEqual(
      expect.objectContaining({ type: "warning", source: "timer", message: "brake stuck" }),
    );
  });

  it("after an abort leave it a ScanAbort, with warnings", async () => {
    const probe = new Probe();
    let abort = (): void => {};
    probe.faults.set("motor.start", () => abort());
    probe.faults.set("timer.stop", () => Promise.reject(failure));
    const { error, events } = await runTraced(probe, referenceChain(probe), {
      during: (scan) => {
        abort = () => scan.abort();
      },
    });
    expect(error).toBeInstanceOf(ScanAbort);
    expect(events).toContainEqual(expect.objectContaining({ type: "warning", source: "timer", message: "injected" }));
  });
});

describe("a reading", () => {
  it("that does not hear of stop is released by its signal after an abort", async () => {
    const probe = new Probe();
    let reason: unknown;
    probe.faults.set("A.reading", (signal) =>
      probe.clock.sleep(1e6, { signal }).catch((error: unknown) => {
        reason = error;
        throw error;
      }),
    );
    probe.faults.set("motor.start", () => abort());
    let abort = (): void => {};
    const outcome = await runTraced(probe, referenceChain(probe), {
      during: (scan) => {
        abort = () => scan.abort();
      },
    });
    expect(outcome.error).toBeInstanceOf(ScanAbort);
    expect(reason).toBeInstanceOf(ScanAbort);
    expect(outcome.seconds).toBe(0);
  });

  it("that does not hear of stop is released after its grace when the scan ends in good order", async () => {
    const probe = new Probe();
    probe.faults.set("A.reading", (signal) => probe.clock.sleep(1e6, { signal }));
    const outcome = await runTraced(probe, referenceChain(probe), { during: (scan) => scan.stop() });
    expect(outcome.error).toBeUndefined();
    expect(outcome.scan.state).toBe("DONE");
    expect(outcome.seconds).toBe(10);
    expectCleanEnd(outcome, probe);
  });
});
