import { Disposer, systemClock } from "@beamtime/concurrency";
import { Axis, AxisStoppedError, capabilitiesOf, moveTogether } from "@beamtime/motion";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { IcepapController, IcepapError } from "../src/index.js";
import { startIcepapSimulator } from "./icepap-simulator.js";

const python = process.env["BEAMTIME_PYTHON"] ?? "";
let disposer: Disposer;

beforeEach(() => {
  disposer = new Disposer();
});

afterEach(() => disposer[Symbol.asyncDispose]());

async function setUp() {
  const { host } = disposer.use(await startIcepapSimulator(python, [1, 2, 11]));
  const icepap = disposer.use(new IcepapController({ host, name: "ice" }));
  const axis = (name: string, address: string): Axis =>
    new Axis({ name, controller: icepap, address, stepsPerUnit: 100, velocity: 50, acceleration: 1000, unit: "mm" });
  const requests: string[] = [];
  icepap.line.onTrace(({ kind, text }) => kind === "sent" && requests.push(text));
  /** What was sent until now. */
  const sent = (): readonly string[] => [...requests];
  return { icepap, axis, sent };
}

/** Resolves when the axis is beyond a position. */
function beyond(axis: Axis, position: number): Promise<void> {
  return new Promise((resolve) => {
    const stop = axis.onPosition((reached) => {
      if (reached <= position) return;
      stop();
      resolve();
    });
  });
}

// the set-up of the tests makes the interpreter; without one they are counted as skipped
describe.skipIf(!python)("an IcePAP as the simulator of PyPI plays it", () => {
  it("moves axes, with the dynamics they are given, to whole steps", async () => {
    const { icepap, axis, sent } = await setUp();
    const th = axis("th", "1");
    await th.move(0.123);
    expect(th).toMatchObject({ position: 0.12, state: expect.objectContaining({}) });
    expect(String(th.state)).toBe("READY (Axis is READY)");
    expect(sent()).toContain("#MOVE 1 12\\r");
    expect(await icepap.readVelocity("1")).toBe(5000);
    expect(await icepap.readAcceleration("1")).toBe(100_000);
    await th.setVelocity(25);
    expect(await icepap.rawCommand("?VELOCITY 1;?ACCTIME 1")).toBe("2500.0\n0.025");
    await th.setAcceleration(250);
    expect(await icepap.readAcceleration("1")).toBe(25_000);
    expect(sent().filter((text) => /^#(ACCTIME|VELOCITY) 1 (0.025|2500)\\r$/.test(text))).toEqual([
      "#ACCTIME 1 0.025\\r",
      "#VELOCITY 1 2500\\r",
      "#ACCTIME 1 0.025\\r",
    ]);
  });

  it("stops in flight, and knows where", async () => {
    const { icepap, axis } = await setUp();
    const th = axis("th", "1");
    await th.initialize();
    const move = th.move(1000).catch((error: unknown) => error);
    await beyond(th, 5);
    await th.stop();
    expect(await move).toBeInstanceOf(AxisStoppedError);
    expect(th.position).toBeGreaterThan(5);
    expect(th.position).toBeLessThan(900);
    expect(await icepap.readPosition("1")).toBe(Math.round(th.position * 100));
  });

  it("stops when a move is aborted", async () => {
    const { axis } = await setUp();
    const th = axis("th", "1");
    await th.initialize();
    const abort = new AbortController();
    const move = th.move(1000, { signal: abort.signal }).catch((error: unknown) => error);
    await beyond(th, 1);
    abort.abort(new Error("Ctrl-C"));
    expect(await move).toMatchObject({ message: "Ctrl-C" });
    expect(th.isMoving).toBe(false);
    expect(th.position).toBeLessThan(900);
  });

  it("moves axes as a group, and reads them together", async () => {
    const { icepap, axis, sent } = await setUp();
    const axes = [axis("th", "1"), axis("tth", "2"), axis("phi", "11")];
    for (const each of axes) await each.initialize();
    const before = sent().length;
    await moveTogether(axes.map((each, index) => [each, (index + 1) * 20] as const));
    expect(axes.map(({ position }) => position)).toEqual([20, 40, 60]);
    const requests = sent().slice(before);
    expect(requests).toContain("#MOVE GROUP 1 2000 2 4000 11 6000\\r");
    expect(requests).toContain("?FPOS 1 2 11\\r");
    expect(requests.some((text) => /^\?F?STATUS 1 2 11\\r$/.test(text))).toBe(true);

    const one = sent().length;
    const states = axes.map(({ address }) => icepap.readState(address));
    const positions = axes.map(({ address }) => icepap.readPosition(address));
    expect((await Promise.all(states)).every((state) => state.has("READY"))).toBe(true);
    expect(await Promise.all(positions)).toEqual([2000, 4000, 6000]);
    expect(sent().length - one).toBe(2);
  });

  it("jogs until it is stopped", async () => {
    const { axis } = await setUp();
    const th = axis("th", "1");
    await th.initialize();
    await th.jog(20);
    expect(th.state.has("MOVING")).toBe(true);
    await beyond(th, 3);
    await th.stop();
    expect(th.isMoving).toBe(false);
    expect(th.position).toBeGreaterThan(3);
  });

  it("counts from elsewhere", async () => {
    const { icepap, axis } = await setUp();
    const th = axis("th", "1");
    await th.initialize();
    await th.setDial(12.5);
    expect(await icepap.readPosition("1")).toBe(1250);
    expect(th).toMatchObject({ dial: 12.5, position: 0 });
  });

  it("is switched off and on", async () => {
    const { axis } = await setUp();
    const th = axis("th", "1");
    await th.initialize();
    await th.off();
    expect(String(th.state)).toBe("OFF (the power is off)");
    await expect(th.move(1)).rejects.toThrow("th cannot move: the power is off: call on() of the axis");
    await th.on();
    await th.move(1);
    expect(th.position).toBe(1);
  });

  it("describes its axes, and takes commands in its own words", async () => {
    const { icepap } = await setUp();
    const text = await icepap.describeAxis("11");
    expect(text).toContain("axis: 11 (m11)\nstatus: 0xA03203, mode OPER, out of window, with a warning\npower: on\n");
    expect(text).toContain(
      "velocity: 1000 steps/s\nacceleration time: 0.1 s\nalarm: not told (Command not recognised)",
    );
    expect(await icepap.rawCommand("?VER INFO")).toMatch(/^SYSTEM\s+: {2}3\.17 : .*\n {3}CONTROLLER: {2}3\.17\n/);
    expect(await icepap.rawCommand("POWER OFF 11")).toBe("");
    expect(await icepap.rawCommand("?POWER 11; #POWER ON 11; ?POWER 11")).toBe("OFF\nOK\nON");
    expect(capabilitiesOf(icepap)).toEqual({
      setPosition: true,
      velocity: true,
      acceleration: true,
      jog: true,
      homeSearch: true,
      limitSearch: true,
      power: true,
      encoder: true,
      setEncoder: true,
      triggers: false,
      rawCommand: true,
    });
  });

  it("refuses what it does not know, and the axes beside it do not suffer", async () => {
    const { icepap, axis } = await setUp();
    await expect(axis("no", "5").initialize()).rejects.toThrow(IcepapError);
    await expect(icepap.startHomeSearch("1", 1)).rejects.toThrow(
      "the IcePAP ice refused 1:HOME +1: Command not recognised",
    );
    const answers = await Promise.allSettled(["1", "5", "2"].map((address) => icepap.readPosition(address)));
    expect(answers.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  });

  it("is found again when it was restarted", async () => {
    const first = await startIcepapSimulator(python, [1]);
    const icepap = disposer.use(new IcepapController({ host: first.host }));
    expect(await icepap.readPosition("1")).toBe(0);
    await first[Symbol.asyncDispose]();
    await expect(icepap.readPosition("1")).rejects.toThrow("cannot be reached");
  });
});

it("waits for nobody that is not there", async () => {
  await using icepap = new IcepapController({ host: "127.0.0.1:1", clock: systemClock });
  await expect(icepap.readState("1")).rejects.toThrow("tcp://127.0.0.1:1 cannot be reached");
  expect(() => new IcepapController({ host: "a b" })).toThrow(
    "is no address of a device; expected host or host:port (port 5000",
  );
  await expect(icepap.readState("9")).rejects.toThrow('"9" is no axis of an IcePAP; expected rack × 10 + slot');
});
