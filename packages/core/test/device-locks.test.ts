import { deferred } from "@beamtime/concurrency";
import { describe, expect, it } from "vitest";
import {
  AcquisitionChain,
  type AcquisitionContext,
  AcquisitionMaster,
  DeviceInUseError,
  type DeviceLocks,
  type LockableDevice,
  Scan,
  ScanAbort,
  type ScanOptions,
} from "../src/index.js";

/** Runs until the scan is stopped, aborted or released. */
class Busy extends AcquisitionMaster {
  readonly release = deferred<void>();
  readonly started = deferred<void>();

  constructor(devices: readonly LockableDevice[]) {
    super({ name: "busy", exclusive: devices });
  }
  prepare(): void {}
  async start({ signal }: AcquisitionContext): Promise<void> {
    this.started.resolve();
    await Promise.race([this.release.promise, new Promise((_, reject) => signal.addEventListener("abort", reject))]);
  }
  stop(): void {}
}

function busyScan(devices: readonly LockableDevice[], options: ScanOptions = {}): { scan: Scan; master: Busy } {
  const chain = new AcquisitionChain();
  const master = new Busy(devices);
  chain.add(master);
  return { scan: new Scan(chain, { name: "busy", ...options }), master };
}

/** Locks of one other process: what it holds cannot be had. */
class OtherProcess implements DeviceLocks {
  readonly held = new Set<string>();
  readonly log: string[] = [];
  readonly lost = new AbortController();
  onAcquire: () => void | Promise<void> = () => {};

  async acquire(names: readonly string[], { holder, signal }: { holder: string; signal: AbortSignal }) {
    this.log.push(`${holder} takes ${names.join(" ")}`);
    await this.onAcquire();
    signal.throwIfAborted();
    const taken = names.filter((name) => this.held.has(name));
    if (taken.length > 0) throw new DeviceInUseError(taken, "other@host:1");
    return {
      lost: this.lost.signal,
      [Symbol.asyncDispose]: async () => void this.log.push(`${holder} gives back`),
    };
  }
}

const roby = { name: "roby" };

describe("the devices of a scan", () => {
  it("are refused to another scan of the process before it has a number, and free after the end", async () => {
    const first = busyScan([roby, { name: "robz" }]);
    const running = first.scan.run();
    await first.master.started.promise;
    const second = busyScan([roby], { title: "ascan roby 0 1" });
    const refusal = await second.scan.run().catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(DeviceInUseError);
    expect(refusal).toMatchObject({
      code: "DEVICE_IN_USE",
      devices: ["roby"],
      message: /roby is in use by the scan busy/,
    });
    expect(() => second.scan.number).toThrow("has no number yet");
    first.master.release.resolve();
    await running;
    const third = busyScan([roby]);
    third.master.release.resolve();
    await expect(third.scan.run()).resolves.toMatchObject({ state: "DONE" });
  });

  it("may be used by two scans when they are different devices of one name", async () => {
    const first = busyScan([{ name: "diodes" }]);
    const second = busyScan([{ name: "diodes" }]);
    const runs = [first.scan.run(), second.scan.run()];
    await Promise.all([first.master.started.promise, second.master.started.promise]);
    for (const { master } of [first, second]) master.release.resolve();
    expect((await Promise.all(runs)).map(({ state }) => state)).toEqual(["DONE", "DONE"]);
  });

  it("are locked under their names in other processes, sorted, each once, until the end of the scan", async () => {
    const locks = new OtherProcess();
    const controller = { name: "here", lockName: "hardware" };
    const { scan, master } = busyScan([roby, controller, { name: "computed", lockName: null }], { locks, title: "t" });
    master.release.resolve();
    await scan.run();
    expect(locks.log).toEqual(["t takes hardware roby", "t gives back"]);
  });

  it("end the scan with the error of the locks when another process has one, and nothing was started", async () => {
    const locks = new OtherProcess();
    locks.held.add("roby");
    const { scan } = busyScan([roby], { locks });
    await expect(scan.run()).rejects.toThrow("roby is in use by other@host:1");
    expect(scan.state).toBe("KILLED");
    const free = busyScan([roby]);
    free.master.release.resolve();
    await expect(free.scan.run()).resolves.toMatchObject({ state: "DONE" });
  });

  it("fail the scan when the right to them is lost", async () => {
    const locks = new OtherProcess();
    const { scan, master } = busyScan([roby], { locks });
    const running = scan.run();
    await master.started.promise;
    locks.lost.abort(new Error("roby was taken by commissioning"));
    await expect(running).rejects.toThrow("roby was taken by commissioning");
    expect(scan.state).toBe("KILLED");
    expect(locks.log.at(-1)).toBe("busy gives back");
  });

  it("are given back when the scan is aborted while it waits for them", async () => {
    const locks = new OtherProcess();
    const asked = deferred<void>();
    const answer = deferred<void>();
    locks.onAcquire = () => {
      asked.resolve();
      return answer.promise;
    };
    const { scan } = busyScan([roby], { locks });
    const running = scan.run();
    await asked.promise;
    scan.abort();
    answer.resolve();
    await expect(running).rejects.toBeInstanceOf(ScanAbort);
    expect(busyScan([roby]).scan.state).toBe("IDLE");
    const next = busyScan([roby]);
    next.master.release.resolve();
    await expect(next.scan.run()).resolves.toMatchObject({ state: "DONE" });
  });
});
