import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Channel } from "@beamtime/channels";
import { loadConfig } from "@beamtime/config";
import { DeviceInUseError } from "@beamtime/core";
import type { Counter, MeasurementGroup } from "@beamtime/counters";
import type { Axis } from "@beamtime/motion";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Beacon, openSession, type Session, startBeacon } from "../src/index.js";

const files = [
  {
    path: "motors.yml",
    content: `
plugin: emotion
class: mockup
axes:
- {name: roby, steps_per_unit: 1000, velocity: 100, acceleration: 1000, unit: mm}
- {name: robz, steps_per_unit: 1000, velocity: 100, acceleration: 1000, unit: mm}
`,
  },
  {
    path: "counters.yml",
    content: `
- {name: diode, plugin: bliss, class: simulation_diode, independent: true}
- {name: diode2, plugin: bliss, class: simulation_diode, constant: 42, independent: true}
`,
  },
  {
    path: "sessions.yml",
    content: `
- plugin: session
  class: Session
  name: lab
  aliases: [{original_name: diode, alias_name: i0}]
- {plugin: session, class: MeasurementGroup, name: mg_all, counters: [i0, diode2]}
- {plugin: session, class: MeasurementGroup, name: mg_two, counters: [diode2]}
`,
  },
];

interface Names {
  readonly roby: Axis;
  readonly robz: Axis;
  readonly i0: Counter;
  readonly diode2: Counter;
  readonly mg_all: MeasurementGroup;
}

describe("sessions on one Beacon server", () => {
  let beacon: Beacon;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "beamtime-shared-"));
    beacon = await startBeacon();
  });
  afterAll(async () => {
    await beacon[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  const warnings: string[] = [];
  const open = async (): Promise<Session & { readonly env: Names }> => {
    const onWarning = (source: string, message: string): void => void warnings.push(`${source}: ${message}`);
    const session = await openSession({
      name: "lab",
      beacon: beacon.address,
      config: await loadConfig(files),
      onWarning,
    });
    session.scanSaving.setParameter("base_path", folder);
    return session as Session & { readonly env: Names }; // what the configuration above says
  };

  it("keep an axis to the scan that moves it, and tell the other one who has it", async () => {
    await using first = await open();
    await using second = await open();
    const { roby, diode2 } = first.env;
    const scan = await first.commands.ascan(roby, 0, 1, 1000, 0.01, diode2, { run: false });
    const running = scan.run();
    running.catch(() => {}); // aborted below
    await scan.waitState("STARTING");
    const refused = await second.commands.ascan(second.env.roby, 5, 6, 1, 0.01, second.env.diode2, {
      run: false,
      save: false,
    });
    const refusal = await refused.run().catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(DeviceInUseError);
    expect(String(refusal)).toMatch(/roby is in use by lab@.*:\d+/);
    await expect(second.env.roby.move(5)).rejects.toThrow(/in use|moved by another process/);
    await second.commands.ascan(second.env.robz, 0, 1, 1, 0.01, second.env.diode2, { save: false });
    scan.abort();
    await expect(running).rejects.toThrow();
    expect(await first.beacon.locks.holders()).toEqual(new Map());
    const after = await second.commands.ascan(second.env.roby, 0, 1, 1, 0.01, second.env.diode2, { save: false });
    expect(after.state).toBe("DONE");
    expect(warnings).toEqual([]);
  });

  it("share SCAN_SAVING and channels while both are open", async () => {
    await using first = await open();
    await using second = await open();
    first.scanSaving.add("s_name", "sample1");
    await first.scanSaving.saved();
    await second.scanSaving.refresh();
    expect(second.scanSaving.getParameter("s_name")).toBe("sample1");
    await using here = new Channel<number>("flux", { bus: first.channels, defaultValue: 0 });
    await using there = new Channel<number>("flux", { bus: second.channels, defaultValue: 0 });
    await there.ready();
    const changed = new Promise((resolve) => there.onChange(resolve));
    await here.set(12.5);
    expect(await changed).toBe(12.5);
  });

  it("put scans into the datasets of the data policy, and tell what its commands did", async () => {
    const root = `${folder}/policy`;
    const content = `
scan_saving:
  class: ESRFScanSaving
  beamline: id99
  tmp_data_root: ${root}/tmp
  visitor_data_root: ${root}/visitor
  inhouse_data_root: ${root}/inhouse
`;
    const told: string[] = [];
    await using session = await openSession({
      name: "lab",
      beacon: beacon.address,
      config: await loadConfig([{ path: "__init__.yml", content }, ...files]),
      onMessage: (text) => told.push(text),
    });
    const { env, commands } = session as Session & { readonly env: Names & Record<string, () => Promise<void>> };
    const { newproposal, newsample, newdataset } = env as Record<string, (name?: string) => Promise<void>>;
    await newproposal?.("hg123");
    await newsample?.("sampleA");
    const first = await commands.loopscan(1, 0, env.diode2);
    await newdataset?.("area1");
    const second = await commands.loopscan(1, 0, env.diode2);
    const path = `${root}/visitor/hg123/id99/`;
    expect(first.identity.filename).toMatch(
      new RegExp(`^${path}\\d{8}/RAW_DATA/sampleA/sampleA_0001/sampleA_0001.h5$`),
    );
    expect(second.identity.filename).toMatch(/\/sampleA_area1\/sampleA_area1.h5$/);
    expect([first.number, second.number]).toEqual([1, 1]);
    expect(told.map((text) => text.split("\n")[0])).toEqual([
      expect.stringMatching(/^Proposal set to 'hg123'/),
      "Dataset collection set to 'sampleA'",
      "Dataset set to 'area1'",
    ]);
  });

  it("know counters by their aliases, count the active group, and keep its state and the axes for the next session", async () => {
    {
      await using session = await open();
      const { roby, i0, mg_all } = session.env;
      expect(i0.alias).toBe("i0");
      expect(mg_all.available.map(({ name }) => name)).toEqual(["diode", "diode2"]);
      expect(session.activeGroup.current).toBe(mg_all);
      expect(Object.keys((await session.commands.ct(0)).getData())).toEqual(expect.arrayContaining(["i0", "diode2"]));
      mg_all.disable("i0");
      await session.activeGroup.choose("mg_two");
      await roby.setVelocity(55);
      await roby.move(2.5);
    }
    await using later = await open();
    const { roby, mg_all } = later.env;
    expect(mg_all.counters.map(({ name }) => name)).toEqual(["diode2"]);
    expect(later.activeGroup.current?.name).toBe("mg_two");
    expect([roby.velocity, roby.position]).toEqual([55, 2.5]);
  });
});

it("is no Beacon server of a directory that is not there", async () => {
  await expect(startBeacon({ directory: "/nowhere/config" })).rejects.toThrow("/nowhere/config is not there");
  await expect(startBeacon({ directory: import.meta.filename })).rejects.toThrow("is no directory");
});
