import { VirtualClock } from "@beamtime/concurrency";
import { describe, expect, it } from "vitest";
import { type LockHolder, LockTable } from "./lock-table.js";

/** Writes down what it is told. */
class Holder implements LockHolder {
  readonly told: string[] = [];
  retryLocks(): void {
    this.told.push("retry");
  }
  locksStolen(names: string): void {
    this.told.push(`stolen ${names}`);
  }
  readonly granted = (): void => {
    this.told.push("granted");
  };
}

function make(): { clock: VirtualClock; locks: LockTable<Holder>; a: Holder; b: Holder; c: Holder } {
  const clock = new VirtualClock();
  return { clock, locks: new LockTable({ clock }), a: new Holder(), b: new Holder(), c: new Holder() };
}

/** Lets promises go on. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("the lock table", () => {
  it("gives all names or none", () => {
    const { locks, a, b } = make();
    locks.lock(a, 50, ["m1"], a.granted);
    locks.lock(b, 50, ["m0", "m1"], b.granted);
    expect(b.told).toEqual([]);
    expect([...locks.held()]).toEqual([["m1", a]]);
  });

  it("counts how often a holder took a name", () => {
    const { locks, a } = make();
    locks.lock(a, 50, ["m1", "m1"], a.granted);
    locks.lock(a, 50, ["m1"], a.granted);
    locks.unlock(a, ["m1"]);
    locks.unlock(a, ["m1"]);
    expect([...locks.held()]).toEqual([["m1", a]]);
    locks.unlock(a, ["m1"]);
    expect([...locks.held()]).toEqual([]);
  });

  it("ignores who gives back what it does not hold", () => {
    const { locks, a, b } = make();
    locks.lock(a, 50, ["m1"], a.granted);
    locks.unlock(b, ["m1", "unknown"]);
    expect([...locks.held()]).toEqual([["m1", a]]);
  });

  it("tells those who wait for a name once when it is freed, and no one else", () => {
    const { locks, a, b, c } = make();
    locks.lock(a, 50, ["m1", "m2"], a.granted);
    locks.lock(b, 50, ["m1"], b.granted);
    locks.lock(c, 50, ["m2"], c.granted);
    locks.unlock(a, ["m1"]);
    locks.lock(a, 50, ["m1"], a.granted);
    locks.unlock(a, ["m1"]);
    expect([b.told, c.told]).toEqual([["retry"], []]);
  });

  it("remembers every request of a holder that waits, not its latest alone", () => {
    const { locks, a, b } = make();
    locks.lock(a, 50, ["m1", "m2"], a.granted);
    locks.lock(b, 50, ["m1"], b.granted);
    locks.lock(b, 50, ["m2"], b.granted);
    locks.unlock(a, ["m1"]);
    expect(b.told).toEqual(["retry"]);
  });

  it("gives a held name to a strictly higher priority only, which then is the one to beat", async () => {
    const { locks, a, b } = make();
    locks.lock(a, 50, ["m1"], a.granted);
    locks.lock(b, 50, ["m1"], b.granted);
    expect(b.told).toEqual([]);
    locks.lock(b, 51, ["m1"], b.granted);
    locks.acknowledge(a, "m1");
    await settled();
    expect(b.told).toEqual(["granted"]);
    locks.lock(a, 51, ["m1"], a.granted);
    expect([...locks.held()]).toEqual([["m1", b]]);
  });

  it("keeps the highest priority of a holder that takes a name again", () => {
    const { locks, a, b } = make();
    locks.lock(a, 100, ["m1"], a.granted);
    locks.lock(a, 10, ["m1"], a.granted);
    locks.lock(b, 50, ["m1"], b.granted);
    expect(b.told).toEqual([]);
  });

  it("grants stolen names when every robbed holder has acknowledged its own", async () => {
    const { locks, a, b, c } = make();
    locks.lock(a, 50, ["m1", "m2"], a.granted);
    locks.lock(b, 50, ["m3"], b.granted);
    locks.lock(c, 100, ["m1", "free", "m3", "m2"], c.granted);
    expect([a.told.at(-1), b.told.at(-1)]).toEqual(["stolen m1|m2", "stolen m3"]);
    locks.acknowledge(a, "m1|m2");
    locks.acknowledge(b, "something else");
    await settled();
    expect(c.told).toEqual([]);
    locks.acknowledge(b, "m3");
    await settled();
    expect(c.told).toEqual(["granted"]);
  });

  it("grants after 3 s where a robbed holder is silent, and at once where it has gone", async () => {
    const { clock, locks, a, b, c } = make();
    locks.lock(a, 50, ["m1"], a.granted);
    locks.lock(b, 60, ["m1"], b.granted);
    await clock.advance(2.9);
    expect(b.told).toEqual([]);
    await clock.advance(0.2);
    expect(b.told).toEqual(["granted"]);
    locks.lock(c, 70, ["m1"], c.granted);
    locks.release(b);
    await settled();
    expect(c.told).toEqual(["granted"]);
    expect(clock.sleepers).toBe(0);
  });

  it("frees all of a holder that has gone, and forgets what it waited for", () => {
    const { locks, a, b, c } = make();
    locks.lock(a, 50, ["m1", "m2"], a.granted);
    locks.lock(b, 50, ["m1"], b.granted);
    locks.lock(c, 50, ["m2"], c.granted);
    locks.release(c);
    locks.release(a);
    expect([...locks.held()]).toEqual([]);
    expect([b.told, c.told]).toEqual([["retry"], []]);
  });

  it("tells who holds the names that are asked", () => {
    const { locks, a, b } = make();
    locks.lock(a, 50, ["m1"], a.granted);
    locks.lock(b, 50, ["m2"], b.granted);
    expect([...locks.held(["m2", "free"])]).toEqual([["m2", b]]);
    expect([...locks.held()].map(([name]) => name)).toEqual(["m1", "m2"]);
  });

  it("leaves no timer when it is closed in the middle of a theft", async () => {
    const { clock, locks, a, b } = make();
    locks.lock(a, 50, ["m1"], a.granted);
    locks.lock(b, 60, ["m1"], b.granted);
    locks.close();
    await settled();
    expect(clock.sleepers).toBe(0);
  });
});
