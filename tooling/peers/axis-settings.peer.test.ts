import { type Axis, AxisLimitError } from "@beamtime/motion";
import { connectRedis, settingsDatabase } from "@beamtime/redis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, type MotionBeamline, openMotionBeamline, rounded } from "./motion-beamline.js";
import { bliss } from "./real-beacon.js";

/** Of an axis, as a Python expression; of both limits BLISS names the one first that is lower on the dial. */
const view =
  "[rot.position, rot.dial, sorted(rot.limits), rot.offset, rot.sign, rot.velocity, rot.acceleration, rot.backlash, rot._set_position, str(rot.state)]";

/** `rot` counts its steps backwards, and its positions against its dial. */
describe.skipIf(bliss() === undefined)("the settings of a reversed axis in BLISS and here", () => {
  let beamline: MotionBeamline;
  beforeAll(async () => {
    beamline = await openMotionBeamline();
  }, 120_000);
  afterAll(() => beamline?.[Symbol.asyncDispose]());

  const rot = (): Axis => beamline.ours.env.rot;
  const there = (code: string): Promise<unknown> => beamline.theirs.run(code);
  const seenHere = (): unknown => {
    const { position, dial, limits, offset, sign, velocity, acceleration, backlash, target, state } = rot();
    const settings = [position, dial, limits, offset, sign, velocity, acceleration, backlash, target];
    return rounded([...settings, state.toString()]);
  };
  const agree = async (): Promise<void> => {
    await rot().saved(); // and told: what BLISS changes next is then newer
    await eventually(async () => expect(seenHere()).toEqual(rounded(await there(view))));
  };

  it("are those of the configuration at first", async () => {
    expect(seenHere()).toEqual([3, 0, [-37, 23], 3, -1, 20, 100, 0.5, 3, "READY (Axis is READY)"]);
    await agree();
  });

  it("are the same after moves of either, with backlash", async () => {
    await rot().move(10);
    await agree();
    expect(rot().dial).toBe(-7);
    await there("rot.move(4)");
    await agree();
    expect(rot()).toMatchObject({ position: 4, dial: -1 });
    await there("rot.rmove(-1.5)");
    await rot().rmove(-1);
    await agree();
    expect(rot().position).toBe(1.5);
  });

  it("are the same whoever changes how positions are counted", async () => {
    await there("rot.sign = 1");
    await agree();
    expect(rot()).toMatchObject({ sign: 1, offset: 3 });
    rot().sign = -1;
    rot().offset = 1;
    await agree();
    await there("rot.position = 7");
    await agree();
    await there("rot.dial = 2");
    await agree();
    expect(rot()).toMatchObject({ position: 7, dial: 2, offset: 9 });
    await rot().setDial(0.5);
    await agree();
    expect(rot()).toMatchObject({ position: 7, dial: 0.5, offset: 7.5 });
    rot().position = 3;
    await agree();
  });

  it("are the same whoever changes how fast it is", async () => {
    await there("rot.velocity = 10");
    await there("rot.acceleration = 50");
    await agree();
    await there("rot.acctime = 0.1");
    await eventually(() => expect(rot().acctime).toBeCloseTo(0.1, 9));
    await rot().setVelocity(20);
    rot().acceleration = 100;
    await agree();
    await there("rot.velocity_limits = 5, 40");
    await eventually(() => expect(rot().velocityLimits).toEqual([5, 40]));
    await there("rot.velocity_limits = 50, 60");
    await eventually(() => expect(rot().velocityLimits).toEqual([50, 60]));
    await there("rot.velocity_limits = None, 30");
    await eventually(() => expect(rot().velocityLimits).toEqual([0, 30]));
    await expect(rot().setVelocity(31)).rejects.toThrow("expected 0 to 30 deg/s");
    await expect(there("setattr(rot, 'velocity', 31)")).rejects.toThrow("exceeds max. velocity: 30");
    rot().velocityLimits = [0, 50];
    await beamline.seenThere("rot.velocity_high_limit", 50);
    await there("setattr(rot, 'velocity', 31)");
    await agree();
  });

  it("have limits that refuse the same moves, whoever sets them", async () => {
    await there("rot.limits = -3, 20");
    await agree();
    expect(rot().limits).toEqual([-3, 20]);
    await refused(21);
    await refused(-4);
    rot().limits = [-5, 15];
    // as BLISS has it when its user types the same
    await beamline.seenThere("list(rot.limits)", [-5, 15]);
    await refused(16);
    await refused(-6);
    // from above, so that the backlash wants it to turn round beyond the limit
    await rot().move(15);
    await agree();
    await there("rot.limits = None, None");
    await eventually(() => expect(rot().limits).toEqual([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]));
    await rot().move(-50);
    await agree();
    await there("rot.limits = -60, 60");
    await agree();
  });

  const refused = async (position: number): Promise<void> => {
    await expect(rot().move(position)).rejects.toThrow(AxisLimitError);
    await expect(there(`rot.move(${position})`)).rejects.toThrow(/would exceed (low|high) limit/);
  };

  it("are found again by BLISS after ours has written them, and ended", async () => {
    await beamline.restartTheirs(async () => {
      await rot().move(5);
      rot().offset = 2;
      rot().limits = [-30, 33];
      rot().backlash = 0.25;
      rot().velocityLimits = [1, 45];
      rot().jogVelocity = 7;
      await rot().setVelocity(25);
      await rot().setAcceleration(150);
      await beamline.restartOurs();
    });
    await agree();
    expect(await there("[list(rot.limits), rot.jog_velocity]")).toEqual([[-30, 33], 7]);
    expect(await there("list(rot.velocity_limits)")).toEqual([1, 45]);
    await there("rot.move(6)");
    await agree();
  });

  it("are found again here after BLISS has written them, and ended", async () => {
    await beamline.restartOurs(async () => {
      await there("rot.position = 8");
      await there("rot.limits = -20, 25");
      await there("rot.velocity_limits = None, 44");
      await there("rot.velocity = 22");
      await there("rot.acceleration = 120");
      await there("rot.backlash = 0.125");
      await there("rot.move(9)");
      await beamline.restartTheirs();
    });
    await agree();
    expect(rot()).toMatchObject({ position: 9, limits: [-20, 25], velocityLimits: [0, 44], velocity: 22 });
    await rot().move(8);
    await agree();
  });

  it("are the same fields in Redis whoever writes them", async () => {
    await using settings = await connectRedis(await beamline.ours.beacon.settingsRedis(), { db: settingsDatabase });
    const stored = async (): Promise<Record<string, unknown>> => {
      const fields = await settings.client.hgetall("axis.rot");
      return Object.fromEntries(Object.entries(fields).map(([name, text]) => [name, rounded(Number(text))]));
    };
    await there("rot.limits = -10, 11");
    await there("rot.velocity_limits = 1, 50");
    await there("rot.jog(5)");
    await there("rot.stop()");
    await there("rot.move(5)");
    await agree();
    const theirs = await stored();
    await rot().move(7);
    rot().limits = [-12, 12];
    rot().velocityLimits = [2, 60];
    await rot().saved();
    expect(await stored()).not.toEqual(theirs);
    await rot().move(5);
    rot().limits = [-10, 11];
    rot().velocityLimits = [1, 50];
    await rot().saved();
    expect(await stored()).toEqual(theirs);
  });

  it("are understood here when BLISS has saved them in the configuration", async () => {
    await there("rot.limits = -9, 16");
    await there("rot.velocity_limits = None, None");
    await there("rot.settings_to_config()");
    await beamline.restartOurs();
    expect(beamline.ours.config.node("rot").value).toMatchObject({ low_limit: expect.any(Number) });
    expect(rot().limits).toEqual([-9, 16]);
    await rot().applyConfig();
    expect(rot().limits).toEqual([-9, 16]);
    expect(rot().velocityLimits).toEqual([0, Number.POSITIVE_INFINITY]);
    await agree();
  });

  it("do not send the axis to an old set point after BLISS has moved it at constant speed", async () => {
    await rot().move(5);
    await there("rot.jog(8)");
    await eventually(() => expect(rot().position).toBeGreaterThan(6));
    await there("rot.stop()");
    await agree();
    const from = (await there("rot.position")) as number;
    await rot().rmove(1);
    expect(rot().position).toBeCloseTo(from + 1, 2);
  });
});
