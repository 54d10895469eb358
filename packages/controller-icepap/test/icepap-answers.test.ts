import { Axis, Encoder } from "@beamtime/motion";
import { describe, expect, it } from "vitest";
import { replayedIcepap } from "./replayed-icepap.js";

describe("encoders of an IcePAP", () => {
  it("are read together, from their source, and are set", async () => {
    const { replayer, icepap } = await replayedIcepap(`
      → ?ENC ENCIN 11 12
      ← ?ENC 5000 -10000
      → ?ENC ABSENC 13
      ← ?ENC 77
      → #ENC ENCIN 11 2500
      ← ENC OK`);
    const encoder = (address: string): Encoder =>
      new Encoder({ name: `e${address}`, controller: icepap, address, stepsPerUnit: 5000 });
    const [first, second, absolute] = [encoder("11"), encoder("12:ENCIN"), encoder("13:absenc")];
    expect(await Promise.all([first.read(), second.read()])).toEqual([1, -2]);
    expect(await absolute.read()).toBe(77 / 5000);
    await first.set(0.5);
    await expect(absolute.set(0)).rejects.toThrow("the encoder 13:absenc of ice is absolute");
    await expect(encoder("13:NONSENSE").read()).rejects.toThrow(
      '"13:NONSENSE" is no encoder of an IcePAP; expected an axis and one of ENCIN, ABSENC',
    );
    expect(replayer.faults).toEqual([]);
  });

  it("measure what an axis is at", async () => {
    const { icepap, replayer } = await replayedIcepap(`
      → ?ENC INPOS 11
      ← ?ENC 1024`);
    const encoder = new Encoder({ name: "e", controller: icepap, address: "11:INPOS", stepsPerUnit: 1024 });
    const axis = new Axis({ name: "m", controller: icepap, address: "11", encoder, sign: -1, offset: 3 });
    expect(await axis.measuredPosition()).toBe(2);
    expect(replayer.faults).toEqual([]);
  });
});

describe("answers of an IcePAP", () => {
  it("of several lines, and to several commands, come back as text", async () => {
    const { replayer, icepap } = await replayedIcepap(`
      → 11:?CFG
      ← 11:?CFG $
      ← ACTIVE YES
      ← UNIT 1.0
      ← $
      → 11:DISPROT LINKED;#MOVE 11 5;?POS 11
      ← MOVE OK
      ← ?POS 5
      → 11:BLINK 3`);
    expect(await icepap.rawCommand("11:?CFG")).toBe("ACTIVE YES\nUNIT 1.0");
    expect(await icepap.rawCommand("11:DISPROT LINKED; #MOVE 11 5; ?POS 11")).toBe("OK\n5");
    expect(await icepap.rawCommand("11:BLINK 3")).toBe("");
    await replayer.asked("11:BLINK 3");
    expect(replayer.faults).toEqual([]);
    for (const command of ["", " ; ", "?POS 1\r?POS 2", "?*PARDAT 1"]) {
      await expect(icepap.rawCommand(command)).rejects.toThrow("is no command of an IcePAP");
    }
  });

  it("that say ERROR are errors, and the conversation goes on", async () => {
    const { replayer, icepap } = await replayedIcepap(`
      → ?NONSENSE
      ← ?NONSENSE ERROR Command not recognised
      → #POS 1 7
      ← POS OK
      → ?POS 1
      ← ?POS 7
      → ?VELOCITY 1
      ← ?VELOCITY fast`);
    await expect(icepap.rawCommand("?NONSENSE")).rejects.toMatchObject({
      code: "ICEPAP",
      controller: "ice",
      request: "?NONSENSE",
      reason: "Command not recognised",
    });
    expect(await icepap.setPosition("1", 7.3)).toBe(7);
    await expect(icepap.readVelocity("1")).rejects.toThrow('it answered "fast"; expected 1 number');
    expect(replayer.faults).toEqual([]);
  });

  it("to something else are not taken, and neither is what follows them", async () => {
    const { replayer, icepap } = await replayedIcepap(`
      → ?VELOCITY 1
      ← ?ACCTIME 0.25
      ← ?VELOCITY 9
      → ?VELOCITY 1
      ← ?VELOCITY 1000`);
    await expect(icepap.readVelocity("1")).rejects.toThrow('it answered "?ACCTIME 0.25"; expected ?VELOCITY');
    expect(await icepap.readVelocity("1")).toBe(1000);
    expect(replayer.faults).toEqual([]);
  });

  it("about many axes leave out only those that are refused", async () => {
    const { replayer, icepap } = await replayedIcepap(`
      → ?POS 1 2 3
      ← ?POS ERROR Axis 2: Board is not present in the system
      → ?POS 1
      ← ?POS 10
      → ?POS 2
      ← ?POS ERROR Axis 2: Board is not present in the system
      → ?POS 3
      ← ?POS 30`);
    const answers = await Promise.allSettled(["1", "2", "3"].map((address) => icepap.readPosition(address)));
    expect(answers).toEqual([
      { status: "fulfilled", value: 10 },
      { status: "rejected", reason: expect.objectContaining({ code: "ICEPAP" }) as unknown },
      { status: "fulfilled", value: 30 },
    ]);
    expect(replayer.faults).toEqual([]);
  });

  it("that are asked for twice at a time come once; who gives up does not take it from the others", async () => {
    const { replayer, icepap } = await replayedIcepap(`
      → ?POS 1
      ← ?POS 10`);
    const abort = new AbortController();
    const given = icepap.readPosition("1", { signal: abort.signal });
    const kept = icepap.readPosition("1");
    abort.abort(new Error("enough"));
    await expect(given).rejects.toThrow("enough");
    expect(await kept).toBe(10);
    expect(replayer.faults).toEqual([]);
  });

  it("about linked axes come from the boards, by name", async () => {
    const { replayer, icepap } = await replayedIcepap(`
      → ?STATUS gap
      ← ?STATUS 0x00800403
      → ?POS gap
      ← ?POS 3`);
    expect((await icepap.readState("gap")).has("MOVING")).toBe(true);
    expect(await icepap.readPosition("gap")).toBe(3);
    expect(replayer.faults).toEqual([]);
  });
});
