import { Axis, AxisCalcError, AxisMovingError, CalcController, type CalcPositions, eachPoint } from "@beamtime/motion";
import { beforeEach, describe, expect, it } from "vitest";
import { outcomeOf, type VirtualSlits, virtualSlits } from "./virtual-slits.js";

let its: VirtualSlits;
beforeEach(async () => {
  its = await virtualSlits();
});

/** Twice the real axis; what is wrong with it can be changed. */
class Doubled extends CalcController {
  #factor = 2;
  result: "right" | "missing" | "nan" = "right";

  set factor(factor: number) {
    this.changeCalculation(() => {
      this.#factor = factor;
    });
  }

  calcFromReal(reals: CalcPositions): CalcPositions {
    return eachPoint(reals, ({ x = Number.NaN }) => ({ twice: x < 0 ? Number.NaN : this.#factor * x }));
  }

  calcToReal(pseudos: CalcPositions): CalcPositions {
    if (this.result === "missing") return {};
    return eachPoint(pseudos, ({ twice = Number.NaN }) => ({
      x: this.result === "nan" ? Number.NaN : twice / this.#factor,
    }));
  }
}

describe("a calculation", () => {
  async function doubled(real: Axis) {
    const { clock } = its;
    const controller = new Doubled({ name: "calc", reals: { x: real }, names: { twice: "tt" } });
    const axis = new Axis({ name: "tt", address: "twice", controller, clock, checkDiscrepancy: false });
    await clock.run(axis.initialize());
    return { controller, axis };
  }

  it("may be of calculated axes", async () => {
    const { clock, hg, front, back } = its;
    const { axis } = await doubled(hg);
    await clock.run(axis.move(8));
    expect([hg.position, front.position, back.position]).toEqual([4, 2, 2]);
    await clock.run(front.move(3));
    expect([axis.position, axis.target]).toEqual([10, 10]);
    expect(axis.realAxes.map(({ name }) => name)).toEqual(["front", "back"]);
    const failure = await clock.run(outcomeOf(axis.move(44)));
    expect(failure).toMatchObject({ axis: "front", code: "AXIS_LIMIT" });
    const outcome = outcomeOf(axis.move(0));
    await clock.advance(0.2);
    await clock.run(axis.stop());
    expect(await clock.run(outcome)).toMatchObject({ code: "AXIS_STOPPED", axis: "tt" });
    expect([axis.isMoving, hg.isMoving, front.isMoving]).toEqual([false, false, false]);
  });

  it("tells a fault of the innermost axis through all of them", async () => {
    const { clock, hg, motors } = its;
    const { axis } = await doubled(hg);
    const outcome = outcomeOf(axis.move(20));
    await clock.advance(0.3);
    motors.breakDown("back", "smoke");
    expect(await clock.run(outcome)).toMatchObject({ code: "AXIS_FAULT", axis: "back" });
    expect([axis.isMoving, hg.isMoving]).toEqual([false, false]);
  });

  it("tells other positions when a parameter of it changes", async () => {
    const { clock, front } = its;
    const { controller, axis } = await doubled(front);
    await clock.run(front.move(1));
    controller.factor = 5;
    expect([axis.position, axis.target]).toEqual([5, 5]);
    await clock.run(axis.move(10));
    expect(front.position).toBe(2);
    const move = front.move(5);
    await clock.advance(0.1);
    expect(() => {
      controller.factor = 1;
    }).toThrow(AxisMovingError);
    await clock.run(move);
  });

  it("that gives no position, or none that is a number, is refused", async () => {
    const { clock, front } = its;
    const { controller, axis } = await doubled(front);
    controller.result = "nan";
    const failure = await clock.run(outcomeOf(axis.move(3)));
    expect(failure).toBeInstanceOf(AxisCalcError);
    expect(failure).toMatchObject({
      axis: "front",
      role: "x",
      message:
        "calc cannot calculate where front (x) has to go for dial 3 of tt: " +
        "expected a finite position from calcToReal, which gives NaN",
    });
    controller.result = "missing";
    await expect(clock.run(axis.move(3))).rejects.toThrow("which gives none");
    expect(front.position).toBe(0);
  });

  it("tells NaN where the real axes are at no position of it, and leads back from there", async () => {
    const { clock, front } = its;
    const { axis } = await doubled(front);
    await clock.run(front.move(-1));
    expect(axis.position).toBeNaN();
    expect(await clock.run(axis.readPosition())).toBeNaN();
    await clock.run(axis.move(4));
    expect([axis.position, front.position]).toEqual([4, 2]);
  });

  it("that knows no such axis refuses it by name", async () => {
    const { clock, slits } = its;
    const axis = new Axis({ name: "x", address: "hgep", controller: slits, clock });
    await expect(clock.run(axis.move(1))).rejects.toThrow(
      "s1 calculates no hgep from its real axes: expected one of hgap, hoffset",
    );
  });

  it("of real axes that move each other is refused", () => {
    const { hg, ho, front } = its;
    const make = (reals: Record<string, Axis>) => () => new Doubled({ name: "calc", reals });
    expect(make({ a: hg, b: front })).toThrow("calc has hg and front, which both move front");
    expect(make({ a: front, b: front })).toThrow("calc has front twice: expected each axis once");
    expect(make({})).toThrow("calc has no real axes");
    expect(make({ a: hg, b: ho })).not.toThrow();
  });
});
