import { VirtualClock } from "@beamtime/concurrency";
import { describe, expect, it } from "vitest";
import { AxisState } from "./axis-state.js";
import { softAxis } from "./soft-axis.js";

describe("a soft axis", () => {
  it("reads and sets a property", async () => {
    const oven = { setpoint: 20 };
    const axis = softAxis("oven", oven, { position: "setpoint", unit: "°C", highLimit: 100 });
    await axis.move(35);
    expect([oven.setpoint, axis.position, axis.state.has("READY")]).toEqual([35, 35, true]);
    oven.setpoint = 50;
    await axis.rmove(0);
    expect(oven.setpoint).toBe(35);
    await expect(axis.move(101)).rejects.toThrow("oven cannot go to 101 °C");
  });

  it("calls methods, and moves as long as they take", async () => {
    const clock = new VirtualClock();
    class Oven {
      temperature = 20;
      async read(): Promise<number> {
        return this.temperature;
      }
      async heat(to: number, { signal }: { signal: AbortSignal }): Promise<void> {
        while (this.temperature < to) {
          await clock.sleep(1, { signal });
          this.temperature++;
        }
      }
    }
    const oven = new Oven();
    const axis = softAxis("oven", oven, { position: "read", move: "heat", clock });
    const move = axis.move(25);
    await clock.advance(2.5);
    expect([axis.position, axis.isMoving]).toEqual([22, true]);
    await clock.run(move);
    expect([axis.position, clock.now()]).toEqual([25, expect.closeTo(5, 1)]);

    const stopped = expect(axis.move(30)).rejects.toMatchObject({ code: "AXIS_STOPPED", position: 27 });
    await clock.advance(2.5);
    await clock.run(axis.stop());
    await stopped;
    await clock.advance(10);
    expect(oven.temperature).toBe(27);
  });

  it("takes functions, for the state and the stop too", async () => {
    let [position, stops, state] = [0, 0, AxisState.ready];
    const axis = softAxis(
      "laser",
      {},
      {
        position: () => position,
        move: (to) => {
          position = to;
        },
        stop: () => stops++,
        state: () => state,
      },
    );
    await axis.move(3);
    await axis.stop();
    expect([position, stops]).toEqual([3, 1]);
    state = new AxisState([["FAULT", "shutter stuck"]]);
    expect((await axis.readState()).description("FAULT")).toBe("shutter stuck");
    await expect(axis.move(4)).rejects.toThrow("laser is in fault: shutter stuck");
  });

  it("tells once what goes wrong in a move", async () => {
    const oven = {
      position: 0,
      move: async () => {
        throw new Error("no gas");
      },
    };
    const axis = softAxis("oven", oven, { move: "move" });
    await expect(axis.move(3)).rejects.toThrow("no gas");
    expect((await axis.readState()).has("READY")).toBe(true);
  });

  it("needs what is named, and a number for the position", async () => {
    expect(() => softAxis("oven", { setpoint: 1 })).toThrow("the object of oven has no position");
    const axis = softAxis("oven", { position: "warm" });
    await expect(axis.initialize()).rejects.toThrow("position of oven is warm; expected a number");
  });
});
