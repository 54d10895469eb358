import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Axis, AxisMovingError, AxisStoppedError } from "@beamtime/motion";
import { type Beacon, openSession, type Session, startBeacon } from "@beamtime/session";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type BlissSession, openBlissSession } from "./bliss-session.js";
import { bliss } from "./real-beacon.js";

const name = "test_session";

describe.skipIf(bliss() === undefined)("an axis that BLISS and we have at the same time", () => {
  let beacon: Beacon;
  let folder: string;
  let ours: Session;
  let theirs: BlissSession;
  let roby: Axis;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "beamtime-axis-"));
    beacon = await startBeacon({ directory: fileURLToPath(new URL("beacon_config", import.meta.url)) });
    theirs = await openBlissSession(name, beacon.address);
    ours = await openSession({ name, beacon: beacon.address });
    ours.scanSaving.setParameter("base_path", folder);
    roby = ours.env["roby"] as Axis; // what the configuration says
    await theirs.run("from bliss.common import event");
  }, 120_000);
  afterAll(async () => {
    await ours?.[Symbol.asyncDispose]();
    await theirs?.[Symbol.asyncDispose]();
    await beacon?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    await roby.move(0);
    await seenThere("roby.position", 0);
  });

  /** Waits until BLISS has a value. */
  const seenThere = (expression: string, value: unknown): Promise<void> =>
    vi.waitFor(async () => expect(await theirs.run(expression)).toEqual(value), { timeout: 10_000 });

  it("is seen there in state and position while we move it", async () => {
    await theirs.run("states, positions = [], []");
    await theirs.run("def on_state(state): states.append(str(state))");
    await theirs.run("def on_position(position): positions.append(position)");
    await theirs.run("event.connect(roby, 'state', on_state)");
    await theirs.run("event.connect(roby, 'position', on_position)");
    roby.velocity = 5;
    await roby.move(5);
    await seenThere("states[-1]", "READY (Axis is READY)");
    await seenThere("positions[-1]", 5);
    expect(await theirs.run("[roby.position, roby.dial, roby._set_position, roby.velocity]")).toEqual([5, 5, 5, 5]);
    expect(await theirs.run("states[0]")).toBe("MOVING (Axis is MOVING)");
    const positions = (await theirs.run("positions")) as number[];
    expect(positions.length).toBeGreaterThan(5);
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
    await theirs.run("event.disconnect(roby, 'state', on_state)");
  });

  it("is stopped from there", async () => {
    const move = roby.move(9).catch((error: unknown) => error);
    await seenThere("roby.is_moving", true);
    await theirs.run("roby.stop()");
    expect(await move).toBeInstanceOf(AxisStoppedError);
    await seenThere("roby.state.READY", true);
    await seenThere("roby.position", roby.position);
    expect(roby.position).toBeLessThan(9);
    await theirs.run("roby.move(1)");
    await vi.waitFor(() => expect(roby.position).toBe(1));
  });

  it("is seen here while BLISS moves it, not moved meanwhile, and stopped from here", async () => {
    const states: string[] = [];
    const leave = roby.onState((state) => states.push(state.toString()));
    await theirs.run("roby.velocity = 2");
    await theirs.run("roby.move(9, wait=False)");
    await vi.waitFor(() => expect(roby.isMoving).toBe(true));
    await vi.waitFor(() => expect(roby.position).toBeGreaterThan(0));
    await expect(roby.move(1)).rejects.toThrow(AxisMovingError);
    await roby.stop();
    leave();
    expect(states[0]).toContain("MOVING");
    await seenThere("roby.is_moving", false);
    await vi.waitFor(async () => expect(await theirs.run("roby.position")).toBeCloseTo(roby.position, 4));
    expect(roby.position).toBeLessThan(9);
    await roby.rmove(0.5);
    await vi.waitFor(async () => expect(await theirs.run("roby.position")).toBeCloseTo(roby.position, 4));
  });

  it("has the same settings on both sides, whoever changes them", async () => {
    roby.limits = [-3, 4];
    roby.acceleration = 60;
    roby.backlash = 0.1;
    await seenThere("list(roby.limits)", [-3, 4]);
    await seenThere("[roby.acceleration, roby.backlash]", [60, 0.1]);
    roby.position = 1;
    await seenThere("[roby.position, roby.dial, roby.offset]", [1, 0, 1]);
    await theirs.run("roby.position = 0");
    await theirs.run("roby.limits = -10, 10");
    await theirs.run("roby.backlash = 0");
    await theirs.run("roby.velocity = 3");
    await vi.waitFor(() => {
      expect([roby.position, roby.offset, roby.backlash, roby.velocity]).toEqual([0, 0, 0, 3]);
      expect(roby.limits).toEqual([-10, 10]);
    });
  });
});
