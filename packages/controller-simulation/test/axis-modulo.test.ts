import { VirtualClock } from "@beamtime/concurrency";
import { type SimulatedAxisOptions, SimulatedMotorController, simulatedAxis } from "@beamtime/controller-simulation";
import { AcquisitionChain, type AcquisitionMaster, Scan } from "@beamtime/core";
import {
  type Axis,
  AxisGroup,
  AxisLimitError,
  JogMotorMaster,
  LinearStepTriggerMaster,
  moveTogether,
  rockit,
  SoftwarePositionTriggerMaster,
} from "@beamtime/motion";
import { describe, expect, it } from "vitest";
import { TriggerRecorder } from "./trigger-recorder.js";

function rotation(options: Partial<SimulatedAxisOptions> = {}) {
  const clock = new VirtualClock();
  const motors = new SimulatedMotorController({ clock });
  const phi = simulatedAxis({
    name: "phi",
    unit: "deg",
    clock,
    controller: motors,
    velocity: 90,
    modulo: 360,
    ...options,
  });
  const seen: number[] = [];
  phi.onPosition((position) => void seen.push(position));
  return { clock, motors, phi, seen };
}

async function scanned(clock: VirtualClock, master: AcquisitionMaster): Promise<Scan> {
  const chain = new AcquisitionChain();
  chain.add(master, new TriggerRecorder());
  const scan = new Scan(chain, { clock });
  await clock.run(scan.run());
  return scan;
}

async function dataOf(clock: VirtualClock, master: AcquisitionMaster, axis: Axis): Promise<number[]> {
  const scan = await scanned(clock, master);
  return Array.from(scan.getData(`axis:${axis.name}`) as Float64Array, Math.round); // scalars
}

// what real BLISS 1.11 does, seen there
describe("an axis with a modulo", () => {
  it("is sent to positions within one turn, the plain way", async () => {
    const { clock, phi, seen } = rotation();
    for (const [position, led] of [
      [90, 90],
      [370, 10],
      [-10, 350],
      [1070, 350],
      [360, 0],
      [-360, 0],
    ] as const) {
      await clock.run(phi.move(position));
      expect([phi.position, phi.dial, phi.target]).toEqual([led, led, led]);
    }
    await clock.run(phi.move(350));
    seen.length = 0;
    await clock.run(phi.move(370));
    expect(seen).toContainEqual(expect.toSatisfy((position: number) => position > 150 && position < 200));
    expect(Math.max(...seen)).toBeLessThanOrEqual(350);
  });

  it("goes on beyond by distances, and shows its dial within one turn; an absolute move leads it back", async () => {
    const { clock, phi, seen } = rotation();
    await clock.run(phi.move(350));
    seen.length = 0;
    await clock.run(phi.rmove(20));
    expect([phi.position, phi.dial, Math.min(...seen) >= 350]).toEqual([370, 10, true]);
    await clock.run(new AxisGroup([phi]).rmove([[phi, 400]]));
    expect([phi.position, phi.dial]).toEqual([770, 50]);
    await clock.run(phi.rmove(-800));
    expect([phi.position, phi.dial]).toEqual([-30, 330]);
    await clock.run(phi.move(330));
    expect([phi.position, phi.dial]).toEqual([330, 330]);
  });

  it("moves so in groups and together with others", async () => {
    const { clock, motors, phi } = rotation();
    const x = simulatedAxis({ name: "x", clock, controller: motors, velocity: 1000 });
    await clock.run(new AxisGroup([phi, x]).move({ phi: 400, x: 400 }));
    expect([phi.position, x.position]).toEqual([40, 400]);
    await clock.run(
      moveTogether([
        [phi, -90],
        [x, -90],
      ]),
    );
    expect([phi.position, x.position]).toEqual([270, -90]);
  });

  it("counts turns in user positions: offset and sign are taken off afterwards", async () => {
    const { clock, motors, phi } = rotation({ offset: 100, sign: -1 });
    await clock.run(phi.move(410));
    expect([phi.position, phi.dial, await motors.readPosition("phi")]).toEqual([50, 50, 50]);
    await clock.run(phi.move(-10));
    expect([phi.position, phi.dial, await motors.readPosition("phi")]).toEqual([350, 110, -250]);
    phi.position = 0;
    expect([phi.position, phi.offset, await motors.readPosition("phi")]).toEqual([0, -250, -250]);
  });

  it("is checked against its limits where a move leads, or a distance", async () => {
    const { clock, phi } = rotation({ lowLimit: 10, highLimit: 360 });
    await clock.run(phi.initialize());
    await clock.run(phi.move(-20));
    expect(phi.position).toBe(340);
    phi.checkPosition(370);
    expect(() => phi.checkPosition(365)).toThrow("phi cannot go to 5 deg");
    await expect(phi.move(725)).rejects.toThrow(AxisLimitError);
    await expect(phi.rmove(30)).rejects.toThrow("phi cannot go to 370 deg");
    await expect(phi.move(Number.POSITIVE_INFINITY)).rejects.toThrow("Infinity; expected a finite number");
    expect(phi.position).toBe(340);
  });

  it("steps in scans within one turn, also where the limits end", async () => {
    const { clock, phi } = rotation({ lowLimit: 0, highLimit: 360 });
    const master = new LinearStepTriggerMaster(5, [{ axis: phi, start: 350, stop: 370 }]);
    expect(await dataOf(clock, master, phi)).toEqual([350, 355, 0, 5, 10]);
  });

  it("goes straight on in scans in motion and when it is rocked", async () => {
    const { clock, phi, seen } = rotation();
    const master = new SoftwarePositionTriggerMaster(phi, 350, 370, 5, { time: 2 });
    expect(await dataOf(clock, master, phi)).toEqual([350, 355, 360, 365, 370]);
    const before = phi.position;
    await clock.run(phi.move(5));
    expect(before).toBeGreaterThan(370);
    seen.length = 0;
    await clock.run(rockit(phi, 20, () => clock.sleep(5)));
    expect([Math.min(...seen), Math.max(...seen), phi.position]).toEqual([-5, 15, 5]);
  });

  it("jogs beyond", async () => {
    const { clock, phi } = rotation();
    const endJogFunc = (axis: Axis): boolean => axis.position < 800;
    await scanned(clock, new JogMotorMaster(phi, 0, 90, { endJogFunc }));
    expect([phi.position > 800, phi.dial < 360]).toEqual([true, true]);
  });

  it("needs a positive one", () => {
    expect(() => rotation({ modulo: 0 })).toThrow("modulo of phi is 0; expected a positive number");
  });
});
