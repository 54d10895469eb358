import { deferred } from "@beamtime/concurrency";
import { describe, expect, it } from "vitest";
import {
  AcquisitionChain,
  Scan,
  ScanAbort,
  type ScanEvent,
  ScanRecorder,
  type ScanSink,
  type ScanSinkContext,
  type ScanSinkFactory,
} from "../src/index.js";
import { Probe, referenceChain, TracedMaster, TracedSlave } from "./traced-chain.js";

class Sink implements ScanSinkFactory {
  readonly name: string;
  readonly required: boolean;
  readonly calls: string[] = [];
  readonly #sink: Partial<ScanSink>;
  context: ScanSinkContext | undefined;

  constructor(sink: Partial<ScanSink> = {}, { name = "writer", required = true } = {}) {
    this.#sink = sink;
    this.name = name;
    this.required = required;
  }

  open(context: ScanSinkContext): ScanSink {
    this.context = context;
    const { pressure } = this.#sink;
    return {
      push: (event) => {
        this.calls.push(event.type === "state" ? event.state : event.type);
        this.#sink.push?.(event);
      },
      flush: async (options) => {
        this.calls.push("flush");
        await this.#sink.flush?.(options);
      },
      close: async () => {
        this.calls.push("close");
        await this.#sink.close?.();
      },
      ...(pressure && { pressure }),
    };
  }
}

async function run(probe: Probe, ...sinks: ScanSinkFactory[]) {
  const recorder = new ScanRecorder();
  const scan = new Scan(referenceChain(probe), { clock: probe.clock, sinks: [...sinks, recorder] });
  const error: unknown = await probe.clock.run(
    scan.run().then(
      () => undefined,
      (thrown: unknown) => thrown,
    ),
  );
  return { scan, error, events: recorder.events };
}

const warningsOf = (events: readonly ScanEvent[]): string[] =>
  events.flatMap((event) => (event.type === "warning" ? [`${event.source}: ${event.message}`] : []));

describe("a sink", () => {
  it("hears all in the documented order, is flushed before anything moves and at the end, and closed once", async () => {
    const sink = new Sink();
    const probe = new Probe();
    await run(probe, sink);
    const calls = sink.calls.filter((call, index) => call !== "data" || sink.calls[index - 1] !== "data");
    expect(calls).toEqual([
      "created",
      "flush",
      "PREPARING",
      "devices",
      "prepared",
      "flush",
      "STARTING",
      "data",
      "deviceEnd",
      "deviceEnd",
      "deviceEnd",
      "deviceEnd",
      "STOPPING",
      "flush",
      "ended",
      "DONE",
      "flush",
      "close",
    ]);
  });

  it("gets the points of a channel numbered from 0, and refers to it by its place", async () => {
    const { events } = await run(new Probe());
    const devices = events.find((event) => event.type === "devices");
    const index = devices?.channels.findIndex(({ fullname }) => fullname === "B:value");
    const points = events.flatMap((event) => (event.type === "data" && event.channel === index ? [event] : []));
    expect(points.map(({ first, npoints, data }) => [first, npoints, data[0]])).toEqual([
      [0, 1, 0],
      [1, 1, 10],
    ]);
    expect(devices?.devices.map(({ id, parent, depth }) => [id, parent, depth])).toEqual([
      ["1:motor", null, 1],
      ["2:timer", "1:motor", 2],
      ["3:A", "2:timer", 3],
      ["4:B", "2:timer", 3],
    ]);
  });

  it.each([
    ["created", "flush"],
    ["prepared", "flush"],
  ])("that cannot reach its place after '%s' fails the scan before anything is prepared", async (after) => {
    const probe = new Probe();
    const sink: Sink = new Sink({
      flush: async () => {
        if (sink.calls.at(-2) === after) throw new Error("ECONNREFUSED");
      },
    });
    const { error, scan, events } = await run(probe, sink);
    expect(String(error)).toBe("Error: ECONNREFUSED");
    expect(scan.state).toBe("KILLED");
    expect(probe.trace.some((entry) => /prepare|stop/.test(entry))).toBe(false);
    expect(sink.calls.slice(-3)).toEqual(["ended", "KILLED", "close"]);
    expect(events).toContainEqual(expect.objectContaining({ type: "ended", reason: "FAILURE" }));
  });

  it.each(["created", "devices", "prepared", "data", "deviceEnd", "ended"])(
    "that throws at '%s' fails the scan, is told of its end and closed",
    async (type) => {
      const probe = new Probe();
      const sink = new Sink({
        push: (event) => {
          if (event.type === type) throw new Error("disk full");
        },
      });
      const { error, scan } = await run(probe, sink);
      expect(String(error)).toBe("Error: disk full");
      expect(scan.state).toBe("KILLED");
      expect(sink.calls.slice(-3)).toEqual(["ended", "KILLED", "close"]);
      if (type === "data") expect(probe.trace).not.toContain("motor.iter1");
    },
  );

  it("that fails in the background fails the scan", async () => {
    const probe = new Probe();
    const sink: Sink = new Sink();
    probe.faults.set("motor.start", async (signal) => {
      sink.context?.fail(new Error("lost the server"));
      await probe.clock.sleep(1e6, { signal });
    });
    const { error, scan } = await run(probe, sink);
    expect(String(error)).toBe("Error: lost the server");
    expect(scan.state).toBe("KILLED");
    expect(probe.clock.now()).toBe(0);
  });

  it("that fails at its last flush or close fails the scan", async () => {
    for (const last of ["flush", "close"] as const) {
      const sink: Sink = new Sink({
        [last]: async () => {
          if (sink.calls.at(-2) === (last === "flush" ? "DONE" : "flush")) throw new Error("no space left");
        },
      });
      const { error, scan } = await run(new Probe(), sink);
      expect(String(error)).toBe("Error: no space left");
      expect(scan.state).toBe("KILLED");
    }
  });

  it("that is not required becomes a warning to the others, hears no more, and is closed", async () => {
    const display = new Sink(
      {
        push: (event) => {
          if (event.type === "data") throw new Error("no terminal");
        },
      },
      { name: "display", required: false },
    );
    const { error, scan, events } = await run(new Probe(), display);
    expect(error).toBeUndefined();
    expect(scan.state).toBe("DONE");
    expect(display.calls.slice(-2)).toEqual(["data", "close"]);
    expect(warningsOf(events)).toEqual(["display: display is no longer used: no terminal"]);
  });

  it("is told apart from another of the same name", async () => {
    const broken = new Sink(
      {
        push: () => {
          throw new Error("broken");
        },
      },
      { name: "display", required: false },
    );
    const fine = new Sink({}, { name: "display", required: false });
    await run(new Probe(), fine, broken);
    expect(broken.calls).toEqual(["created", "close"]);
    expect(fine.calls).toContain("ended");
  });

  it("that cannot be opened is left out, or fails the scan when it is required", async () => {
    const opening = (required: boolean): ScanSinkFactory => ({
      name: "display",
      required,
      open: () => {
        throw new Error("no screen");
      },
    });
    const after = new Sink();
    expect((await run(new Probe(), opening(false), after)).error).toBeUndefined();
    const before = new Sink();
    const { error, scan } = await run(new Probe(), before, opening(true));
    expect(String(error)).toBe("Error: no screen");
    expect(scan.state).toBe("KILLED");
    expect(before.calls).toEqual(["flush", "close"]);
  });

  it("may warn, also while it is told something, without disturbing the order", async () => {
    const talking: Sink = new Sink({
      push: (event) => {
        if (event.type === "created") talking.context?.warn("little space left");
      },
    });
    const { events } = await run(new Probe(), talking);
    expect(events.slice(0, 2).map(({ type }) => type)).toEqual(["created", "warning"]);
    expect(warningsOf(events)).toEqual(["writer: little space left"]);
  });

  it("under pressure makes a step scan wait before its next point", async () => {
    const probe = new Probe();
    let asked = 0;
    const sink = new Sink({
      pressure: () => {
        asked++;
        return asked === 1 ? probe.clock.sleep(30) : undefined;
      },
    });
    const { error } = await run(probe, sink);
    expect(error).toBeUndefined();
    expect(asked).toBe(2);
    expect(probe.clock.now()).toBe(30);
  });

  it("under pressure for ever does not keep an abort from ending the scan", async () => {
    const probe = new Probe();
    const stuck = deferred<void>();
    const chain = new AcquisitionChain();
    chain.add(new TracedMaster(probe, "motor", 3), new TracedSlave(probe, "A"));
    const scan = new Scan(chain, { clock: probe.clock, sinks: [new Sink({ pressure: () => stuck.promise })] });
    void probe.clock.sleep(5).then(() => scan.abort());
    await expect(probe.clock.run(scan.run())).rejects.toBeInstanceOf(ScanAbort);
    expect(scan.state).toBe("USER_ABORTED");
    expect(probe.clock.now()).toBe(5);
  });

  it("that never flushes does not keep a second abort from ending the scan", async () => {
    const probe = new Probe();
    const sink: Sink = new Sink({
      flush: () => (sink.calls.includes("STOPPING") ? new Promise(() => {}) : Promise.resolve()),
    });
    const scan = new Scan(referenceChain(probe), { clock: probe.clock, sinks: [sink] });
    void probe.clock.sleep(5).then(() => scan.abort());
    void probe.clock.sleep(8).then(() => scan.abort());
    await expect(probe.clock.run(scan.run())).rejects.toBeInstanceOf(ScanAbort);
    expect(probe.clock.now()).toBe(8);
    expect(sink.calls.at(-1)).toBe("close");
  });
});
