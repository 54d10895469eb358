import { VirtualClock } from "@beamtime/concurrency";
import { expect, it } from "vitest";
import { SimulatedMotorController } from "./simulated-motor-controller.js";

it("a simulated controller answers commands in its own words", async () => {
  const clock = new VirtualClock();
  const controller = new SimulatedMotorController({ clock, addresses: ["m"] });
  await controller.setVelocity("m", 100);
  await controller.setAcceleration("m", 1000);
  expect(await controller.rawCommand("?AXES")).toBe("m");
  expect(await controller.rawCommand("MOVE m 25")).toBe("OK");
  expect(await controller.rawCommand("?STATE m")).toBe("MOVING (Axis is MOVING)");
  await clock.advance(1);
  const answers = ["?POS m", "?ENC m", "?VEL m", "?ACC m", "STOP m"].map((command) => controller.rawCommand(command));
  expect(await Promise.all(answers)).toEqual(["25", "25", "100", "1000", "OK"]);
  controller.addMotor("n");
  for (const command of ["VEL n 100", "ACC n 1000", "MOVE m 30 n -5", "STOP m n"])
    expect(await controller.rawCommand(command)).toBe("OK");
  await expect(controller.rawCommand("VEL m fast")).rejects.toThrow("velocity of m is NaN");
  for (const command of ["", "FLY m", "MOVE m", "MOVE m fast", "MOVE m 1 n", "?POS"]) {
    expect(await controller.rawCommand(command)).toContain(`ERROR ${command}: expected one of ?VER, ?AXES`);
  }
  expect(await controller.describeAxis("m")).toContain(
    "simulated motor m of simulation\n  25 steps, READY (Axis is READY)",
  );
});
