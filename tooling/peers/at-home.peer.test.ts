import { appendFile, cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Counter, MeasurementGroup } from "@beamtime/counters";
import type { Axis } from "@beamtime/motion";
import type { BasicScanSaving } from "@beamtime/scan-saving";
import { type Beacon, openSession, type Session, startBeacon } from "@beamtime/session";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BlissSession, openBlissSession } from "./bliss-session.js";
import { bliss } from "./real-beacon.js";

const name = "test_session";

/** The names of the session that the tests below use. */
interface Names {
  readonly roby: Axis;
  readonly robz: Axis;
  readonly diode2: Counter;
  readonly align: MeasurementGroup;
}

describe.skipIf(bliss() === undefined)("what a user of BLISS tries at once on our server", () => {
  let directory: string;
  let beacon: Beacon;
  let theirs: BlissSession;
  const inConfig = (path: string): string => join(directory, "config", path);
  const openOurs = async (): Promise<Session & { readonly env: Names }> => {
    const session = await openSession({ name, beacon: beacon.address });
    session.scanSaving.setParameter("base_path", directory);
    return session as Session & { readonly env: Names }; // what the configuration says
  };

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "beamtime-home-"));
    await cp(fileURLToPath(new URL("beacon_config", import.meta.url)), inConfig(""), { recursive: true });
    await mkdir(inConfig("sessions/scripts"));
    await writeFile(
      inConfig("sessions/scripts/optics.py"),
      "def energy(angle):\n    return angle * 2\n\n_hidden = 1\n",
    );
    await writeFile(inConfig("sessions/test_session_setup.py"), "load_script('optics')\nmade_by_setup = energy(2)\n");
    await appendFile(inConfig("sessions/test_session.yml"), "    - align\n    - spectra\n");
    await writeFile(
      inConfig("sessions/align.yml"),
      "- {class: MeasurementGroup, name: align, counters: [diode, diode2, sim_ct_gauss]}\n" +
        "- {class: MeasurementGroup, name: spectra, counters: [simu1]}\n",
    );
    beacon = await startBeacon({ directory: inConfig("") });
    theirs = await openBlissSession(name, beacon.address);
  }, 120_000);
  afterAll(async () => {
    await theirs?.[Symbol.asyncDispose]();
    await beacon?.[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, force: true });
  });

  /** The session of BLISS, started anew, as after a crash. */
  const restartTheirs = async (): Promise<void> => {
    await theirs[Symbol.asyncDispose]();
    theirs = await openBlissSession(name, beacon.address);
  };

  it("runs the setup file of the session, which loads scripts that we serve", async () => {
    expect(await theirs.run("made_by_setup")).toBe(4);
    expect(await theirs.run("energy(3)")).toBe(6);
  });

  it("loads a script again after it was changed", async () => {
    await writeFile(inConfig("sessions/scripts/optics.py"), "def energy(angle):\n    return angle * 10\n");
    await theirs.run("session.load_script('optics')");
    expect(await theirs.run("energy(3)")).toBe(30);
  });

  it("saves an object, whose new configuration our next session has, in a file that is otherwise as before", async () => {
    const before = await readFile(inConfig("axes.yml"), "utf8");
    await theirs.run("robz.config.set('velocity', 55.0)");
    await theirs.run("robz.config.set('tolerance', 0.25)");
    await theirs.run("robz.config.save()");
    const after = await readFile(inConfig("axes.yml"), "utf8");
    expect(after).not.toBe(before);
    await using ours = await openOurs();
    const node = ours.config.node("robz").value;
    expect(node).toMatchObject({ name: "robz", velocity: 55, tolerance: 0.25, unit: "mm", acceleration: 300 });
    expect(ours.config.node("fast").value).toMatchObject({ velocity: 9e8, polling_time: 0 });
    expect(ours.config.problems).toEqual([]);
  });

  it("exports SCAN_SAVING to a file of ours, from which our session takes it, and the reverse", async () => {
    await theirs.run("SCAN_SAVING.add('sample', 'Ni')");
    await theirs.run("SCAN_SAVING.template = '{session}/{sample}'");
    await theirs.run("SCAN_SAVING.to_beacon('kept', 'default')");
    await theirs.run("SCAN_SAVING.sample = 'Fe'");
    await using ours = await openOurs();
    const saving = ours.scanSaving as BasicScanSaving; // no data policy is configured
    expect(saving.getParameter("sample")).toBe("Fe");
    const exported = await ours.beacon.readFile("wardrobe/kept.dat");
    saving.parameters.fromYaml(exported, "default");
    expect(saving.getParameter("sample")).toBe("Ni");
    saving.setParameter("sample", "Cu");
    await ours.beacon.writeFile("wardrobe/ours.dat", saving.parameters.toYaml());
    await theirs.run("SCAN_SAVING.sample = 'Fe'");
    await theirs.run("SCAN_SAVING.from_beacon('ours', 'default')");
    expect(await theirs.run("[SCAN_SAVING.sample, SCAN_SAVING.template]")).toEqual(["Cu", "{session}/{sample}"]);
    expect(await theirs.run("SCAN_SAVING.base_path")).toBe(directory);
  });

  it("locks objects against our scans until it unlocks them or dies", async () => {
    await theirs.run("from bliss.config.conductor.client import Lock, lock, unlock, get_default_connection");
    await theirs.run("get_default_connection().set_client_name('alignment of BLISS')");
    await using ours = await openOurs();
    ours.scanSaving.setParameter("sample", "locks");
    const { roby, robz, diode2 } = ours.env;
    const scanOf = (axis: Axis) => ours.commands.ascan(axis, 0, 1, 1, 0.01, diode2, { save: false });
    await theirs.run("lock(roby, robz, timeout=3)");
    await expect(scanOf(roby)).rejects.toThrow(/roby is in use by alignment of BLISS/);
    await theirs.run("unlock(roby)");
    expect((await scanOf(roby)).state).toBe("DONE");
    await expect(scanOf(robz)).rejects.toThrow(/robz is in use/);
    await restartTheirs();
    expect((await scanOf(robz)).state).toBe("DONE");
  });

  it("disables counters of a measurement group for our next session, and the reverse", async () => {
    await theirs.run("align.disable('diode2')");
    {
      await using ours = await openOurs();
      const { align } = ours.env;
      expect(align.counters.map((counter) => counter.name)).toEqual(["diode", "sim_ct_gauss"]);
      align.enable("diode2");
      align.disable("diode", "sim_ct*");
      await align.saved();
      expect(await theirs.run("sorted(align.enabled)")).toEqual(["simulation_diode_sampling_controller:diode2"]);
      await align.switchState("night");
      align.disable("diode2");
    }
    await restartTheirs();
    expect(await theirs.run("align.active_state_name")).toBe("night");
    expect(await theirs.run("sorted(align.disabled)")).toEqual(["simulation_diode_sampling_controller:diode2"]);
    await theirs.run("align.switch_state('default')");
    await using ours = await openOurs();
    expect(ours.env.align.state).toBe("default");
    expect(ours.env.align.counters.map((counter) => counter.name)).toEqual(["diode2"]);
  });

  it("chooses the measurement group that our next session counts with, and the reverse", async () => {
    await theirs.run("spectra.set_active()");
    {
      await using ours = await openOurs();
      expect(ours.activeGroup.current?.name).toBe("spectra");
      await ours.activeGroup.choose("align");
    }
    await theirs.run("from bliss.common.measurementgroup import get_active_name");
    expect(await theirs.run("get_active_name()")).toBe("align");
  });

  it("finds the simulated motors where our session has left them, moves them on, and the reverse", async () => {
    {
      await using ours = await openOurs();
      const { roby } = ours.env;
      await roby.move(1.25);
      roby.position = 10;
    }
    await restartTheirs();
    expect(await theirs.run("[roby.position, roby.dial, roby.offset]")).toEqual([10, 1.25, 8.75]);
    await theirs.run("roby.move(11)");
    await theirs.run("robz.move(4)");
    await using ours = await openOurs();
    expect(ours.env.roby).toMatchObject({ position: 11, dial: 2.25 });
    expect(ours.env.robz).toMatchObject({ position: 4 });
    await ours.env.robz.move(2);
    expect(await theirs.run("robz.position")).toBe(2);
    await theirs.run("robz.move(3)");
    expect(await theirs.run("robz.position")).toBe(3);
  });
});
