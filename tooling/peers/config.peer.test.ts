/** Configuration and axes, shared with real BLISS 1.11: both compose the same, and read what the other has written. */
import { fileURLToPath } from "node:url";
import { type BeaconClient, connectBeacon } from "@beamtime/beacon-client";
import { VirtualClock } from "@beamtime/concurrency";
import { type ConfigFiles, loadConfig } from "@beamtime/config";
import { simulationPlugins } from "@beamtime/controller-simulation";
import { Axis } from "@beamtime/motion";
import { connectRedis, settingsDatabase } from "@beamtime/redis";
import { redisSettings } from "@beamtime/settings";
import { describe, expect, it } from "vitest";
import { openBlissSession } from "./bliss-session.js";
import { bliss, startRealBeacon } from "./real-beacon.js";

const standardItems = fileURLToPath(new URL("../../packages/config/test/fixtures/standard_items", import.meta.url));

async function configOf(beacon: BeaconClient) {
  return await loadConfig((await beacon.readConfigFiles()).files);
}

describe.skipIf(!bliss())("a configuration that real BLISS serves", () => {
  it("is composed by both systems alike", async () => {
    await using server = await startRealBeacon({ config: standardItems });
    await using beacon = await connectBeacon({ address: server.host });
    await using session = await openBlissSession("align", server.host);
    await session.run("from bliss.config import static");
    const theirs = await session.run(
      "{name: [static.get_config().get_config(name).filename, static.get_config().get_config(name).plugin or 'default', " +
        "static.get_config().get_config(name).get_inherited('class')] for name in static.get_config().names_list}",
    );
    const config = await configOf(beacon);
    const ours = config.names.map((name) => {
      const node = config.node(name);
      return [name, [node.file, node.plugin, node.inherited("class") ?? null]];
    });
    expect(config.problems).toEqual([]);
    expect(Object.fromEntries(ours)).toEqual(theirs);
    expect(ours.length).toBeGreaterThan(12);
  });

  it("is changed by ours in a way that BLISS reads, and that leaves the rest of the file as it was", async () => {
    await using server = await startRealBeacon({ config: standardItems });
    await using beacon = await connectBeacon({ address: server.host });
    await using session = await openBlissSession("align", server.host);
    const files: ConfigFiles = {
      read: (path) => beacon.readFile(path),
      write: (path, content) => beacon.writeFile(path, content),
    };
    const before = await files.read("motors/sim.yml");
    const changes = {
      velocity: 3.5,
      unit: "um",
      when: "2020-01-01",
      low_limit: Number.NEGATIVE_INFINITY,
      other: "$sy",
    };
    await (await configOf(beacon)).save(files, "sx", changes);
    const after = await files.read("motors/sim.yml");
    const lines = after.split("\n");
    const gone = before.split("\n").filter((line) => !lines.includes(line));
    expect(gone).toEqual([expect.stringContaining("low_limit: -20"), expect.stringContaining("unit: mm")]);
    await session.run("from bliss.config import static");
    await session.run("static.get_config().reload()");
    const node = "static.get_config().get_config('sx')";
    expect(
      await session.run(`[${node}['velocity'], ${node}['unit'], ${node}['when'], str(${node}['low_limit'])]`),
    ).toEqual([3.5, "um", "2020-01-01", "-inf"]);
    expect(await session.run(`${node}['other'].name`)).toBe("sy");
  });
});

describe.skipIf(!bliss())("an axis of a configuration that real BLISS serves", () => {
  it("is taken up by either system as the other has left it", async () => {
    await using server = await startRealBeacon();
    await using beacon = await connectBeacon({ address: server.host });
    await using redis = await connectRedis(await beacon.settingsRedis(), { db: settingsDatabase });
    const settings = redisSettings(redis);
    const robyOfOurs = async () => {
      const objects = (await configOf(beacon)).objects({
        plugins: simulationPlugins,
        clock: new VirtualClock(),
        settings,
      });
      const roby = await objects.get("roby", Axis);
      await roby.initialize();
      return { roby, [Symbol.asyncDispose]: () => objects[Symbol.asyncDispose]() };
    };
    {
      await using ours = await robyOfOurs();
      await ours.roby.setVelocity(1250);
      ours.roby.sign = -1;
      ours.roby.position = 4;
      ours.roby.limits = [-6, 9];
    }
    {
      await using session = await openBlissSession("test_session", server.host);
      expect(await session.run("[roby.velocity, roby.acceleration, roby.sign, roby.offset]")).toEqual([
        1250, 1000, -1, 4,
      ]);
      expect(await session.run("sorted(roby.limits)")).toEqual([-6, 9]);
      expect(await session.run("roby.steps_per_unit")).toBe(10_000);
      await session.run("roby.velocity = 500");
      await session.run("roby.backlash = 0.25");
      await session.run("roby.offset = 2");
    }
    await using ours = await robyOfOurs();
    expect(ours.roby).toMatchObject({
      velocity: 500,
      acceleration: 1000,
      sign: -1,
      offset: 2,
      backlash: 0.25,
      position: 2,
    });
    expect(ours.roby.limits).toEqual([-8, 7]);
  });
});
