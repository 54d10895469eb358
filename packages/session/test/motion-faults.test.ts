import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "@beamtime/config";
import { type SimulatedCounterCard, SimulatedMotorController } from "@beamtime/controller-simulation";
import { MissingPointsError } from "@beamtime/core";
import type { Counter } from "@beamtime/counters";
import { connect, type ScanNode } from "@beamtime/data";
import { readFileTree } from "@beamtime/hdf5";
import { type Axis, AxisFaultError, AxisOnLimitError } from "@beamtime/motion";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSession, type Session } from "../src/index.js";

const files = [
  {
    path: "motors.yml",
    content: `
- plugin: emotion
  class: mockup
  name: motors
  axes:
  - {name: mx, steps_per_unit: 1000, velocity: 100, acceleration: 1000, unit: mm, hardware_high_limit: 6}
  - {name: my, steps_per_unit: 1000, velocity: 100, acceleration: 1000, unit: mm, motion_hooks: [$air]}
- {name: air, plugin: bliss, module: motors.hooks, class: SleepHook, pre_move_wait: 1000}
`,
  },
  {
    path: "counters.yml",
    content: `
- {name: diode, plugin: bliss, class: simulation_diode, constant: 42}
- {name: p201, plugin: bliss, class: SimulatedCounterCard, trigger: $mx, inputs: {monitor: {rate: 1000}}}
`,
  },
  { path: "sessions.yml", content: "- {plugin: session, class: Session, name: lab}" },
];

interface Names {
  readonly mx: Axis;
  readonly my: Axis;
  readonly diode: Counter;
  readonly p201: SimulatedCounterCard;
}

describe("a motion that fails in a session", () => {
  let folder: string;
  let session: Session & { readonly env: Names };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "beamtime-faults-"));
    const opened = await openSession({ name: "lab", config: await loadConfig(files), redis: "private" });
    opened.scanSaving.setParameter("base_path", folder);
    session = opened as Session & { readonly env: Names }; // what the configuration above says
    expect([...session.config.problems, ...session.objects.problems]).toEqual([]);
  });
  afterAll(async () => {
    await session[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  /** What others find of the last scan: in Redis, and in its file, which is complete. */
  async function found() {
    const scan = session.scans.at(-1);
    if (!scan) throw new Error("there is a scan");
    await using store = await connect({ redis: session.redis });
    const node = (await store.getNode(scan.dbName)) as ScanNode;
    const info = await node.info();
    const tree = await readFileTree(scan.identity.filename);
    return { scan, info, entry: tree.slice(tree.indexOf(`${scan.number}.1`)) };
  }

  it("by an end switch in a scan keeps the points until then, published and in a file that is complete", async () => {
    const { mx, diode } = session.env;
    const failing = session.commands.ascan(mx, 0, 10, 5, 0.01, diode);
    await expect(failing).rejects.toBeInstanceOf(AxisOnLimitError);
    await expect(failing).rejects.toThrow("mx came to rest at 6 mm instead of 8 mm: ");
    expect([mx.position, mx.isMoving, session.running.size]).toEqual([6, false, 0]);
    const { scan, info, entry } = await found();
    expect(scan.getData("mx")).toEqual(Float64Array.of(0, 2, 4, 6));
    expect(info).toMatchObject({ state: "KILLED" });
    expect(entry).toContain('end_reason [str []] "FAILURE"');
    expect(entry).toMatch(/signal \[<f8 \[4\] .*\] \[42, 42, 42, 42\]/);
    expect(entry).toMatch(/value \[<f8 \[4\] .*\[0, 2, 4, 6\]/);
  });

  it("by a fault in a continuous scan does so too, and the next scan runs at the velocity of before", async () => {
    const { mx, diode } = session.env;
    await mx.move(0);
    const motors = mx.controller;
    if (!(motors instanceof SimulatedMotorController)) throw new Error("mx is simulated");
    const scan = await session.commands.contScan(mx, 0, 4, 2001, 1000, diode, { countTime: 0.1, run: false });
    const failing = scan.run();
    const isSeen = new Promise<void>((resolve) => {
      const leave = mx.onPosition((position) => {
        if (position < 0.001) return;
        leave();
        resolve();
      });
    });
    await isSeen;
    motors.breakDown("mx", "drive overheated");
    await expect(failing).rejects.toBeInstanceOf(AxisFaultError);
    motors.repair("mx");
    expect([mx.velocity, await motors.readVelocity("mx")]).toEqual([100, 100_000]);
    const { info, entry } = await found();
    expect(info).toMatchObject({ state: "KILLED" });
    const points = scan.getData("mx") as Float64Array; // scalars come so
    expect(points.length).toBeGreaterThan(0);
    expect(entry).toContain('end_reason [str []] "FAILURE"');
    expect(entry).toContain(`value [<f8 [${points.length}] `);
    expect((await session.commands.ascan(mx, 0, 1, 1, 0.01, diode)).state).toBe("DONE");
  });

  it("sends a pulse that is lost: the scan fails soon after it, with the points that came in a file that is complete", async () => {
    const { mx, p201 } = session.env;
    const motors = mx.controller;
    if (!(motors instanceof SimulatedMotorController)) throw new Error("mx is simulated");
    p201.pointMargin = 0.2;
    motors.triggerLine(mx.address).loseNext();
    const failing = session.commands.contScan(mx, 0, 4, 9, 0.5, p201);
    await expect(failing).rejects.toBeInstanceOf(MissingPointsError);
    await expect(failing).rejects.toThrow("p201: 8 of 9 points came");
    expect([mx.velocity, mx.isMoving, session.running.size]).toEqual([100, false, 0]);
    const { scan, info, entry } = await found();
    expect(info).toMatchObject({ state: "KILLED" });
    expect([scan.getData("mx"), scan.getData("monitor")]).toMatchObject([{ length: 9 }, { length: 8 }]);
    expect(entry).toContain('end_reason [str []] "FAILURE"');
    p201.pointMargin = 10;
    expect((await session.commands.contScan(mx, 0, 4, 9, 0.5, p201)).state).toBe("DONE");
  });

  it("is ended by Ctrl-C also while a motion hook waits, in a scan and alone", async () => {
    const { my, diode } = session.env;
    const moving = my.move(1, { signal: session.signal });
    const alone = expect(moving).rejects.toThrow();
    session.abort();
    await alone;
    const scan = await session.commands.ascan(my, 1, 2, 1, 0.01, diode, { run: false });
    const running = expect(scan.run()).rejects.toThrow("aborted");
    await scan.waitState("PREPARING");
    session.abort();
    await running;
    expect([scan.state, my.isMoving, my.position]).toEqual(["USER_ABORTED", false, 0]);
  });
});
