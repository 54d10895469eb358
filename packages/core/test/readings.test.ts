import { Gate } from "@beamtime/concurrency";
import { describe, expect, it } from "vitest";
import { AcquisitionChain, type AcquisitionContext, Scan, ScanAbort } from "../src/index.js";
import { Probe, runTraced, TracedMaster, TracedSlave } from "./traced-chain.js";

function chainOf(slave: TracedSlave, probe: Probe, count = 2): AcquisitionChain {
  const chain = new AcquisitionChain();
  chain.add(new TracedMaster(probe, "motor", count), slave);
  return chain;
}

describe("a reading", () => {
  it("holds the next iteration back until it has ended", async () => {
    const probe = new Probe();
    const slave = new TracedSlave(probe, "A");
    slave.reading = ({ signal }) => probe.clock.sleep(2, { signal });
    const { error, seconds } = await runTraced(probe, chainOf(slave, probe));
    expect(error).toBeUndefined();
    expect(seconds).toBe(4);
  });

  it("may span all iterations of an object that is prepared and started once", async () => {
    const probe = new Probe();
    const slave = new TracedSlave(probe, "A", { prepareOnce: true, startOnce: true });
    let readings = 0;
    slave.reading = async ({ signal }) => {
      readings++;
      await probe.clock.sleep(7, { signal });
      slave.channels[0]?.emit([7, 7, 7]);
    };
    const { scan, error, seconds, events } = await runTraced(probe, chainOf(slave, probe, 3));
    expect(error).toBeUndefined();
    expect(readings).toBe(1);
    expect(seconds).toBe(7);
    // what it gives at last comes before its end is told
    expect(scan.getData("A:value")).toEqual(new Float64Array([0, 10, 20, 7, 7, 7]));
    const ends = events.map((event) => (event.type === "deviceEnd" ? event.device : event.type));
    expect(ends.lastIndexOf("data")).toBeLessThan(ends.indexOf("2:A"));
  });

  it("that is not over fails an object with iterations of its own, when it is prepared again", async () => {
    const probe = new Probe();
    class Counting extends TracedSlave {
      override *iterations(): Iterable<number> {
        for (let index = 0; ; index++) yield index;
      }
    }
    const slave = new Counting(probe, "A");
    slave.reading = ({ signal }) => probe.clock.sleep(100, { signal });
    const { error } = await runTraced(probe, chainOf(slave, probe));
    expect(String(error)).toBe("AcquisitionError: A: last reading task is not finished");
    expect(probe.trace).toContain("A.stop");
  });

  it("that ends makes its object ready, whatever that says itself", async () => {
    const probe = new Probe();
    const slave = new TracedSlave(probe, "A", { prepareOnce: true });
    let asked = 0;
    slave.waitReady = ({ signal }) => (asked++ === 0 ? undefined : probe.clock.sleep(1e6, { signal }));
    slave.reading = ({ signal }) => probe.clock.sleep(1, { signal });
    const { error, seconds } = await runTraced(probe, chainOf(slave, probe));
    expect(error).toBeUndefined();
    expect(asked).toBe(3);
    expect(seconds).toBe(2);
  });

  it("ends with stop when the user stops the scan, and may still give data", async () => {
    const probe = new Probe();
    const slave = new TracedSlave(probe, "A", { prepareOnce: true, startOnce: true, npoints: 100 });
    const stopped = new Gate();
    slave.reading = async () => {
      await stopped.wait();
      slave.channels[0]?.emit(-1);
    };
    slave.stop = () => stopped.open();
    const { scan, error } = await runTraced(probe, chainOf(slave, probe, 100), {
      onEvent: (event, running) => {
        if (event.type === "data" && event.first === 4) running.stop();
      },
    });
    expect(error).toBeUndefined();
    expect(scan.state).toBe("DONE");
    expect(scan.getData("A:value")).toEqual(new Float64Array([0, 10, 20, 30, 40, -1]));
  });
});

describe("a master that triggers several times per iteration", () => {
  it("can wait until all below are ready", async () => {
    const probe = new Probe();
    class Sweep extends TracedMaster {
      override async trigger(context: AcquisitionContext): Promise<void> {
        for (let point = 0; point < 3; point++) {
          await this.waitSlavesReady(context);
          this.triggerSlaves(context);
          await this.waitSlaves(context);
        }
      }
    }
    const chain = new AcquisitionChain();
    const [sweep, timer] = [new Sweep(probe, "sweep"), new TracedMaster(probe, "timer")];
    const card = new TracedMaster(probe, "card");
    card.waitReady = ({ signal }) => probe.clock.sleep(5, { signal });
    chain.add(sweep, timer);
    chain.add(timer, card);
    const { error, seconds } = await runTraced(probe, chain);
    expect(error).toBeUndefined();
    // before each of three triggers, and by the engine before and after the iteration
    expect(seconds).toBe(25);
  });
});

it("a loop of synchronous objects lets the process breathe: it can be aborted", async () => {
  const probe = new Probe();
  class Free extends TracedMaster {
    override start(context: AcquisitionContext): void {
      this.channels[0]?.emit(context.iteration);
    }
  }
  const chain = new AcquisitionChain();
  chain.add(new Free(probe, "free", 1e9));
  const scan = new Scan(chain, { memoryLimit: 1e6 });
  setTimeout(() => scan.abort(), 20);
  await expect(scan.run()).rejects.toBeInstanceOf(ScanAbort);
});
