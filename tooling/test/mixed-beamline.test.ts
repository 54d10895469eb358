import { type Scan, ScanAbort } from "@beamtime/core";
import { Counter } from "@beamtime/counters";
import { Axis, AxisLimitError, moveTogether } from "@beamtime/motion";
import { openSession, type Session } from "@beamtime/session";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { beamtime } from "./demo-beacon.js";
import { type MixedBeamline, startMixedBeamline } from "./mixed-beamline.js";
import { type RunningProgram, startProgram } from "./running-program.js";

const python = process.env["BEAMTIME_PYTHON"] ?? "";

// the set-up of the tests makes the interpreter; without one they are counted as skipped
describe.skipIf(!python)(
  "a beamline with motors of an IcePAP, of EPICS and of the simulation, and slits of them",
  () => {
    const real = ["th", "bt", "mx", "bb", "roby", "af", "ab"];
    let beamline: MixedBeamline;
    let session: Session;
    let warnings: string[];

    beforeAll(async () => {
      beamline = await startMixedBeamline(python);
    });
    afterAll(() => beamline[Symbol.asyncDispose]());
    beforeEach(async () => {
      warnings = [];
      session = await open();
      for (const name of real) {
        await axis(name).applyConfig();
        axis(name).offset = 0;
      }
      await moveTogether(real.map((name) => [axis(name), 0]));
    });
    afterEach(async () => {
      await session[Symbol.asyncDispose]();
      expect(warnings).toEqual([]);
    });

    const open = (): Promise<Session> =>
      openSession({
        name: "lab",
        beacon: beamline.beacon.address,
        onWarning: (source, message) => warnings.push(`${source}: ${message}`),
      });

    function axis(name: string): Axis {
      const made = session.env[name];
      if (made instanceof Axis) return made;
      throw new Error(`${name} is no axis`);
    }

    function diode(): Counter {
      const { diode: made } = session.env;
      if (made instanceof Counter) return made;
      throw new Error("the diode is no counter");
    }

    /** Within 0.005. */
    const near = (...values: number[]): number[] => values.map((value): number => expect.closeTo(value, 2));

    const points = (scan: Scan, of: Axis | Counter): number[] => [...(scan.getData(of) as Float64Array)]; // scalars

    /** What the hardware says now. */
    const positions = (...names: string[]): Promise<number[]> =>
      Promise.all(names.map((name) => axis(name).readPosition()));

    const start = (...args: string[]): RunningProgram =>
      startProgram([beamtime, ...args], { BEACON_HOST: beamline.beacon.address });

    async function outputOf(...args: string[]): Promise<string> {
      await using program = start(...args);
      expect([await program.ended, program.output]).toEqual([0, expect.anything()]);
      return program.output;
    }

    it("has a configuration without faults", async () => {
      expect(await outputOf("check", "--strict", "--config", beamline.config)).toBe(
        `${beamline.config}: 13 names, 0 errors, 0 warnings\n`,
      );
    });

    it("moves all of them by one command, and the next session finds them there", async () => {
      const code = "mv(th, 5, mx, -4, roby, 3, ahg, 2, aho, 1, bvg, 6, bvo, -2); wa()";
      const shown = await outputOf("-s", "lab", "-e", code);
      const [names, , user] = (/^ +th\[deg\].*\n-.*\nuser .*$/m.exec(shown)?.[0] ?? "").split("\n");
      expect(names?.split(/ +/).slice(1).join(" ")).toBe(
        "th[deg] bt[mm] mx[mm] bb[mm] roby[mm] af[mm] ab[mm] ahg[mm] aho[mm]",
      );
      expect(user?.split(/ +/).slice(1).map(Number)).toEqual(near(5, 1, -4, 5, 3, 2, 0, 2, 1));
      expect(shown).toContain(await outputOf("-s", "lab", "-e", "wa()"));
      expect(await positions("th", "mx", "roby", "af", "ab", "bt", "bb")).toEqual(near(5, -4, 3, 2, 0, 1, 5));
      expect(await positions("ahg", "aho", "bvg", "bvo")).toEqual(near(2, 1, 6, -2));
    });

    it.each([
      ["th", []],
      ["mx", []],
      ["roby", []],
      ["ahg", ["af", "ab"]],
      ["bvg", ["bt", "bb"]],
    ])("scans %s", async (name, reals) => {
      const scan = await session.commands.ascan(axis(name), 1, 3, 4, 0.001, diode());
      expect(points(scan, axis(name))).toEqual(near(1, 1.5, 2, 2.5, 3));
      for (const blade of reals) expect(points(scan, axis(blade))).toEqual(near(0.5, 0.75, 1, 1.25, 1.5));
      expect(points(scan, diode())).toEqual(near(42, 42, 42, 42, 42));
    });

    it("scans axes of three controllers together", async () => {
      const [th, mx, ahg] = [axis("th"), axis("mx"), axis("ahg")];
      const scan = await session.commands.a3scan(th, 0, 2, mx, 0, -2, ahg, 1, 3, 2, 0.001, diode());
      expect([th, mx, ahg].map((each) => points(scan, each))).toEqual([near(0, 1, 2), near(0, -1, -2), near(1, 2, 3)]);
    });

    it("scans gap and offset of blades that have different controllers", async () => {
      const [gap, offset] = [axis("bvg"), axis("bvo")];
      const scan = await session.commands.amesh(gap, 2, 4, 1, offset, -1, 1, 1, 0.001, diode());
      const [bt, bb] = [axis("bt"), axis("bb")];
      expect([gap, offset, bt, bb].map((each) => points(scan, each))).toEqual([
        near(2, 4, 2, 4),
        near(-1, -1, 1, 1),
        near(0, 1, 2, 3),
        near(2, 3, 0, 1),
      ]);
    });

    it("refuses what leads a blade beyond its limits, before anything moves", async () => {
      const [th, bvg] = [axis("th"), axis("bvg")];
      const move = moveTogether([
        [th, 5],
        [bvg, -130],
      ]);
      await expect(move).rejects.toThrow("bt cannot go to -65 mm, where dial -130 of bvg");
      await expect(move).rejects.toBeInstanceOf(AxisLimitError);
      await expect(session.commands.ascan(bvg, 0, -130, 2, 0.001, diode())).rejects.toThrow("bt cannot go to -65 mm");
      expect(await positions("th", "bt", "bb", "bvg")).toEqual(near(0, 0, 0, 0));
    });

    const far = { th: 400, mx: 900, roby: 400, ahg: 38, bvg: 760 };
    const moving = [...real, "ahg", "aho", "bvg", "bvo"];

    /** All stand, where their hardware says, on the way. */
    async function expectStopped(): Promise<void> {
      for (const [name, target] of Object.entries(far)) {
        expect(axis(name).position).toBeGreaterThan(0);
        expect(axis(name).position).toBeLessThan(target);
      }
      const told = moving.map((name) => axis(name).position);
      expect(moving.filter((name) => axis(name).isMoving)).toEqual([]);
      expect(await positions(...moving)).toEqual(near(...told));
      expect(moving.filter((name) => !axis(name).state.has("READY"))).toEqual([]);
    }

    it("stops all of them in flight when the session aborts", async () => {
      const { signal } = session;
      const move = moveTogether(
        Object.entries(far).map(([name, target]) => [axis(name), target] as const),
        { signal },
      );
      const failure = move.catch((error: unknown) => error);
      await vi.waitFor(() => expect(real.filter((name) => !(axis(name).position > 0))).toEqual([]), 10_000);
      session.abort();
      expect(await failure).toBeInstanceOf(ScanAbort);
      await expectStopped();
    });

    it("stops all of them when their session is interrupted, and the other session knows where", async () => {
      const pairs = Object.entries(far).flat().join(", ");
      await using program = start("-s", "lab", "-e", `mv(${pairs})`);
      await vi.waitFor(() => expect(real.filter((name) => !(axis(name).position > 0))).toEqual([]), 10_000);
      program.kill("SIGINT");
      expect(await program.ended).not.toBe(0);
      await vi.waitFor(() => expect(moving.filter((name) => axis(name).isMoving)).toEqual([]));
      await expectStopped();
    });

    it("keeps positions, offsets, limits and velocities from one session to the next", async () => {
      await moveTogether([
        [axis("th"), 2],
        [axis("mx"), 3],
        [axis("af"), 1.5],
      ]);
      axis("th").position = 20;
      axis("mx").position = 30;
      axis("mx").limits = [20, 40];
      axis("roby").velocity = 20;
      await session[Symbol.asyncDispose]();
      session = await open();
      expect(await positions("th", "mx", "af", "ahg", "aho")).toEqual(near(20, 30, 1.5, 1.5, 0.75));
      expect([axis("th").dial, axis("mx").dial]).toEqual(near(2, 3));
      expect([axis("roby").velocity, axis("mx").limits]).toEqual([20, [20, 40]]);
      await expect(axis("mx").move(10)).rejects.toBeInstanceOf(AxisLimitError);
      await moveTogether([
        [axis("th"), 21],
        [axis("mx"), 29],
        [axis("ahg"), 0.5],
      ]);
      expect(await positions("th", "mx", "af", "ab")).toEqual(near(21, 29, 1, -0.5));
    });
  },
);
