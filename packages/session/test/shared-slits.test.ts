import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "@beamtime/config";
import type { Axis } from "@beamtime/motion";
import { encodeChannelValue, type PickleInput, pyFloat } from "@beamtime/protocol";
import { connectRedis, type RedisConnection, settingsDatabase } from "@beamtime/redis";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Beacon, openSession, type Session, startBeacon } from "../src/index.js";

const motors = `
- plugin: emotion
  class: mockup
  axes:
  - {name: s1f, steps_per_unit: 1000, velocity: 5, acceleration: 100, unit: mm}
  - {name: s1b, steps_per_unit: 1000, velocity: 5, acceleration: 100, unit: mm}
- plugin: emotion
  slit_type: horizontal
  class: slits
  axes:
  - {name: $s1f, tags: real front}
  - {name: $s1b, tags: real back}
  - {name: s1hg, tags: hgap, unit: mm}
  - {name: s1ho, tags: hoffset, unit: mm}
`;

/** Another process has the blades too, and the axes calculated with them; here it is a connection that tells what such a process tells. */
describe("calculated axes that another process has too", () => {
  let beacon: Beacon;
  let folder: string;
  let session: Session;
  let other: RedisConnection;
  let listener: RedisConnection;
  /** The channels of which messages came, in order. */
  let told: string[];
  const axis = (name: string): Axis => session.env[name] as Axis; // what the configuration says

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "beamtime-slits-"));
    beacon = await startBeacon();
    const config = await loadConfig([
      { path: "motors.yml", content: motors },
      { path: "sessions.yml", content: "- {plugin: session, class: Session, name: lab}" },
      { path: "__init__.yml", content: `scan_saving: {base_path: ${folder}}` },
    ]);
    session = await openSession({
      name: "lab",
      beacon: beacon.address,
      config,
      onWarning: (source, message) => expect.fail(`${source}: ${message}`),
    });
    other = await connectRedis(beacon.settings, { db: settingsDatabase });
    listener = await other.duplicate();
    for (const name of ["s1f", "s1b", "s1hg", "s1ho"]) await axis(name).saved();
    told = [];
    listener.client.on("message", (channel: string) => told.push(channel));
    await listener.client.subscribe("axis.s1hg.position", "axis.s1hg.dial_position", "axis.s1hg.state", "over");
  });
  afterEach(async () => {
    await listener?.close();
    await other?.close();
    await session?.[Symbol.asyncDispose]();
    await beacon?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  const tell = async (field: string, value: PickleInput): Promise<void> => {
    const bytes = encodeChannelValue({ timestamp: Date.now() / 1000, value });
    await other.client.publish(`axis.s1f.${field}`, Buffer.from(bytes));
  };
  /** All messages so far have arrived. */
  const allTold = async (): Promise<readonly string[]> => {
    await axis("s1hg").saved();
    await other.client.publish("over", "");
    await vi.waitFor(() => expect(told).toContain("over"));
    return told.filter((channel) => channel !== "over");
  };

  it("follow what it tells of their blades, and leave it to that process to tell of them", async () => {
    await tell("state", ["MOVING"]);
    for (const position of [0.5, 1, 1.5]) {
      await tell("dial_position", pyFloat(position));
      await vi.waitFor(() => expect([axis("s1hg").position, axis("s1hg").isMoving]).toEqual([position, true]));
      await axis("s1f").readPosition(); // somebody looks
    }
    await tell("_set_position", pyFloat(1.5));
    await tell("state", ["READY"]);
    await vi.waitFor(() => expect(axis("s1hg").isMoving).toBe(false));
    expect(await allTold()).toEqual([]);
  });

  it("are told of when a blade moves, or is counted anew, here", async () => {
    await axis("s1f").move(1);
    expect(new Set(await allTold())).toEqual(
      new Set(["axis.s1hg.state", "axis.s1hg.dial_position", "axis.s1hg.position"]),
    );
    const before = (await allTold()).length;
    axis("s1f").position = 3;
    await vi.waitFor(() => expect(axis("s1hg").position).toBe(3));
    expect((await allTold()).length).toBeGreaterThan(before);
    const hash = await other.client.hgetall("axis.s1hg");
    expect(hash).toMatchObject({ dial_position: "3.0", position: "3.0" });
  });
});
