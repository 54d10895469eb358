import { Disposer } from "@beamtime/concurrency";
import { Axis, type AxisOptions, moveTogether } from "@beamtime/motion";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CaClient, EpicsMotorController, type MotorCoordinates } from "../src/index.js";
import { failureOf, Heard, Ioc, python } from "./ioc.js";
import { putByAnother } from "./other-client.js";

let disposer: Disposer;
let ioc: Ioc;
let epics: CaClient;

beforeEach(async () => {
  disposer = new Disposer();
  if (!python) return;
  ioc = disposer.use(await Ioc.start("motor"));
  epics = disposer.use(new CaClient({ addresses: [ioc.address] }));
});

afterEach(() => disposer[Symbol.asyncDispose]());

interface SetUp extends Partial<AxisOptions> {
  readonly record?: string;
  readonly coordinates?: MotorCoordinates;
}

function axisOf({ record = "sim:m1", coordinates, ...options }: SetUp = {}): Axis {
  const controller = new EpicsMotorController({ access: epics, coordinates });
  return new Axis({
    name: "mx",
    unit: "um",
    address: record,
    velocity: 2000,
    acceleration: 20_000,
    controller,
    ...options,
  });
}

async function read(pv: string): Promise<number> {
  return (await epics.get(pv)).value;
}

/** Positions of an axis, until it has one. */
function positionsOf(axis: Axis): Heard<number> {
  const heard = new Heard<number>();
  axis.onPosition(heard.take);
  return heard;
}

describe.skipIf(!python)("an axis that is a motor record", () => {
  it("moves on the record's dial, and keeps sign and offset itself", async () => {
    await epics.putAndWait("sim:m1.DIR", 1);
    await epics.putAndWait("sim:m1.OFF", 30);
    const axis = axisOf({ sign: -1, offset: 5 });
    await axis.move(105);
    expect(axis).toMatchObject({ position: 105, dial: -100 });
    expect(axis.state.has("READY")).toBe(true);
    expect([await read("sim:m1.DRBV"), await read("sim:m1.RBV")]).toEqual([-100, 130]);
  });

  it("moves on the record's user coordinates where that is wanted", async () => {
    await epics.putAndWait("sim:m1.DIR", 1);
    await epics.putAndWait("sim:m1.OFF", 30);
    await epics.putAndWait("sim:m1.LLM", -1000);
    await epics.putAndWait("sim:m1.HLM", 1000);
    const axis = axisOf({ coordinates: "user" });
    await axis.move(130);
    expect([axis.dial, await read("sim:m1.DRBV"), await read("sim:m1.RBV")]).toEqual([130, -100, 130]);
  });

  it("leaves velocity and acceleration to the record, or sets them", async () => {
    await epics.putAndWait("sim:m1.VBAS", 100);
    const asItIs = axisOf({ velocity: undefined, acceleration: undefined });
    await asItIs.initialize();
    expect([asItIs.velocity, asItIs.acceleration]).toEqual([500, 1600]);
    const axis = axisOf({ velocity: 900, acceleration: 4000 });
    await axis.initialize();
    expect([await read("sim:m1.VELO"), await read("sim:m1.ACCL")]).toEqual([900, 0.2]);
    await axis.setVelocity(500);
    expect([await read("sim:m1.VELO"), await read("sim:m1.ACCL")]).toEqual([500, 0.1]);
    const failure = await failureOf(axis.setVelocity(9000));
    expect(failure.message).toBe("velocity of sim:m1 is 9000 units/s; expected 100 to 5000 units/s, its VBAS and VMAX");
  });

  it("stops in flight where it says", async () => {
    const axis = axisOf({ velocity: 200 });
    const positions = positionsOf(axis);
    const move = failureOf(axis.move(800));
    await positions.until((position) => position > 5);
    await axis.stop();
    expect(await move).toMatchObject({ code: "AXIS_STOPPED", axis: "mx", target: 800 });
    expect(axis.position).toBeLessThan(700);
    expect(await read("sim:m1.DRBV")).toBe(axis.position);
    expect(await read("sim:m1.DMOV")).toBe(1);
  });

  it("stops when the signal of its move is aborted", async () => {
    const axis = axisOf({ velocity: 200 });
    const positions = positionsOf(axis);
    const abort = new AbortController();
    const move = failureOf(axis.move(800, { signal: abort.signal }));
    await positions.until((position) => position > 5);
    abort.abort(new Error("enough"));
    expect((await move).message).toBe("enough");
    expect(await read("sim:m1.DMOV")).toBe(1);
    expect(await read("sim:m1.DRBV")).toBe(axis.position);
  });

  it("does not take the rest before a move for its end", async () => {
    const axis = axisOf({ velocity: 4000, acceleration: 200_000 });
    for (const position of [3, 0, 3, 400, 0.5, 0, 0]) {
      await axis.move(position);
      expect(axis.position).toBe(position);
    }
  });

  it("refuses what is beyond the limits of the record, before it moves and when they change meanwhile", async () => {
    const axis = axisOf();
    await axis.initialize();
    expect(await failureOf(axis.move(1001))).toMatchObject({
      code: "AXIS_LIMIT",
      message:
        "sim:m1 cannot go to 1001, by DLLM and DHLM of its record: expected a position from -1000 to 1000, its limits",
    });
    const narrow = new Heard<number | string>();
    epics.monitor("sim:m1.DHLM", { value: ({ value }) => narrow.take(value) });
    await putByAnother(ioc.address, "sim:m1.DHLM", 50);
    await narrow.until((value) => value === 50);
    expect(await failureOf(axis.move(60))).toMatchObject({ code: "AXIS_LIMIT", limits: [-1000, 50] });
    expect(await read("sim:m1.DRBV")).toBe(0);
  });

  it("goes to the limit of the record, when sign and offset lead beyond it by a rounding", async () => {
    const axis = axisOf({ offset: 0.1, tolerance: 1 });
    await axis.initialize();
    const narrow = new Heard<number | string>();
    epics.monitor("sim:m1.DHLM", { value: ({ value }) => narrow.take(value) });
    await putByAnother(ioc.address, "sim:m1.DHLM", 0.7);
    await narrow.until((value) => value === 0.7);
    expect(0.8 - 0.1).toBeGreaterThan(0.7);
    await axis.move(0.8);
    expect(await read("sim:m1.DVAL")).toBe(0.7);
  });

  it("tells a limit violation that only the record knew of", async () => {
    const controller = new EpicsMotorController({ access: epics });
    await controller.initializeAxis("sim:m1");
    await epics.putAndWait("sim:m1:soft", 100);
    expect(await failureOf(controller.startMove([{ address: "sim:m1", target: 150 }]))).toMatchObject({
      code: "AXIS_LIMIT",
      position: 150,
    });
  });

  it("says on which limit switch it has come to rest, whatever the direction of the record", async () => {
    await epics.putAndWait("sim:m1.DIR", 1);
    for (const field of ["DLLM", "DHLM"]) await epics.putAndWait(`sim:m1.${field}`, 0);
    const axis = axisOf({ velocity: 4000 });
    await axis.hwLimit(1);
    expect([axis.position, axis.state.has("LIMPOS"), await read("sim:m1.LLS")]).toEqual([1200, true, 1]);
    expect((await failureOf(axis.move(1300))).name).toBe("AxisOnLimitError");
    await axis.move(1000);
    expect(axis.state.has("LIMPOS")).toBe(false);
    expect((await failureOf(axis.move(1500))).message).toContain("came to rest at 1200 um instead of 1500 um");
  });

  it("says so too when the record did not begin to move, or told it late", async () => {
    const axis = axisOf({ velocity: 4000 });
    for (const field of ["DLLM", "DHLM"]) await epics.putAndWait(`sim:m1.${field}`, 0);
    for (const direction of [1, -1] as const) {
      await axis.hwLimit(direction);
      for (const blink of [1, 2]) {
        await epics.putAndWait("sim:m1:blink", blink);
        expect(await failureOf(axis.move(direction * 1300))).toMatchObject({ name: "AxisOnLimitError" });
      }
      await epics.putAndWait("sim:m1:blink", 0);
      await axis.move(0);
    }
  });

  it("takes note of a motion that was over before it was told of", async () => {
    const axis = axisOf();
    await axis.move(100);
    await epics.putAndWait("sim:m1:stall", 100);
    await epics.putAndWait("sim:m1:blink", 1);
    expect((await failureOf(axis.move(200))).message).toContain("came to rest at 100 um instead of 200 um");
    await epics.putAndWait("sim:m1:blink", 2);
    expect((await failureOf(axis.move(200))).message).toContain(
      "stands at 100 and did not begin to move to 200: READY",
    );
    await epics.putAndWait("sim:m1:blink", 0);
    await epics.putAndWait("sim:m1:stall", 1e9);
    await axis.move(200);
  });

  it("finds its home switch", async () => {
    const axis = axisOf();
    await axis.home(1);
    expect([axis.position, axis.state.has("HOME")]).toEqual([500, true]);
  });

  it("counts from elsewhere without moving", async () => {
    const axis = axisOf();
    await axis.move(100);
    await axis.setDial(-50);
    expect([axis.position, axis.dial]).toEqual([100, -50]);
    expect([await read("sim:m1.DRBV"), await read("sim:m1.RBV")]).toEqual([-50, 100]);
    expect(await epics.getText("sim:m1.SET")).toBe("Use");
    await axis.move(110);
    expect(await read("sim:m1.DRBV")).toBe(-40);
  });

  it("tells what is wrong with the motor, and ends its move", async () => {
    const axis = axisOf({ velocity: 200 });
    const positions = positionsOf(axis);
    const move = failureOf(axis.move(800));
    await positions.until((position) => position > 5);
    await epics.putAndWait("sim:m1:fault", 0x40);
    await epics.putAndWait("sim:m1:stall", axis.position + 10);
    expect(await move).toMatchObject({ code: "AXIS_FAULT" });
    expect((await move).message).toContain("the motor slips or is stalled (MSTA)");
    expect((await failureOf(axis.move(0))).message).toContain("slips");
    await epics.putAndWait("sim:m1:stall", 1e9);
    await epics.putAndWait("sim:m1:fault", 0);
    while (!(await axis.readState()).has("READY")); // the IOC shows it a little later
    await axis.move(0);
    expect(axis.position).toBe(0);
  });

  it("is in fault while its IOC cannot reach the motor", async () => {
    const axis = axisOf();
    await axis.initialize();
    const states = new Heard<string>();
    axis.onState((state) => states.take(state.toString()));
    await epics.putAndWait("sim:m1:fault", 0x1000);
    await states.until((state) => state === "FAULT (the IOC cannot reach the motor controller (MSTA))");
    await epics.putAndWait("sim:m1:fault", 0);
    await states.until((state) => state.startsWith("READY"));
  });

  it("is disabled while the record is held", async () => {
    const axis = axisOf();
    await axis.initialize();
    const states = new Heard<string>();
    axis.onState((state) => states.take(state.toString()));
    await epics.putAndWait("sim:m1.SPMG", "Pause");
    await states.until((state) => state.startsWith("DISABLED"));
    expect(await failureOf(axis.move(5))).toMatchObject({
      code: "AXIS_DISABLED",
      message: "mx cannot move: SPMG of the record is Pause instead of Go: mend that at its controller",
    });
    const controller = new EpicsMotorController({ access: epics });
    expect(await failureOf(controller.startMove([{ address: "sim:m1", target: 5 }]))).toMatchObject({
      code: "AXIS_DISABLED",
      message: "sim:m1 cannot move: SPMG of the record is Pause instead of Go: change that on the record",
    });
    await epics.putAndWait("sim:m1.SPMG", "Go");
    await axis.move(5);
  });

  it("tells an unsupported call from a fault", async () => {
    const controller = new EpicsMotorController({ access: epics });
    await epics.putAndWait("sim:m1:lacks", 1);
    expect(await failureOf(controller.powerOff("sim:m1"))).toMatchObject({ code: "AXIS_UNSUPPORTED" });
    expect(await failureOf(controller.readEncoder("sim:m1"))).toMatchObject({
      code: "AXIS_UNSUPPORTED",
      message: "sim:m1 has no encoder, as its MSTA says",
    });
  });

  it("tells when somebody else moves the record", async () => {
    const axis = axisOf();
    await axis.initialize();
    const positions = positionsOf(axis);
    const states = new Heard<string>();
    axis.onState((state) => states.take(state.has("MOVING") ? "MOVING" : state.toString()));
    await putByAnother(ioc.address, "sim:m1.VAL", 300);
    await positions.until((position) => position === 300);
    await states.until((state) => state.startsWith("READY"), 1);
    expect(states.all[0]).toBe("MOVING");
    expect(positions.all.length).toBeGreaterThan(3);
    expect(axis).toMatchObject({ position: 300, target: 300 });
  });

  it("is not moved while somebody else moves the record, but stopped", async () => {
    const axis = axisOf();
    await axis.initialize();
    await epics.putAndWait("sim:m1.VELO", 100);
    const states = new Heard<boolean>();
    axis.onState((state) => states.take(state.has("MOVING")));
    await putByAnother(ioc.address, "sim:m1.VAL", 900);
    await states.until((isMoving) => isMoving);
    expect(await failureOf(axis.move(0))).toMatchObject({ code: "AXIS_MOVING" });
    await axis.stop();
    expect(axis.position).toBeLessThan(900);
    expect(await read("sim:m1.DMOV")).toBe(1);
  });

  it("moves with others, all or none", async () => {
    const controller = new EpicsMotorController({ access: epics });
    const [one, two] = ["sim:m1", "sim:m2"].map((record) => axisOf({ name: record, record, controller }));
    if (!one || !two) throw new Error("two were made");
    await moveTogether([
      [one, 100],
      [two, -100],
    ]);
    expect([one.position, two.position]).toEqual([100, -100]);
    await epics.putAndWait("sim:m2.SPMG", 0);
    const both = moveTogether([
      [one, 0],
      [two, 0],
    ]);
    expect(await failureOf(both)).toMatchObject({ code: "AXIS_DISABLED", axis: "sim:m2" });
    expect([await read("sim:m1.DRBV"), await read("sim:m2.DRBV")]).toEqual([100, -100]);
  });

  it("fails when its IOC dies in flight, is in fault until it is back, and then moves again", async () => {
    const axis = axisOf({ velocity: 200 });
    await axis.initialize();
    const states = new Heard<string>();
    const positions = positionsOf(axis);
    axis.onState((state) => states.take(state.toString()));
    const move = failureOf(axis.move(800));
    await positions.until((position) => position > 5);
    await ioc.kill();
    expect((await move).message).toContain("sim:m1");
    await states.until((state) => state.startsWith("FAULT (its IOC does not answer"));
    disposer.use(await Ioc.start("motor", ioc.address));
    await states.until((state) => state.startsWith("READY"));
    await axis.syncHard();
    expect(axis.position).toBe(0);
    await axis.move(50);
    expect([axis.position, await read("sim:m1.VELO")]).toEqual([50, 200]);
  });

  it("says which question was not answered", async () => {
    const axis = axisOf({ answerTime: 0.5 });
    await axis.initialize();
    ioc.freeze();
    const failure = await failureOf(axis.readPosition());
    expect(failure).toMatchObject({ code: "AXIS_TIMEOUT" });
    expect(failure.message).toContain("the controller epics of mx did not answer readPosition within 0.5 s");
    ioc.thaw();
    await axis.move(3);
    expect(axis.position).toBe(3);
  });

  it("passes commands to the IOC, and describes itself", async () => {
    const controller = new EpicsMotorController({ access: epics });
    expect(await controller.rawCommand("sim:m1.SPMG")).toBe("Go");
    expect(await controller.rawCommand("sim:m1.SPMG Move")).toBe("Move");
    expect(Number(await controller.rawCommand("sim:m1.VELO 250"))).toBe(250);
    expect(await controller.describeAxis("sim:m1")).toMatch(
      /^EPICS motor record sim:m1, driven by its dial.*\nSPMG Move\n/s,
    );
  });
});
