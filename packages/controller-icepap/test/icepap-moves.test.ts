import { LineLostError } from "@beamtime/communication";
import { Axis, AxisFaultError, AxisGroup, AxisOnLimitError, AxisStoppedError } from "@beamtime/motion";
import { describe, expect, it } from "vitest";
import { greeting, replayedIcepap } from "./replayed-icepap.js";

describe("an axis of an IcePAP that is used first", () => {
  it("is powered, and its board is asked for a second until the master knows", async () => {
    const { replayer, icepap, time } = await replayedIcepap(`
      → ?STATUS 11
      ← ?STATUS 0x00000073
      → #POWER ON 11
      ← POWER OK
      → ?STATUS 11
      ← ?STATUS 0x00800203
      → ?FSTATUS 11
      ← ?FSTATUS 0x00800203`);
    await icepap.initializeAxis("11");
    time.now += 0.99;
    expect((await icepap.readState("11")).has("READY")).toBe(true);
    time.now += 0.02;
    expect((await icepap.readState("11")).has("READY")).toBe(true);
    expect(replayer.faults).toEqual([]);
  });

  it("is not powered when it should not, or has power", async () => {
    const { replayer, icepap } = await replayedIcepap(
      `
      → ?STATUS 11
      ← ?STATUS 0x00000073
      → ?STATUS 12
      ← ?STATUS 0x00800203`,
      { autopower: (address) => address !== "11" },
    );
    await icepap.initializeAxis("11");
    await icepap.initializeAxis("12");
    expect(replayer.faults).toEqual([]);
  });

  it("may refuse its power, which is told, and can be read all the same", async () => {
    const warnings: string[] = [];
    const { replayer, icepap } = await replayedIcepap(
      `
      → ?STATUS 11
      ← ?STATUS 0x00000023
      → #POWER ON 11
      ← POWER ERROR Axis 11: Cannot enable the power
      → ?FSTATUS 11
      ← ?FSTATUS 0x00000023
      → 11:?ALARM
      ← 11:?ALARM Overheat
      → ?FSTATUS 11
      ← ?FSTATUS 0x00000023`,
      { onWarning: (message) => warnings.push(message) },
    );
    await icepap.initializeAxis("11");
    expect(warnings).toEqual([
      "the axis 11 cannot be powered: the IcePAP ice refused POWER ON 11: Axis 11: Cannot enable the power",
    ]);
    for (let reading = 0; reading < 2; reading++) {
      expect(String(await icepap.readState("11"))).toBe(
        "FAULT (the driver is in alarm: Overheat) | OFF (the driver is in alarm)",
      );
    }
    expect(replayer.faults).toEqual([]);
  });

  it("may not be there", async () => {
    const { replayer, axis } = await replayedIcepap(`
      → ?STATUS 18
      ← ?STATUS 0x00000000`);
    await expect(axis("18").initialize()).rejects.toThrow("there is no driver board at the address 18");
    expect(replayer.faults).toEqual([]);
  });
});

describe("a move on an IcePAP", () => {
  it("that comes to a limit switch fails with where it stands", async () => {
    const { replayer, axis } = await replayedIcepap(`${greeting("1")}
      → ?POS 1
      ← ?POS 0
      → #MOVE 1 1000
      ← MOVE OK
      → ?STATUS 1
      ← ?STATUS 0x00800403
      → ?FPOS 1
      ← ?FPOS 400
      → ?STATUS 1
      ← ?STATUS 0x0084C203
      → ?POS 1
      ← ?POS 751
      → #STOP 1
      ← STOP OK
      ↻ ?STATUS 1
      ← ?STATUS 0x0084C203
      ↻ ?POS 1
      ← ?POS 751`);
    const m1 = axis("1");
    const failure = await m1.move(10).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(AxisOnLimitError);
    expect(String(failure)).toContain("m1 came to rest at 7.51");
    expect(m1.position).toBe(7.51);
    expect(m1.state.has("LIMPOS")).toBe(true);
    expect(m1.state.has("READY")).toBe(true);
    expect(replayer.faults).toEqual([]);
  });

  it("of an axis that counts steps ends at the nearest one", async () => {
    const { replayer, icepap } = await replayedIcepap(`${greeting("1")}
      → ?POS 1
      ← ?POS 0
      → #MOVE 1 5
      ← MOVE OK
      → ?STATUS 1
      ← ?STATUS 0x00800203
      → ?POS 1
      ← ?POS 5`);
    const dynamics = { velocity: 5000, acceleration: 100_000 };
    const m1 = new Axis({ name: "m1", controller: icepap, address: "1", stepsPerUnit: 1, ...dynamics });
    await m1.move(5.4);
    expect([m1.position, m1.target]).toEqual([5, 5.4]);
    expect(replayer.faults).toEqual([]);
  });

  it("that the driver ends by a fault says which", async () => {
    const { replayer, axis } = await replayedIcepap(`${greeting("1")}
      → ?POS 1
      ← ?POS 0
      → #MOVE 1 1000
      ← MOVE OK
      → ?STATUS 1
      ← ?STATUS 0x00000023
      → 1:?ALARM
      ← 1:?ALARM Closed loop error
      → ?POS 1
      ← ?POS 120
      → #STOP 1
      ← STOP OK
      ↻ ?STATUS 1
      ← ?STATUS 0x00000023
      ↻ ?POS 1
      ← ?POS 120`);
    const failure = await axis("1")
      .move(10)
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(AxisFaultError);
    expect(String(failure)).toContain("m1 is in fault: the driver is in alarm: Closed loop error");
    expect(replayer.faults).toEqual([]);
  });

  it("that is refused tells the reason of the IcePAP", async () => {
    const { icepap, replayer } = await replayedIcepap(`
      → #MOVE 1 5
      ← MOVE ERROR Axis 1: Axis not ready
      → #MOVE GROUP 1 -3 2 4
      ← MOVE ERROR Axis 2: Out of range`);
    await expect(icepap.startMove([{ address: "1", target: 5.4 }])).rejects.toThrow(
      "the IcePAP ice refused MOVE 1 5: Axis 1: Axis not ready",
    );
    const both = [
      { address: "1", target: -2.6 },
      { address: "2", target: 4.2 },
    ];
    await expect(icepap.startMove(both)).rejects.toThrow("refused MOVE GROUP 1 -3 2 4: Axis 2: Out of range");
    await expect(icepap.startMove([{ address: "1", target: Number.NaN }])).rejects.toThrow("expected a finite number");
    expect(replayer.faults).toEqual([]);
  });

  it("whose answer is lost is never sent twice", async () => {
    const { icepap, replayer } = await replayedIcepap(`
      → #MOVE 1 100
      ✂
      → #STOP 1
      ← STOP OK`);
    const failure = await icepap.startMove([{ address: "1", target: 100 }]).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(LineLostError);
    expect(String(failure)).toContain("was lost during #MOVE 1 100\\r");
    await icepap.stop(["1"]);
    expect(replayer.faults).toEqual([]);
  });

  it("of a group is stopped by one command, of those that cannot be stopped together one by one", async () => {
    const { icepap, replayer } = await replayedIcepap(`
      → #STOP 1 2 3
      ← STOP OK
      → #STOP 1 2 3
      ← STOP ERROR Axis 2: Board is not present in the system
      → #STOP 1
      ← STOP OK
      → #STOP 2
      ← STOP ERROR Axis 2: Board is not present in the system
      → #STOP 3
      ← STOP OK
      → #ABORT 1 3
      ← ABORT OK`);
    await icepap.stop(["1", "2", "3"]);
    await expect(icepap.stop(["1", "2", "3"])).rejects.toThrow("refused STOP 2: Axis 2: Board is not present");
    await icepap.abort(["1", "3"]);
    expect(replayer.faults).toEqual([]);
  });

  it("of a group starts, is followed and is stopped together", async () => {
    const { replayer, axis } = await replayedIcepap(`${greeting("1")}${greeting("2")}`);
    const [m1, m2] = [axis("1"), axis("2")];
    await m1.initialize();
    await m2.initialize();
    expect(replayer.faults).toEqual([]);
    replayer.append(`
      → ?POS 1 2
      ← ?POS 0 0
      → #MOVE GROUP 1 1000 2 -1000
      ← MOVE OK
      → ?STATUS 1 2
      ← ?STATUS 0x00800403 0x00800403
      → ?FPOS 1 2
      ← ?FPOS 10 -10
      ↻ ?STATUS 1 2
      ← ?STATUS 0x00800403 0x00800403
      ↻ ?FPOS 1 2
      ← ?FPOS 20 -20
      → #STOP 1 2
      ← STOP OK
      ↻ #STOP 1 2
      ← STOP OK
      ↻ ?STATUS 1 2
      ← ?STATUS 0x00804203 0x00804203
      ↻ ?STATUS 1
      ← ?STATUS 0x00804203
      ↻ ?STATUS 2
      ← ?STATUS 0x00804203
      ↻ ?FPOS 1 2
      ← ?FPOS 30 -30
      ↻ ?POS 1 2
      ← ?POS 50 -50
      ↻ ?POS 1
      ← ?POS 50
      ↻ ?POS 2
      ← ?POS -50`);
    const group = new AxisGroup([m1, m2]);
    const inFlight = new Promise<void>((resolve) => void m2.onPosition((position) => position === -0.1 && resolve()));
    const move = group.move({ m1: 10, m2: -10 }).catch((error: unknown) => error);
    await inFlight;
    await group.stop();
    expect(await move).toBeInstanceOf(AxisStoppedError);
    expect(group.position).toEqual({ m1: 0.5, m2: -0.5 });
    expect(replayer.faults).toEqual([]);
  });
});

describe("a search of an IcePAP", () => {
  const homing = `${greeting("1")}
      → ?POS 1
      ← ?POS 0
      → #1:HOME -1
      ← 1:HOME OK
      → ?STATUS 1
      ← ?STATUS 0x00800403
      → ?FPOS 1
      ← ?FPOS -400`;

  it("finds home, with rests on the way, and says where that is", async () => {
    const { replayer, axis } = await replayedIcepap(`${homing}
      → ?STATUS 1
      ← ?STATUS 0x00800203
      → 1:?HOMESTAT
      ← 1:?HOMESTAT MOVING -1
      → ?FPOS 1
      ← ?FPOS -520
      → ?STATUS 1
      ← ?STATUS 0x00800203
      → 1:?HOMESTAT
      ← 1:?HOMESTAT FOUND -1
      → 1:?HOMEPOS
      ← 1:?HOMEPOS -512
      → ?POS 1
      ← ?POS -530`);
    const m1 = axis("1");
    await m1.home(-1);
    expect(String(m1.state)).toBe("READY (Axis is READY) | HOME (home switch found at -512 steps)");
    expect(m1.position).toBe(-5.3);
    expect(replayer.faults).toEqual([]);

    replayer.append(`
      → ?POS 1
      ← ?POS -530
      → #MOVE 1 0
      ← MOVE OK
      → ?STATUS 1
      ← ?STATUS 0x00800203
      → ?POS 1
      ← ?POS 0`);
    await m1.move(0);
    expect(String(m1.state)).toBe("READY (Axis is READY)");
    expect(replayer.faults).toEqual([]);
  });

  it("fails when there is no home", async () => {
    const { replayer, axis } = await replayedIcepap(`${homing}
      → ?STATUS 1
      ← ?STATUS 0x00800203
      → 1:?HOMESTAT
      ← 1:?HOMESTAT NOTFOUND 0
      → ?POS 1
      ← ?POS -9000
      → #STOP 1
      ← STOP OK
      ↻ ?STATUS 1
      ← ?STATUS 0x00800203
      ↻ ?POS 1
      ← ?POS -9000`);
    const failure = await axis("1")
      .home(-1)
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(AxisFaultError);
    expect(String(failure)).toContain("the home switch was not found (NOTFOUND 0)");
    expect(replayer.faults).toEqual([]);
  });

  it("can be stopped", async () => {
    const { replayer, axis } = await replayedIcepap(`${homing}
      ↻ ?STATUS 1
      ← ?STATUS 0x00800403
      ↻ ?FPOS 1
      ← ?FPOS -420
      → #STOP 1
      ← STOP OK
      ↻ #STOP 1
      ← STOP OK
      ↻ ?STATUS 1
      ← ?STATUS 0x00804203
      ↻ ?FPOS 1
      ← ?FPOS -440
      ↻ ?POS 1
      ← ?POS -450`);
    const m1 = axis("1");
    const inFlight = new Promise<void>((resolve) => void m1.onPosition((position) => position === -4 && resolve()));
    const home = m1.home(-1).catch((error: unknown) => error);
    await inFlight;
    await m1.stop();
    expect(await home).toBeInstanceOf(AxisStoppedError);
    expect(String(m1.state)).toBe("READY (Axis is READY)");
    expect(m1.position).toBe(-4.5);
    expect(replayer.faults).toEqual([]);
  });

  it.each([
    [1, "LIM+", "0x0084C203", "LIMPOS (Hardware high limit active)"],
    [-1, "LIM-", "0x00890203", "LIMNEG (Hardware low limit active)"],
    // it stands beyond a short switch
    [-1, "LIM-", "0x00810203", "LIMNEG (stopped by the limit switch -)"],
  ] as const)("finds the limit in the direction %i: %s", async (direction, name, word, flag) => {
    const { replayer, axis } = await replayedIcepap(`${greeting("1")}
      → ?POS 1
      ← ?POS 0
      → #1:SRCH ${name}
      ← 1:SRCH OK
      → ?STATUS 1
      ← ?STATUS 0x00800403
      → ?FPOS 1
      ← ?FPOS ${direction * 100}
      → ?STATUS 1
      ← ?STATUS ${word}
      → ?POS 1
      ← ?POS ${direction * 12345}`);
    const m1 = axis("1");
    await m1.hwLimit(direction);
    expect(m1.position).toBe(direction * 123.45);
    expect(String(m1.state)).toBe(`READY (Axis is READY) | ${flag}`);
    expect(replayer.faults).toEqual([]);
  });
});
