import type { ArrayData } from "@beamtime/protocol";
import { describe, expect, it } from "vitest";
import { AcquisitionChain, ChainIterationPreset, ChainPreset, Scan, ScanPreset } from "../src/index.js";
import { Probe, referenceChain, runTraced, TracedMaster, TracedSlave } from "./traced-chain.js";

const isPreset = (entry: string): boolean => /^(scanPreset|preset|it\d)\./.test(entry);

function simpleChain(probe: Probe, count = 1): AcquisitionChain {
  const chain = new AcquisitionChain();
  chain.add(new TracedMaster(probe, "motor", count), new TracedSlave(probe, "diode"));
  return chain;
}

describe("presets", () => {
  it("of scan, branch and iteration are called in the documented order", async () => {
    const probe = new Probe();
    const { trace } = await runTraced(probe, referenceChain(probe));
    expect(trace.filter(isPreset)).toEqual([
      "scanPreset.prepare",
      "preset.prepare",
      "it0.prepare",
      "scanPreset.start",
      "preset.start",
      "it0.start",
      "it0.stop",
      "it1.prepare",
      "it1.start",
      "preset.beforeStop",
      "preset.stop",
      "it1.stop",
      "scanPreset.stop",
    ]);
  });

  it("of one kind run concurrently", async () => {
    const probe = new Probe();
    class Slow extends ScanPreset {
      override async prepare(_scan: Scan, { signal }: { signal: AbortSignal }): Promise<void> {
        await probe.clock.sleep(2, { signal });
      }
    }
    const { seconds } = await runTraced(probe, simpleChain(probe), {
      during: (scan) => {
        scan.addPreset(new Slow());
        scan.addPreset(new Slow());
      },
    });
    expect(seconds).toBe(2);
  });

  it("are aborted when another of their kind fails", async () => {
    const probe = new Probe();
    const reasons: unknown[] = [];
    const failure = new Error("shutter interlock");
    class Failing extends ChainPreset {
      override prepare(): Promise<void> {
        return Promise.reject(failure);
      }
    }
    class Waiting extends ChainPreset {
      override async prepare(_chain: AcquisitionChain, { signal }: { signal: AbortSignal }): Promise<void> {
        await probe.clock.sleep(1e9, { signal }).catch((reason: unknown) => reasons.push(reason));
      }
    }
    const chain = simpleChain(probe);
    chain.addPreset(new Waiting());
    chain.addPreset(new Failing());
    const { error } = await runTraced(probe, chain);
    expect(error).toBe(failure);
    expect(reasons).toEqual([failure]);
  });

  it("of a branch see the chain; those of another branch are its own", async () => {
    const probe = new Probe();
    const seen: unknown[] = [];
    class Seeing extends ChainPreset {
      override prepare(chain: AcquisitionChain): void {
        seen.push(chain);
      }
    }
    const chain = simpleChain(probe);
    const other = new TracedMaster(probe, "other");
    chain.add(other);
    chain.addPreset(new Seeing());
    chain.addPreset(new Seeing(), other);
    await runTraced(probe, chain);
    expect(seen).toEqual([chain, chain]);
  });

  it("of iterations may be fewer than the iterations", async () => {
    const probe = new Probe();
    const calls: string[] = [];
    class Once extends ChainPreset {
      override async *getIterator(): AsyncIterable<ChainIterationPreset> {
        yield new (class extends ChainIterationPreset {
          override prepare(): void {
            calls.push("prepare");
          }
          override stop(): void {
            calls.push("stop");
          }
        })();
      }
    }
    const chain = simpleChain(probe, 3);
    chain.addPreset(new Once());
    const { error } = await runTraced(probe, chain);
    expect(error).toBeUndefined();
    expect(calls).toEqual(["prepare", "stop"]);
  });

  it("of iterations that are of another class fail the scan", async () => {
    const probe = new Probe();
    class Wrong extends ChainPreset {
      // @ts-expect-error not an iteration preset
      override *getIterator(): Iterable<string> {
        yield "shutter";
      }
    }
    const chain = simpleChain(probe);
    chain.addPreset(new Wrong() as ChainPreset);
    const { error, scan, trace } = await runTraced(probe, chain);
    expect(String(error)).toContain("Wrong.getIterator yielded shutter: expected a ChainIterationPreset");
    expect(scan.state).toBe("KILLED");
    expect(trace).not.toContain("motor.prepare");
  });

  it("are refused on a scan when they are of another class, or when it runs", async () => {
    const probe = new Probe();
    const scan = new Scan(simpleChain(probe), { clock: probe.clock });
    // @ts-expect-error not a scan preset
    expect(() => scan.addPreset({})).toThrow("is not a ScanPreset");
    await probe.clock.run(scan.run());
    expect(() => scan.addPreset(new (class extends ScanPreset {})())).toThrow("possible before the scan runs only");
  });
});

describe("ScanPreset.connectDataChannels", () => {
  class Listening extends ScanPreset {
    readonly heard: [unknown, string, ArrayData][] = [];
    readonly #keys: readonly string[];
    constructor(...keys: string[]) {
      super();
      this.#keys = keys;
    }
    override prepare(): void {
      this.connectDataChannels(this.#keys, (key, fullname, data) => {
        if (data[0] === 10) throw new Error("too many counts");
        this.heard.push([key, fullname, data]);
      });
    }
  }

  it("calls back with the data of the channels asked for", async () => {
    const probe = new Probe();
    const preset = new Listening("value");
    const { error } = await runTraced(probe, simpleChain(probe), { during: (scan) => scan.addPreset(preset) });
    expect(error).toBeUndefined();
    expect(preset.heard).toEqual([["value", "diode:value", new Float64Array([0])]]);
    expect(() => preset.connectDataChannels([], () => {})).toThrow("call it in prepare");
  });

  it("fails the object that emits when the callback throws", async () => {
    const probe = new Probe();
    const { error, scan } = await runTraced(probe, simpleChain(probe, 2), {
      during: (running) => running.addPreset(new Listening("value")),
    });
    expect(String(error)).toBe("Error: too many counts");
    expect(scan.state).toBe("KILLED");
  });

  it("refuses what is not in the scan", async () => {
    const probe = new Probe();
    const { error } = await runTraced(probe, simpleChain(probe), {
      during: (scan) => scan.addPreset(new Listening("gauss")),
    });
    expect(String(error)).toContain('no channel of "gauss" in this scan; it has motor:position, diode:value');
  });
});
