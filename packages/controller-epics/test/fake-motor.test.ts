import { Axis } from "@beamtime/motion";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CaClient, EpicsMotorController } from "../src/index.js";
import { failureOf, Heard, Ioc, python } from "./ioc.js";
import { putByAnother } from "./other-client.js";

/**
 * The record that comes with caproto: it answers a put with completion at once, and DMOV goes to 0 up to a tenth of a second later. It has
 * user coordinates only.
 */
describe.skipIf(!python)("the simulated record of caproto", () => {
  let ioc: Ioc;
  let epics: CaClient;
  let axis: Axis;

  beforeAll(async () => {
    ioc = await Ioc.start("fake");
    epics = new CaClient({ addresses: [ioc.address] });
    const controller = new EpicsMotorController({ access: epics, coordinates: "user" });
    axis = new Axis({ name: "mtr1", address: "sim:mtr1", velocity: 5, acceleration: 50, controller });
    await axis.initialize();
  });

  afterAll(async () => {
    await epics[Symbol.asyncDispose]();
    await ioc[Symbol.asyncDispose]();
  });

  it("moves, and the rest before is not taken for the end", async () => {
    for (const position of [1, 1.2, 0.5, 0.5]) {
      await axis.move(position);
      expect(axis.position).toBeCloseTo(position, 6);
    }
  });

  it("stops in flight", async () => {
    await axis.move(0);
    await axis.setVelocity(1);
    const positions = new Heard<number>();
    axis.onPosition(positions.take);
    const move = failureOf(axis.move(9));
    await positions.until((position) => position > 0.2);
    await axis.stop();
    expect(await move).toMatchObject({ code: "AXIS_STOPPED" });
    expect(axis.position).toBeLessThan(8);
    await axis.setVelocity(5);
  });

  it("has limits that are kept", async () => {
    expect(await failureOf(axis.move(11))).toMatchObject({ code: "AXIS_LIMIT", limits: [0, 10] });
  });

  it("tells when somebody else moves it", async () => {
    const positions = new Heard<number>();
    axis.onPosition(positions.take);
    await putByAnother(ioc.address, "sim:mtr1.VAL", 7);
    await positions.until((position) => position === 7);
  });
});
