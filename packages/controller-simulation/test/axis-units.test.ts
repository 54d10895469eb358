import { VirtualClock } from "@beamtime/concurrency";
import { SimulatedMotorController } from "@beamtime/controller-simulation";
import { Axis, type AxisOptions } from "@beamtime/motion";
import { describe, expect, it } from "vitest";

/** Knows what its steps are. */
class MotorsWithUnits extends SimulatedMotorController {
  unit = " um ";
  failure: Error | undefined;

  async readUnit(): Promise<string> {
    if (this.failure) throw this.failure;
    return this.unit;
  }
}

function axisOf(options: Partial<AxisOptions> = {}) {
  const clock = new VirtualClock();
  const controller = new MotorsWithUnits({ clock });
  const warnings: string[] = [];
  const onWarning = (message: string): void => void warnings.push(message);
  const axis = new Axis({ name: "x", controller, clock, velocity: 10, acceleration: 100, onWarning, ...options });
  return { clock, controller, axis, warnings };
}

describe("the unit of an axis", () => {
  it("is what the controller tells when the options tell none, in messages too", async () => {
    const { clock, axis } = axisOf({ highLimit: 5, velocityHighLimit: 10 });
    expect(axis.unit).toBeUndefined();
    await clock.run(axis.initialize());
    expect([axis.unit, String(axis)]).toEqual(["um", "Axis(x, position=0 um)"]);
    await expect(axis.move(6)).rejects.toThrow("x cannot go to 6 um");
    expect(() => {
      axis.velocity = 20;
    }).toThrow("velocity of x is 20 um/s");
  });

  it("is that of the options before", async () => {
    const { clock, axis } = axisOf({ unit: "mm" });
    await clock.run(axis.initialize());
    expect(axis.unit).toBe("mm");
  });

  it("is not that of the steps where an axis has more of them to a unit", async () => {
    const { clock, axis } = axisOf({ stepsPerUnit: 1000 });
    await clock.run(axis.initialize());
    expect(axis.unit).toBeUndefined();
  });

  it("is none where the controller has no name for it, or cannot be asked, which is told; the axis works", async () => {
    const nameless = axisOf();
    nameless.controller.unit = "";
    await nameless.clock.run(nameless.axis.initialize());
    expect([nameless.axis.unit, nameless.warnings]).toEqual([undefined, []]);
    const silent = axisOf();
    silent.controller.failure = new Error("no such field");
    await silent.clock.run(silent.axis.move(2));
    expect([silent.axis.unit, silent.axis.position]).toEqual([undefined, 2]);
    expect(silent.warnings).toEqual(["the unit of x cannot be read: no such field"]);
  });
});
