import { spawnSync } from "node:child_process";
import { startTestRedis, type TestRedis } from "@beamtime/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { makeAxisFolder } from "./axis-folder.js";
import { python, type ShellFolder, type ShellProgram } from "./shell-program.js";

let folder: ShellFolder;
beforeAll(async () => {
  folder = await makeAxisFolder();
});
afterAll(() => folder[Symbol.asyncDispose]());

/** Tells when the axis has been seen to move; it is slow, and goes far. */
const whenMoving =
  "start = slow.position; slow.onPosition((at) => { if (Math.abs(at - start) > 0.05) console.log('it moves'); });";

/** Names and places that a message tells. */
function places(message: string): Record<string, string> {
  return Object.fromEntries(
    Array.from(message.matchAll(/(\w+) stopped at (-?[\d.]+)/g), ([, name = "", place = ""]) => [name, place]),
  );
}

describe("Ctrl-C while a command of -e moves axes", () => {
  let redis: TestRedis;
  beforeEach(async () => {
    redis = await startTestRedis();
  });
  afterEach(() => redis[Symbol.asyncDispose]());

  const start = (code: string): ShellProgram =>
    folder.start(["-s", "lab", "--config", "config", "--redis", redis.server.target.path, "-e", code]);

  /** Interrupts what moves, once; gives the message. */
  async function interrupted(code: string, message: RegExp): Promise<Record<string, string>> {
    await using program = start(`${whenMoving} ${code}`);
    await program.seen(/it moves/);
    program.kill("SIGINT");
    expect(await program.ended).toBe(130);
    expect(program.err).toMatch(message);
    return places(program.err);
  }

  /** User positions, as the motors are found by the next program. */
  async function found(...names: readonly string[]): Promise<Record<string, string>> {
    await using program = start(`sync(); wu(${names.join(", ")})`);
    expect(await program.ended).toBe(0);
    const [, ...positions] = /^user.*$/m.exec(program.out)?.[0].split(/ +/) ?? [];
    return Object.fromEntries(names.map((name, index) => [name, positions[index] ?? ""]));
  }

  it.each(["mv", "umv"])(
    "%s of axes of two controllers stops all, tells where, and the program ends with 130",
    async (mv) => {
      const told = await interrupted(`${mv}(slow, 500, tilt, -500, s1hg, 3)`, /^Aborted: slow stopped at .*\n$/);
      expect(Object.keys(told).sort()).toEqual(["s1b", "s1f", "s1hg", "slow", "tilt"].filter((name) => name in told));
      expect(told).toMatchObject({ slow: expect.any(String), tilt: expect.any(String) });
      const names = Object.keys(told);
      expect(await found(...names)).toEqual(told);
    },
  );

  it("a move that the command does not wait for: a jog, one by the axis itself", async () => {
    const told = await interrupted("slow.jog(1); sleep(500)", /^Aborted: slow stopped at .*\n$/);
    expect(await found("slow")).toEqual(told);
  });

  it("a command that ends normally then tells of it all the same", async () => {
    const told = await interrupted("slow.jog(1); slow.waitMove()", /^Aborted: slow stopped at .*\n$/);
    expect(await found("slow")).toEqual(told);
  });

  it("rockit, wherever the axis is on its way", async () => {
    const told = await interrupted("rockit(slow, 50, () => sleep(500))", /^Aborted: slow stopped at .*\n$/);
    expect(await found("slow")).toEqual(told);
  });

  it("a scan in the move to its next point; its axis stops, and a relative one brings it back", async () => {
    const told = await interrupted(
      "ascan(slow, 0, 500, 2, 0.01, diode)",
      /^Scan ascan_1 aborted: slow stopped at .*\n$/,
    );
    expect(Number(told["slow"])).toBeGreaterThan(0);
    expect(await found("slow")).toEqual(told);
    const relative = await interrupted(
      "dscan(slow, 0, 500, 2, 0.01, diode)",
      /^Scan dscan_2 aborted: slow stopped at .*\n$/,
    );
    expect(relative).toEqual(told); // where it was before
  });
});

describe("an axis that takes long to stop", () => {
  let beacon: ShellProgram;
  let address: string;
  beforeAll(async () => {
    const ports = ["--port", "0", "--redis-port", "0", "--redis-data-port", "0"];
    beacon = folder.start(["beacon", "--db-path", "config", ...ports]);
    [, address = ""] = await beacon.seen(/BEACON_HOST=(\S+)/);
  });
  afterAll(async () => {
    beacon.kill("SIGTERM");
    await beacon.ended;
    await beacon[Symbol.asyncDispose]();
  });

  const start = (code: string): ShellProgram => folder.start(["--beacon", address, "-s", "lab", "-e", code]);
  const slowMove = "slow.controller.slowStop(300); mvr(slow, 500, tilt, 500)";

  /** Another session has the axis as soon as the first one is gone. */
  async function expectFree(): Promise<void> {
    await using program = start("lslock(); sync(slow, tilt); mvr(slow, 0.1, tilt, 0.1); sta(slow, tilt)");
    expect([await program.ended, program.err]).toEqual([0, ""]);
    expect(program.out).toMatch(/^nothing is locked\n/);
    expect(program.out).toMatch(/^slow +READY .*\ntilt +READY/m);
  }

  it("is left after the second Ctrl-C, which tells what still moves; nothing stays locked", async () => {
    await using program = start(`${whenMoving} session.signal.onabort = () => console.log('heard of it'); ${slowMove}`);
    await program.seen(/it moves/);
    await using other = start("lslock()");
    await other.ended;
    expect(other.out).toMatch(/^ +slow +lab@.*\n +tilt +lab@/m);
    program.kill("SIGINT");
    await program.seen(/heard of it/);
    program.kill("SIGINT");
    expect(await program.ended).toBe(130);
    expect(program.err).toMatch(
      /^Aborted, not waited for: slow still moves, last seen at \d+\.\d+, tilt (stopped|still moves, last seen) at .*; Ctrl-C again ends the program now\n/,
    );
    await expectFree();
  });

  it("leaves nothing locked when its program is ended by a third Ctrl-C", async () => {
    // for the third one, the second has to be heard while it closes the session
    await using program = start(
      `${whenMoving}
       const interrupt = () => process.kill(process.pid, 'SIGINT');
       process.on('SIGINT', () => setImmediate(interrupt)); ${slowMove}`,
    );
    await program.seen(/it moves/);
    program.kill("SIGINT");
    expect(await program.ended).toBe(130);
    expect(program.err).toMatch(/^Aborted, not waited for: slow still moves/);
    await expectFree();
  });

  it("leaves nothing locked when its program is killed", async () => {
    await using program = start(`${whenMoving} ${slowMove}`);
    await program.seen(/it moves/);
    program.kill("SIGINT");
    program.kill("SIGKILL");
    await program.ended;
    await expectFree();
  });
});

describe.skipIf(spawnSync(python, ["-c", "import pty"]).status !== 0)("Ctrl-C at the prompt", () => {
  let shell: ShellProgram;
  beforeEach(async () => {
    shell = folder.start(["-s", "lab", "--config", "config"], { columns: 120 });
    await shell.seen(/LAB \[1\]: /);
  });
  afterEach(() => shell[Symbol.asyncDispose]());

  /** Types a command that moves, waits until it does, and then types that. */
  async function interrupted(command: string, keys = "\x03"): Promise<string> {
    await shell.ask(whenMoving);
    const from = shell.out.length;
    shell.type(`${command}\r`);
    await shell.seen(/it moves/, from);
    return await shell.answered(keys);
  }

  it("stops a group of axes of two controllers, tells where, and the prompt is back", async () => {
    const shown = await interrupted("mv(slow, 500, tilt, -500)");
    const told = places(shown);
    expect(shown).toMatch(/^Aborted: slow stopped at \S+, tilt stopped at -\S+ mrad\r$/m);
    expect(await shell.ask("sync(); wu(slow, tilt)")).toMatch(
      new RegExp(`^user +${told["slow"]} +${told["tilt"]}\r$`, "m"),
    );
    expect(await shell.ask("sta(slow, tilt)")).toMatch(/^slow +READY .*\r\ntilt +READY/m);
  });

  it("stops umv, whose table stays as it was", async () => {
    const shown = await interrupted("umv(slow, 500, tilt, -500)");
    expect(shown).toMatch(/\nAborted: slow stopped at \S+, tilt stopped at -\S+ mrad\r\n/);
    expect(shown.slice(shown.indexOf("Aborted"))).not.toContain("user");
  });

  it("tells that a jog was stopped for which the command waited", async () => {
    expect(await interrupted("slow.jog(1); slow.waitMove()")).toMatch(/^Aborted: slow stopped at \d+\.\d+\r$/m);
  });

  it("twice while the stop takes long: tells what still moves and how to leave, and the motion is not lost", async () => {
    const shown = await interrupted("slow.controller.slowStop(4); umv(slow, 500, tilt, -500)", "\x03\x03");
    expect(shown).toMatch(
      /^Aborted, not waited for: slow still moves, last seen at \S+, tilt .*; Ctrl-D ends the session\r$/m,
    );
    expect(await shell.ask("stm(slow)")).toContain("MOVING");
    expect(await shell.ask("mv(slow, 0)")).toMatch(/^slow is mov(ing|ed by)/m);
    expect(await shell.ask("mv(tilt, 0)")).toMatch(/^tilt is mov(ing|ed by)/m);
    await shell.ask("slow.waitMove(); tilt.waitMove()");
    expect(await shell.ask("before = slow.position; sync(slow); slow.position === before")).toContain("true");
    expect(await shell.ask("slow.controller.slowStop(0); mvr(slow, 0.1, tilt, 0.1)")).toMatch(
      /^Moving slow .*\r\nMoving tilt /m,
    );
  });

  it("on an empty line tells of an axis that moves by itself, and how to stop it", async () => {
    await shell.ask("slow.jog(1)");
    shell.type("\x03");
    await shell.seen(/\(slow moves: slow\.stop\(\) stops it; to end the session type \.exit or press Ctrl-D\)/);
    expect(await shell.ask("slow.stop(); stm(slow)")).toContain("READY");
  });
});
