import { AxisOnLimitError } from "@beamtime/motion";
import { beforeEach, describe, expect, it } from "vitest";
import { errorOf, type FaultyBeamline, faultyBeamline } from "./faulty-beamline.js";

let its: FaultyBeamline;
beforeEach(async () => {
  its = await faultyBeamline();
});

/** All stands where the hardware says, and the next scan runs. */
async function expectRest({ clock, left, right, x, y, z, camera, ascan, ...others }: FaultyBeamline): Promise<void> {
  const places = [x.position, y.position, z.position];
  await clock.advance(100);
  const steps = [await left.readPosition("x"), await left.readPosition("y"), await right.readPosition("z")];
  expect(places).toEqual(steps.map((count) => count / 1000));
  expect([x, y, z].map(({ isMoving, target }) => [isMoving, target])).toEqual(places.map((place) => [false, place]));
  expect(clock.sleepers).toBe(0);
  const { stops } = camera;
  await clock.run(ascan(x, -1, 1, 2, 0.1));
  expect(others.values("x")).toEqual([-1, 0, 1]);
  expect(camera.stops).toBe(stops + 1);
}

describe("a step scan that runs into an end switch", () => {
  it("fails with axis, place and switch; detectors are stopped, and the points until then are kept", async () => {
    const { clock, x, camera, ascan, scans, told, values } = its;
    const error = await clock.run(errorOf(ascan(x, 0, 10, 5, 0.1)));
    expect(error).toBeInstanceOf(AxisOnLimitError);
    expect(error).toMatchObject({ axis: "x", position: 6, target: 8, switches: ["LIMPOS"] });
    expect(String(error)).toContain("x came to rest at 6 mm instead of 8 mm: ");
    expect(camera.stops).toBe(1);
    for (const channel of ["x", "diode", "sum", "elapsed_time"]) expect(values(channel), channel).toHaveLength(4);
    expect(values("x")).toEqual([0, 2, 4, 6]);
    expect(told()).toMatchObject({
      state: "KILLED",
      ended: { reason: "FAILURE", error: { name: "AxisOnLimitError", message: (error as Error).message } },
    });
    expect(scans[0]?.state).toBe("KILLED");
    await expectRest(its);
  });

  it("stops the other axes of the scan, whichever their controller", async () => {
    const { clock, x, y, z, a3scan } = its;
    const error = await clock.run(errorOf(a3scan(x, 0, 20, y, 0, 20, z, 0, -20, 2, 0.1)));
    expect(error).toMatchObject({ code: "AXIS_ON_LIMIT", axis: "x", position: 6 });
    for (const { position } of [y, z]) expect(Math.abs(position)).toBeLessThan(8);
    await expectRest(its);
  });

  it("returns in a relative scan to where it began", async () => {
    const { clock, x, dscan } = its;
    await clock.run(x.move(1));
    const error = await clock.run(errorOf(dscan(x, 0, 8, 4, 0.1)));
    expect(error).toMatchObject({ code: "AXIS_ON_LIMIT", axis: "x", target: 7 });
    expect(x.position).toBe(1);
    await expectRest(its);
  });

  it("fails on the way to its first point, with no point", async () => {
    const { clock, x, ascan, values } = its;
    expect(await clock.run(errorOf(ascan(x, -10, 0, 5, 0.1)))).toMatchObject({ switches: ["LIMNEG"], target: -10 });
    expect(values("x")).toEqual([]);
    await expectRest(its);
  });
});

describe("a continuous scan that runs into an end switch", () => {
  it("fails so, with the points until then and the velocity that the axis had", async () => {
    const { clock, left, x, camera, contScan, told, values } = its;
    const error = await clock.run(errorOf(contScan(x, 0, 10, 11, 5)));
    expect(error).toBeInstanceOf(AxisOnLimitError);
    expect(error).toMatchObject({ axis: "x", position: 6, switches: ["LIMPOS"] });
    const points = values("x");
    expect(points).toEqual([0, 1, 2, 3, 4, 5, 6].slice(0, points.length));
    expect(points.length).toBeGreaterThanOrEqual(6);
    expect([x.velocity, await left.readVelocity("x"), camera.stops]).toEqual([4, 4000, 1]);
    expect(told()).toMatchObject({
      state: "KILLED",
      ended: { reason: "FAILURE", error: { name: "AxisOnLimitError" } },
    });
    await expectRest(its);
  });

  it("fails so in a mesh, and the slow axis stands", async () => {
    const { clock, x, z, contMesh } = its;
    const error = await clock.run(errorOf(contMesh(x, 0, 10, 11, z, 1, 2, 3, 5)));
    expect(error).toMatchObject({ code: "AXIS_ON_LIMIT", axis: "x" });
    expect([z.position, x.velocity]).toEqual([1, 4]);
    await expectRest(its);
  });
});
