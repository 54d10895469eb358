import { describe, expect, it } from "vitest";
import {
  AcquisitionChain,
  AcquisitionChannel,
  type AcquisitionContext,
  AcquisitionSlave,
  type ChannelBlock,
  SoftwareTimerMaster,
  StopIteration,
  StopScan,
  type WatchdogAnswer,
  WatchdogCallback,
} from "../src/index.js";
import { Probe, runTraced } from "./traced-chain.js";

class Ramp extends AcquisitionSlave {
  readonly #value = new AcquisitionChannel("card:ramp", "float64");
  #count = 0;
  /** Seconds without data, at the third point. */
  readonly pause: number;

  constructor(pause = 0) {
    super({ name: "card", prepareOnce: true, startOnce: true });
    this.pause = pause;
    this.channels.push(this.#value);
  }
  prepare(): void {}
  start(): void {}
  override async trigger({ clock, signal }: AcquisitionContext): Promise<void> {
    if (this.#count === 3 && this.pause > 0) await clock.sleep(this.pause, { signal });
    this.#value.emit(this.#count++);
  }
  stop(): void {}
}

class Watching extends WatchdogCallback {
  readonly calls: string[] = [];
  readonly blocks: ChannelBlock[] = [];
  onData: (value: number) => WatchdogAnswer | Promise<WatchdogAnswer> = () => {};
  whenTimeout: () => WatchdogAnswer = () => {};

  override onScanNew(): void {
    this.calls.push("new");
  }
  override onScanData(blocks: readonly ChannelBlock[]): WatchdogAnswer | Promise<WatchdogAnswer> {
    this.blocks.push(...blocks);
    const ramp = blocks.findLast(({ channel }) => channel.shortName === "ramp");
    if (ramp) return this.onData(Number(ramp.data[0]));
  }
  override onTimeout(): WatchdogAnswer {
    this.calls.push("timeout");
    return this.whenTimeout();
  }
  override onScanEnd(): void {
    this.calls.push("end");
  }
}

async function watch(watchdog: Watching, { pause = 0, countTime = 0.1 } = {}) {
  const probe = new Probe();
  const chain = new AcquisitionChain();
  chain.add(new SoftwareTimerMaster(countTime, { npoints: 20 }), new Ramp(pause));
  return runTraced(probe, chain, { watchdog });
}

describe("a watchdog", () => {
  it.each([
    [
      "throws StopScan",
      (): WatchdogAnswer => {
        throw new StopScan();
      },
    ],
    [
      "throws StopIteration",
      (): WatchdogAnswer => {
        throw new StopIteration();
      },
    ],
    ["answers stop", (): WatchdogAnswer => "stop"],
    ["answers stop later", async (): Promise<WatchdogAnswer> => "stop"],
  ])("that %s on data ends the scan normally, within a point", async (_, answer) => {
    const watchdog = new Watching();
    watchdog.onData = (value) => (value >= 5 ? answer() : undefined);
    const { error, scan, events } = await watch(watchdog);
    expect(error).toBeUndefined();
    expect(scan.state).toBe("DONE");
    expect(events).toContainEqual(expect.objectContaining({ type: "ended", reason: "SUCCESS" }));
    expect(scan.getData("ramp")).toEqual(new Float64Array([0, 1, 2, 3, 4, 5]));
    expect(watchdog.calls).toEqual(["new", "end"]);
  });

  it("that throws anything else fails the scan with it", async () => {
    const watchdog = new Watching();
    const failure = new TypeError("bug in the analysis");
    watchdog.onData = () => {
      throw failure;
    };
    const { error, scan } = await watch(watchdog);
    expect(error).toBe(failure);
    expect(scan.state).toBe("KILLED");
  });

  it("hears of no timeout while data flows", async () => {
    const watchdog = new Watching();
    await watch(watchdog, { countTime: 0.9 });
    expect(watchdog.calls).toEqual(["new", "end"]);
  });

  it("hears of a timeout after so many seconds without data, and again each time", async () => {
    const watchdog = new Watching();
    await watch(watchdog, { pause: 3.5 });
    expect(watchdog.calls).toEqual(["new", "timeout", "timeout", "timeout", "end"]);
  });

  it("may end the scan in a timeout", async () => {
    const watchdog = new Watching({ timeout: 2 });
    watchdog.whenTimeout = () => "stop";
    const { error, scan, seconds } = await watch(watchdog, { pause: 1000 });
    expect(error).toBeUndefined();
    expect(scan.state).toBe("DONE");
    // the timer emitted last at 0.3 s
    expect(seconds).toBeCloseTo(2.3, 6);
  });

  it("is never called twice at the same time, and gets the last block of each channel", async () => {
    const watchdog = new Watching({ timeout: 0.2 });
    const probe = new Probe();
    let running = 0;
    let most = 0;
    watchdog.onData = async () => {
      most = Math.max(most, ++running);
      await probe.clock.sleep(0.35);
      running--;
    };
    const chain = new AcquisitionChain();
    chain.add(new SoftwareTimerMaster(0.1, { npoints: 20 }), new Ramp());
    const { error } = await runTraced(probe, chain, { watchdog });
    expect(error).toBeUndefined();
    expect(most).toBe(1);
    expect(watchdog.calls).not.toContain("timeout");
    const values = watchdog.blocks.filter(({ channel }) => channel.shortName === "ramp").map(({ first }) => first);
    expect(values).toEqual([0, 3, 6, 10, 13, 17, 19]);
  });

  it("that hangs does not keep the scan from ending", async () => {
    const watchdog = new Watching();
    watchdog.onData = () => new Promise(() => {});
    const { error, seconds, events } = await watch(watchdog);
    expect(error).toBeUndefined();
    expect(seconds).toBeCloseTo(12, 6);
    expect(events).toContainEqual(expect.objectContaining({ type: "warning", source: "Watching" }));
  });
});
