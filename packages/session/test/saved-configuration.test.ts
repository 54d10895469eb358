import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Axis } from "@beamtime/motion";
import { MultiplePositions } from "@beamtime/pseudo-axes";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openSession, type Session } from "../src/index.js";

const motors = `# the motors of the sample
- plugin: emotion
  class: mockup
  axes:
  - name: roby # in the hutch
    steps_per_unit: 1000
    velocity: 5   # as delivered
    acceleration: 100
    low_limit: -50
  - {name: robz, steps_per_unit: 1000, velocity: 5, acceleration: 100}
- plugin: bliss
  class: MultiplePositions
  name: beamstop
  positions:
  - label: IN # the beam
    target:
    - {axis: $roby, destination: 2.5, tolerance: 0.01}
- {plugin: session, class: Session, name: lab}
`;

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "beamtime-saved-"));
  file = join(folder, "motors.yml");
  await writeFile(file, motors);
  await writeFile(join(folder, "__init__.yml"), `scan_saving: {base_path: ${join(folder, "data")}}`);
});
afterEach(() => rm(folder, { recursive: true }));

/** With a Redis of its own: what it knows of the session before is in the file. */
const open = (): Promise<Session> => openSession({ name: "lab", config: folder, redis: "private" });

function axis({ env }: Session, name: string): Axis {
  const found = env[name];
  if (found instanceof Axis) return found;
  throw new Error(`${name} is no axis`);
}

function beamstop({ env: { beamstop: found } }: Session): MultiplePositions {
  if (found instanceof MultiplePositions) return found;
  throw new Error("beamstop has no positions");
}

it("settings of axes are saved in the configuration, beside what else is written there", async () => {
  await using session = await open();
  const [roby, robz] = [axis(session, "roby"), axis(session, "robz")];
  roby.velocity = 2.5;
  roby.velocityLimits = [0, 8];
  roby.acceleration = 20;
  roby.sign = -1;
  roby.dialLimits = [Number.NEGATIVE_INFINITY, 30];
  roby.backlash = 0.1;
  robz.jogVelocity = 3;
  await Promise.all([roby.settingsToConfig(), robz.settingsToConfig({ limits: false, sign: false, backlash: false })]);
  expect(await readFile(file, "utf8")).toBe(
    motors
      .replace("velocity: 5   # as delivered", "velocity: 2.5 # as delivered")
      .replace("acceleration: 100\n", "acceleration: 20\n")
      .replace(
        "    low_limit: -50\n",
        "    velocity_high_limit: 8\n    high_limit: 30\n    sign: -1\n    backlash: 0.1\n",
      )
      .replace("acceleration: 100}", "acceleration: 100, jog_velocity: 3}"),
  );

  await using next = await open();
  expect(axis(next, "roby")).toMatchObject({ velocity: 2.5, velocityLimits: [0, 8], acceleration: 20, sign: -1 });
  expect(axis(next, "roby")).toMatchObject({ dialLimits: [Number.NEGATIVE_INFINITY, 30], backlash: 0.1 });
  expect(axis(next, "robz").jogVelocity).toBe(3);
});

it("what was saved is what an axis goes back to, wholly or in parts", async () => {
  await using session = await open();
  const roby = axis(session, "roby");
  roby.velocity = 2.5;
  await roby.settingsToConfig({ acceleration: false });
  Object.assign(roby, { velocity: 1, jogVelocity: 2, acceleration: 7, limits: [0, 1], sign: -1, backlash: 1 });
  await roby.applyConfig({ limits: false, sign: false });
  expect(roby).toMatchObject({ velocity: 2.5, jogVelocity: 2.5, acceleration: 100, backlash: 0, sign: -1 });
  expect(roby.dialLimits).toEqual([0, 1]);
  await roby.applyConfig();
  expect(roby).toMatchObject({ dialLimits: [-50, Number.POSITIVE_INFINITY], sign: 1 });
});

it("a file that somebody has edited since is changed as it is now", async () => {
  await using session = await open();
  await writeFile(file, motors.replace("5   # as delivered", "4 # after the repair\n    unit: mm"));
  axis(session, "roby").backlash = 1;
  await axis(session, "roby").settingsToConfig({ velocity: false, acceleration: false, sign: false });
  expect(await readFile(file, "utf8")).toBe(
    motors
      .replace("5   # as delivered", "4 # after the repair\n    unit: mm")
      .replace("low_limit: -50\n", "low_limit: -50\n    backlash: 1\n"),
  );
  await writeFile(file, motors.replace("name: roby", "name: mx"));
  await expect(axis(session, "roby").settingsToConfig()).rejects.toThrow(
    "there is no object roby in the configuration",
  );
});

it("named positions that were added, changed and removed are there in the next session", async () => {
  await using session = await open();
  const [positions, roby] = [beamstop(session), axis(session, "roby")];
  await positions.add("OUT", { description: "aside", targets: [{ axis: roby, destination: 40 }] });
  await positions.add("HERE");
  await roby.move(0.5);
  await positions.update("IN");
  await positions.remove("HERE");
  await using next = await open();
  expect(beamstop(next).positions).toMatchObject([
    { label: "IN", targets: [{ destination: 0.5, tolerance: 0.01 }] },
    { label: "OUT", description: "aside", targets: [{ destination: 40 }] },
  ]);
});
