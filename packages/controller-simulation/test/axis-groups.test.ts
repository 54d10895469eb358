import { ArgumentError } from "@beamtime/errors";
import { AxisGroup, AxisLimitError, AxisMovingError, AxisStoppedError } from "@beamtime/motion";
import { describe, expect, it } from "vitest";
import { errorOf, twoControllers } from "./two-controllers.js";

async function setUp() {
  const its = await twoControllers();
  const { left, right, a, a2, b } = its;
  const starts: string[] = [];
  for (const controller of [left, right]) {
    const startMove = controller.startMove.bind(controller);
    controller.startMove = (motions, options) => {
      starts.push(motions.map(({ address, target }) => `${address} ${target}`).join(", "));
      return startMove(motions, options);
    };
  }
  return { ...its, starts, group: new AxisGroup([a, a2, b]) };
}

describe("the state of a group", () => {
  it("is MOVING as long as one of its axes moves, READY when all are", async () => {
    const { clock, group, a } = await setUp();
    expect([group.state.toString(), group.isMoving]).toEqual(["READY (Axis is READY)", false]);
    const moving = group.move({ a: 1, b: 5 });
    await clock.advance(2);
    expect(a.state.has("READY")).toBe(true);
    expect([group.state.toString(), group.isMoving]).toEqual(["MOVING (Axis is MOVING)", true]);
    await clock.run(moving);
    expect([group.state.toString(), group.isMoving]).toEqual(["READY (Axis is READY)", false]);
  });

  it("has what is unusual of any of them, and is then not READY", async () => {
    const { clock, left, group, a, a2, b } = await setUp();
    left.breakDown("a", "drive overheated");
    await left.powerOff("a2");
    await clock.run(Promise.all([a.readState(), a2.readState()]));
    b.disable("under repair");
    expect(group.state.toString()).toBe("FAULT (drive overheated) | OFF (Axis power is off) | DISABLED (under repair)");
    left.repair("a");
    await left.powerOn("a2");
    await clock.run(Promise.all([a.readState(), a2.readState(), b.enable()]));
    await clock.run(a.hwLimit(1));
    expect(group.state.toString()).toBe("READY (Axis is READY) | LIMPOS (Hardware high limit active)");
  });
});

describe("a group", () => {
  it("starts the axes of a controller in one call, and tells where they are", async () => {
    const { clock, group, starts } = await setUp();
    await clock.run(group.move({ b: 3, a: 1, a2: 2 }));
    expect(starts).toEqual(["b 3000", "a 1000, a2 2000"]);
    expect(group.position).toEqual({ a: 1, a2: 2, b: 3 });
    expect(String(group)).toBe("AxisGroup(Axis(a, position=1 mm), Axis(a2, position=2 mm), Axis(b, position=3 mm))");
  });

  it("moves by distances from where its axes were sent, and some of them alone", async () => {
    const { clock, group, a, b } = await setUp();
    await clock.run(group.rmove({ a: 1, b: -2 }));
    await clock.run(
      group.rmove([
        [a, 0.5],
        [b, -0.5],
      ]),
    );
    expect(group.position).toEqual({ a: 1.5, a2: 0, b: -2.5 });
  });

  it("stops as a whole: whoever moves its axes, each move ends", async () => {
    const { clock, group, a, a2, b } = await setUp();
    const moves = [errorOf(new AxisGroup([a, b]).move({ a: 9, b: 9 })), errorOf(a2.move(-9))];
    await clock.advance(1);
    await clock.run(group.stop());
    expect(await moves[0]).toMatchObject({ code: "AXIS_STOPPED", axis: "a", target: 9, position: a.position });
    expect(await moves[1]).toMatchObject({ code: "AXIS_STOPPED", axis: "a2", target: -9, position: a2.position });
    expect([group.isMoving, a.target, b.target]).toEqual([false, a.position, b.position]);
    await clock.run(group.stop()); // at rest there is nothing to do
  });

  it("fails as a whole when one of its axes is stopped", async () => {
    const { clock, group, a, b } = await setUp();
    const moving = errorOf(group.move({ a: 9, a2: 1, b: 9 }));
    await clock.advance(3);
    await clock.run(b.stop());
    const error = await moving;
    expect(error).toBeInstanceOf(AxisStoppedError);
    expect(error).toMatchObject({ axis: "b", target: 9 });
    expect([group.isMoving, a.target]).toEqual([false, a.position]);
    expect(a.position).toBeLessThan(4);
  });

  it("moves nothing when a target of one axis is beyond its limits", async () => {
    const { clock, group, starts } = await setUp();
    const error = await clock.run(errorOf(group.move({ a: 1, a2: 2, b: -11 })));
    expect(error).toBeInstanceOf(AxisLimitError);
    expect(error).toMatchObject({ axis: "b", position: -11, limits: [-10, 10] });
    expect(String(error)).toBe(
      "AxisLimitError: b cannot go to -11 mm: expected a position from -10 to 10 mm, its limits",
    );
    expect(await clock.run(errorOf(group.rmove({ a: 1, b: 11 })))).toMatchObject({ axis: "b", position: 11 });
    expect([starts, group.isMoving, group.position]).toEqual([[], false, { a: 0, a2: 0, b: 0 }]);
  });

  it("moves nothing when one of its axes moves already, which goes on", async () => {
    const { clock, group, starts, b } = await setUp();
    const moving = b.move(5);
    await clock.advance(1);
    const error = await errorOf(group.move({ a: 1, a2: 2, b: 0 }));
    expect(error).toBeInstanceOf(AxisMovingError);
    expect(String(error)).toBe(
      "AxisMovingError: b is moving: wait for the end of its move (waitMove), or stop it, before moving it again",
    );
    await clock.run(moving);
    expect([starts, group.position]).toEqual([["b 5000"], { a: 0, a2: 0, b: 5 }]);
  });

  it("refuses an axis twice, one that is not its own, none at all, and targets that are no numbers", async () => {
    const { clock, group, a, a2, b, starts } = await setUp();
    expect(() => new AxisGroup([])).toThrow(new ArgumentError("axes", "a group needs at least one axis"));
    expect(() => new AxisGroup([a, b, a])).toThrow("a is given twice: expected each axis once");
    const refusals: readonly [() => Promise<void>, string][] = [
      [
        () =>
          group.move([
            [a, 1],
            [a, 2],
          ]),
        "a is given twice: expected each axis once",
      ],
      [() => group.move({ c: 1 }), "c is not in the group: expected some of a, a2, b"],
      [() => new AxisGroup([a, b]).move([[a2, 1]]), "a2 is not in the group: expected some of a, b"],
      [() => group.rmove({ a: Number.NaN }), "position of a is NaN; expected a finite number"],
      [() => group.move({ a: Number.POSITIVE_INFINITY, b: 1 }), "position of a is Infinity; expected a finite number"],
    ];
    for (const [refused, message] of refusals) {
      const error = await clock.run(errorOf(refused()));
      expect(error).toBeInstanceOf(ArgumentError);
      expect((error as Error).message).toBe(message);
    }
    await group.move({}); // nothing to move
    expect([starts, group.isMoving]).toEqual([[], false]);
  });
});
