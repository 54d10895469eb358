import { VirtualClock } from "@beamtime/concurrency";
import { AcquisitionChain, Scan, SoftwareTimerMaster, WatchdogCallback } from "@beamtime/core";
import { describe, expect, it } from "vitest";
import { type CounterPoints, IntegratingCounter } from "./integrating-counter.js";
import { IntegratingCounterAcquisitionSlave } from "./integrating-counter-acquisition-slave.js";
import { IntegratingCounterController } from "./integrating-counter-controller.js";

/** A card that has each point `delay` after its trigger, or every `delay` by itself once started. */
class Card extends IntegratingCounterController {
  readonly calls: string[] = [];
  readonly polls: number[] = [];
  readonly clock: VirtualClock;
  readonly #delay: number;
  readonly #ready: number[] = [];
  #started: number | undefined;

  constructor(clock: VirtualClock, delay: number) {
    super("card");
    this.clock = clock;
    this.#delay = delay;
  }

  async prepareDevice(): Promise<void> {
    this.calls.push("prepare");
  }

  async startDevice(): Promise<void> {
    this.calls.push("start");
    this.#started = this.clock.now();
  }

  async triggerDevice(): Promise<void> {
    this.calls.push("trigger");
    this.#ready.push(this.clock.now() + this.#delay);
  }

  async stopDevice(): Promise<void> {
    this.calls.push("stop");
  }

  override async getValues(from: number, counters: readonly IntegratingCounter[]): Promise<readonly CounterPoints[]> {
    this.polls.push(this.clock.now());
    const triggered = this.#ready.filter((time) => time <= this.clock.now()).length;
    const running = Math.floor((this.clock.now() - (this.#started ?? 0)) / this.#delay + 1e-9);
    const count = this.#ready.length > 0 ? triggered : running;
    return counters.map(({ shape: [bins] }) => {
      const points = Array.from({ length: Math.max(0, count - from) }, (_, i) => from + i);
      return bins === undefined ? points : points.map((point) => new Uint32Array(bins).fill(point));
    });
  }
}

function setUp(delay: number) {
  const clock = new VirtualClock();
  const card = new Card(clock, delay);
  const scalar = new IntegratingCounter(card, { name: "scalar" });
  const spectrum = new IntegratingCounter(card, { name: "spectrum", dtype: "uint32", shape: [4] });
  return { clock, card, counters: [scalar, spectrum] };
}

describe("the integrating slave", () => {
  it("fetches one point of each counter per trigger", async () => {
    const { clock, card, counters } = setUp(0.1);
    const slave = new IntegratingCounterAcquisitionSlave(counters, { countTime: 0.1, npoints: 3 });
    const chain = new AcquisitionChain();
    chain.add(new SoftwareTimerMaster(0.1, { npoints: 3 }), slave);
    const scan = new Scan(chain, { clock });
    await clock.run(scan.run());
    const { scalar, spectrum } = scan.getData();
    expect(scalar).toEqual(Float64Array.of(0, 1, 2));
    expect(spectrum).toMatchObject({ shape: [3, 4], data: Uint32Array.of(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2) });
    expect(card.calls).toEqual(["prepare", "start", "trigger", "trigger", "trigger", "stop"]);
  });

  it("holds the next point back until the device has given the last one", async () => {
    const { clock, card, counters } = setUp(0.5);
    const chain = new AcquisitionChain();
    const slave = new IntegratingCounterAcquisitionSlave(counters, { countTime: 0.1, npoints: 3 });
    chain.add(new SoftwareTimerMaster(0.1, { npoints: 3 }), slave);
    const scan = new Scan(chain, { clock });
    await clock.run(scan.run());
    expect(scan.getData("scalar")).toHaveLength(3);
    expect(clock.now()).toBeGreaterThanOrEqual(1.5);
    expect(card.polls.length).toBeLessThan(100);
  });

  it("asks for nothing while no point is due", async () => {
    const { clock, card, counters } = setUp(0.1);
    const chain = new AcquisitionChain();
    const slave = new IntegratingCounterAcquisitionSlave(counters, { countTime: 0.1, npoints: 2 });
    chain.add(new SoftwareTimerMaster(0.1, { npoints: 2, sleepTime: 3600 }), slave);
    await clock.run(new Scan(chain, { clock }).run());
    expect(clock.now()).toBeGreaterThan(3600);
    expect(card.polls.length).toBeLessThan(20);
  });

  it("has a point as soon as its count time is over: the next one may follow at once", async () => {
    const { clock, card, counters } = setUp(0.005);
    const chain = new AcquisitionChain();
    const slave = new IntegratingCounterAcquisitionSlave(counters, { countTime: 0.005, npoints: 100 });
    chain.add(new SoftwareTimerMaster(0.005, { npoints: 100 }), slave);
    await clock.run(new Scan(chain, { clock }).run());
    expect([clock.now(), card.polls.length]).toEqual([expect.closeTo(0.5, 9), 100]);
  });

  it("asks less and less often for a point that is late", async () => {
    const { clock, card, counters } = setUp(1.3);
    const chain = new AcquisitionChain();
    const slave = new IntegratingCounterAcquisitionSlave(counters, { countTime: 1, npoints: 1 });
    chain.add(new SoftwareTimerMaster(1), slave);
    await clock.run(new Scan(chain, { clock }).run());
    const polls = card.polls.map((time) => Math.round(1000 * (time - 1)));
    expect(polls.slice(0, 8)).toEqual([0, 1, 2, 4, 8, 16, 32, 52]);
    expect(polls.at(-1)).toBe(312);
  });

  it("fetches what there is at once when a watchdog ends the scan during a long count", async () => {
    const { clock, card, counters } = setUp(1000);
    const chain = new AcquisitionChain();
    const slave = new IntegratingCounterAcquisitionSlave(counters, { countTime: 1000, npoints: 1 });
    chain.add(new SoftwareTimerMaster(1000), slave);
    class Impatient extends WatchdogCallback {
      override onTimeout = (): "stop" => "stop";
    }
    const scan = new Scan(chain, { clock });
    scan.setWatchdogCallback(new Impatient({ timeout: 5 }));
    await clock.run(scan.run());
    expect([clock.now() < 6, card.polls.length, card.calls.at(-1)]).toEqual([true, 1, "stop"]);
  });

  it("takes no more points than it wants from a device that has more", async () => {
    const { clock, counters } = setUp(0.001);
    const chain = new AcquisitionChain();
    const hardware = { countTime: 0.001, npoints: 15, triggerType: "hardware" } as const;
    chain.add(new SoftwareTimerMaster(1), new IntegratingCounterAcquisitionSlave(counters, hardware));
    const scan = new Scan(chain, { clock });
    await clock.run(scan.run());
    expect(scan.getData()).toMatchObject({ scalar: { length: 15 }, spectrum: { shape: [15, 4] } });
  });

  it("takes blocks from a device that hardware triggers", async () => {
    const { clock, card, counters } = setUp(0.001);
    const chain = new AcquisitionChain();
    const hardware = { countTime: 0.001, npoints: 1000, triggerType: "hardware" } as const;
    chain.add(new SoftwareTimerMaster(1), new IntegratingCounterAcquisitionSlave(counters, hardware));
    const scan = new Scan(chain, { clock });
    await clock.run(scan.run());
    const expected = Array.from({ length: 1000 }, (_, point) => point);
    expect(scan.getData("scalar")).toEqual(Float64Array.from(expected));
    expect(card.polls.length).toBeLessThan(60);
    expect(card.calls).toEqual(["prepare", "start", "stop"]);
  });

  it("fetches what is left when an endless one is stopped", async () => {
    const { clock, card, counters } = setUp(0.001);
    const chain = new AcquisitionChain();
    const endless = { countTime: 0.001, npoints: 0, triggerType: "hardware" } as const;
    chain.add(new SoftwareTimerMaster(1, { npoints: 0 }), new IntegratingCounterAcquisitionSlave(counters, endless));
    const scan = new Scan(chain, { clock });
    const ended = scan.run();
    await clock.advance(2.5);
    scan.stop();
    await clock.run(ended);
    expect(scan.getData("scalar")).toHaveLength(3000);
    expect(card.calls).toEqual(["prepare", "start", "stop"]);
  });

  it("stops the device when the scan is aborted", async () => {
    const { clock, card, counters } = setUp(1000);
    const chain = new AcquisitionChain();
    chain.add(
      new SoftwareTimerMaster(1),
      new IntegratingCounterAcquisitionSlave(counters, { countTime: 1, npoints: 1 }),
    );
    const scan = new Scan(chain, { clock });
    const ended = scan.run().catch(() => "aborted");
    await clock.advance(5);
    scan.abort();
    expect(await clock.run(ended)).toBe("aborted");
    expect(card.calls).toEqual(["prepare", "start", "trigger", "stop"]);
    expect(clock.now()).toBeLessThan(6);
  });

  it("fails the scan when counters have different numbers of points", async () => {
    const { clock, card, counters } = setUp(0.1);
    card.getValues = async () => [[1, 2], []];
    const chain = new AcquisitionChain();
    chain.add(
      new SoftwareTimerMaster(1),
      new IntegratingCounterAcquisitionSlave(counters, { countTime: 1, npoints: 1 }),
    );
    await expect(clock.run(new Scan(chain, { clock }).run())).rejects.toThrow(
      "card gave 2, 0 points for its 2 counters; expected as many of each",
    );
    expect(card.calls.at(-1)).toBe("stop");
  });
});
