import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "@beamtime/config";
import { type Axis, AxisMovingError, AxisStoppedError } from "@beamtime/motion";
import { encodeChannelValue, pyFloat } from "@beamtime/protocol";
import { connectRedis } from "@beamtime/redis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type Beacon, openSession, type Session, startBeacon } from "../src/index.js";

const files = [
  {
    path: "motors.yml",
    content: `
plugin: emotion
class: mockup
axes:
- {name: roby, steps_per_unit: 1000, velocity: 5, acceleration: 100, low_limit: -50, high_limit: 50, unit: mm}
`,
  },
  { path: "sessions.yml", content: "- {plugin: session, class: Session, name: lab}" },
];

/** Of the processes that share an axis here each is a session of this one. */
describe("an axis of two sessions on one Beacon server", () => {
  let beacon: Beacon;
  let folder: string;
  let sessions: Session[];
  let here: Axis;
  let there: Axis;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "beamtime-shared-"));
    beacon = await startBeacon();
  });
  afterAll(async () => {
    await beacon[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });
  beforeEach(async () => {
    sessions = [await open(), await open()];
    [here, there] = sessions.map(({ env }) => env["roby"]) as [Axis, Axis]; // what the configuration says
    await here.move(0);
    await vi.waitFor(() => expect(there.position).toBe(0), 10_000);
    await vi.waitFor(() => expect(there.isMoving).toBe(false), 10_000);
  });
  afterEach(async () => {
    for (const session of sessions) await session[Symbol.asyncDispose]();
  });

  const open = (): Promise<Session> =>
    openSession({
      name: "lab",
      beacon: beacon.address,
      config: files.length > 0 ? configuration : undefined,
      onWarning: (source, message) => expect.fail(`${source}: ${message}`),
    });
  let configuration: Awaited<ReturnType<typeof loadConfig>>;
  beforeAll(async () => {
    configuration = await loadConfig([
      ...files,
      { path: "__init__.yml", content: `scan_saving: {base_path: ${folder}}` },
    ]);
  });

  it("is seen to move, and to arrive", async () => {
    const states: string[] = [];
    const positions: number[] = [];
    there.onState((state) => states.push(state.toString()));
    there.onPosition((position) => positions.push(position));
    let ends = 0;
    there.onMoveDone(() => {
      if (there.position === 10) ends += 1;
    });
    await here.move(10); // for 2 s: positions are seen on a busy machine, too
    await vi.waitFor(() => expect(ends).toBe(1), 10_000);
    expect(states).toContain("MOVING (Axis is MOVING)");
    expect(states.at(-1)).toBe("READY (Axis is READY)");
    expect(positions.length).toBeGreaterThan(3);
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
    expect(there.position).toBe(10);
    expect(there.target).toBe(10);
  });

  it("is stopped by either, and both know where it stands", async () => {
    const move = here.move(40).catch((error: unknown) => error);
    await vi.waitFor(() => expect(there.isMoving).toBe(true), 10_000);
    await there.stop();
    expect(await move).toBeInstanceOf(AxisStoppedError);
    expect(here.position).toBeLessThan(40);
    await vi.waitFor(() => expect(there.position).toBe(here.position), 10_000);
    await there.rmove(1);
    await vi.waitFor(() => expect(here.position).toBe(there.position), 10_000);
  });

  it("is not moved by one while the other moves it", async () => {
    const move = here.move(40).catch((error: unknown) => error);
    await vi.waitFor(() => expect(there.isMoving).toBe(true), 10_000);
    await expect(there.move(1)).rejects.toThrow(AxisMovingError);
    await here.stop();
    await move;
    await vi.waitFor(() => expect(there.isMoving).toBe(false), 10_000);
    await there.move(1);
    await vi.waitFor(() => expect(here.position).toBe(1), 10_000);
  });

  it("has one set point and the same limits also when it counts backwards", async () => {
    here.sign = -1;
    here.limits = [-9, 12];
    await here.move(5);
    here.position = 6;
    await vi.waitFor(() => expect([there.position, there.target, there.limits]).toEqual([6, 6, [-8, 13]]), 10_000);
    here.sign = 1;
    here.offset = 0;
    here.limits = [-50, 50];
    await here.saved();
  });

  it("has one velocity, one offset, one sign and the same limits", async () => {
    here.velocity = 7;
    here.acceleration = 70;
    here.limits = [-20, 30];
    here.backlash = 0.5;
    here.position = 3;
    await vi.waitFor(() => {
      expect([there.velocity, there.acceleration, there.backlash]).toEqual([7, 70, 0.5]);
      expect([there.position, there.offset, there.dial]).toEqual([3, 3, 0]);
      expect(there.limits).toEqual([-17, 33]);
    }, 10_000);
    there.sign = -1;
    await vi.waitFor(() => expect([here.sign, here.position, here.limits]).toEqual([-1, 3, [-27, 23]]), 10_000);
    await there.applyConfig();
    there.offset = 0;
    await vi.waitFor(
      () => expect([here.velocity, here.backlash, here.position, here.sign]).toEqual([5, 0, 0, 1]),
      10_000,
    );
  });

  it("keeps what another process has set after it was changed here, though it was told here later", async () => {
    await using redis = await connectRedis(beacon.settings);
    await redis.client.call("CLIENT", "PAUSE", "300", "WRITE"); // nothing is kept and told meanwhile
    here.velocity = 6;
    const timestamp = Date.now() / 1000 + 0.01;
    await here.saved();
    const later = encodeChannelValue({ timestamp, value: pyFloat(8) });
    await redis.client.publish("axis.roby.velocity", Buffer.from(later));
    await vi.waitFor(() => expect([here.velocity, there.velocity]).toEqual([8, 8]), 10_000);
    await here.applyConfig();
  });

  it("comes to rest before its session ends, and the next one knows where", async () => {
    here.acceleration = 3;
    await here.jog(5);
    await vi.waitFor(() => expect(here.position).toBeGreaterThan(4), 10_000);
    await sessions.shift()?.[Symbol.asyncDispose]();
    expect(here.isMoving).toBe(false);
    sessions.push(await open());
    const next = sessions.at(-1)?.env["roby"] as Axis; // what the configuration says
    expect(next.position).toBe(here.position);
    await next.move(0);
    await next.applyConfig();
  });
});
