import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeAxisFolder } from "./axis-folder.js";
import type { ShellFolder, ShellProgram } from "./shell-program.js";

let folder: ShellFolder;
beforeAll(async () => {
  folder = await makeAxisFolder();
});
afterAll(async () => {
  await folder[Symbol.asyncDispose]();
});

/** A prompt on pipes, with all axes at 0, but `mono` at 10. */
async function openPrompt(): Promise<ShellProgram> {
  const shell = folder.start(["-s", "lab", "--config", "config"]);
  await shell.seen(/LAB \[1\]: /);
  return shell;
}

describe("the tables of axes", () => {
  it("wa shows user and dial positions of all axes, nine side by side", async () => {
    await using shell = await openPrompt();
    expect(await shell.ask("wa()")).toBe(`
Current positions
      roby[mm]    slow  s1f[mm]  s1b[mm]  s1hg[mm]  s1ho[mm]  mono[deg]  energy[keV]  lambda[Å]
----  --------  ------  -------  -------  --------  --------  ---------  -----------  ---------
user    0.0000  0.0000   0.0000   0.0000    0.0000    0.0000    10.0000      11.3860     1.0889
dial    0.0000  0.0000   0.0000   0.0000    0.0000    0.0000    10.0000      11.3860     1.0889

      tilt[mrad]
----  ----------
user      0.0000
dial      0.0000

`);
  });

  it("wa and wu show those that are named, by object or by name", async () => {
    await using shell = await openPrompt();
    expect(await shell.ask("wa(tilt, 'roby')")).toMatch(/ tilt\[mrad\] {2}roby\[mm\]\n[- ]+\nuser +0\.0000 +0\.0000\n/);
    expect(await shell.ask("wu(slow)")).toMatch(/ {2}slow\n-+ {2}-+\nuser {2}0\.0000\n\n$/);
  });

  it("wm shows positions between their limits, with the offset, also of calculated axes", async () => {
    await using shell = await openPrompt();
    await shell.ask("roby.offset = 1.5");
    expect(await shell.ask("wm(roby, slow, s1hg)")).toBe(`
           roby[mm]    slow  s1hg[mm]
--------  ---------  ------  --------
User
 High      101.5000     inf       inf
 Current     1.5000  0.0000    0.0000
 Low       -98.5000    -inf      -inf
Offset       1.5000  0.0000    0.0000
Dial
 High      100.0000     inf       inf
 Current     0.0000  0.0000    0.0000
 Low      -100.0000    -inf      -inf

`);
  });

  it("lsmot names all axes, in order", async () => {
    await using shell = await openPrompt();
    const names = "energy  lambda  mono    roby    s1b     s1f     s1hg    s1ho    slow    tilt";
    expect(await shell.ask("lsmot()")).toBe(`\n${names}\n\n`);
  });

  /** An axis without power, one out of use, and one in fault. */
  async function openTroubled(): Promise<ShellProgram> {
    const shell = await openPrompt();
    await shell.ask(
      "slow.off(); roby.disable('the door is open'); slow.controller.breakDown('s1f', 'drive overheated')",
    );
    return shell;
  }

  it("sta shows states in words: without power, out of use, in fault; calculated axes have those of their real ones", async () => {
    await using shell = await openTroubled();
    expect(await shell.ask("sta()")).toBe(`
Axis    Status
------  ---------------------------
roby    DISABLED (the door is open)
slow    OFF (Axis power is off)
s1f     FAULT (drive overheated)
s1b     READY (Axis is READY)
s1hg    FAULT (drive overheated)
s1ho    FAULT (drive overheated)
mono    READY (Axis is READY)
energy  READY (Axis is READY)
lambda  READY (Axis is READY)
tilt    READY (Axis is READY)

`);
    expect(await shell.ask("stm(slow, 'mono')")).toBe(
      "\nAxis  Status\n----  -----------------------\nslow  OFF (Axis power is off)\nmono  READY (Axis is READY)\n\n",
    );
  });

  it("what does not answer, or is out of use, is !ERR, and the others are shown", async () => {
    await using shell = await openTroubled();
    await shell.ask("second = tilt.controller; second.failNext('readPosition', Error('no answer'))");
    const table = await shell.ask("wa(roby, slow, tilt)");
    expect(table).toMatch(
      / roby\[mm\] +slow +tilt\[mrad\]\n.*\nuser +!ERR +0\.0000 +!ERR\ndial +!ERR +0\.0000 +!ERR\n/,
    );
    await shell.ask("second.failNext('readState', Error('no answer'))");
    expect(await shell.ask("sta(slow, tilt)")).toMatch(/^slow {2}OFF .*\ntilt {2}!ERR no answer$/m);
    await shell.ask("second.failNext('readState', Error('no answer'))");
    expect(await shell.ask("wm(tilt, slow)")).toMatch(/^ Current +!ERR +0\.0000$/m);
  });

  it("mv tells why an axis that is off, out of use or in fault does not move, and what helps", async () => {
    await using shell = await openTroubled();
    expect(await shell.ask("mv(slow, 1)")).toBe("slow cannot move: Axis power is off: call on() of the axis\n");
    expect(await shell.ask("mv(roby, 1)")).toMatch(/^roby is disabled: the door is open: call enable\(\).*\n$/);
    expect(await shell.ask("umv(s1hg, 1)")).toMatch(/^(Moving .*\n)?s1f is in fault: drive overheated.*\n$/);
    await shell.ask("slow.on(); roby.enable(); slow.controller.repair('s1f')");
    expect(await shell.ask("sta()")).not.toMatch(/OFF|DISABLED|FAULT|MOVING/);
    expect(await shell.ask("mv(slow, 1, roby, 1, s1hg, 1)")).toMatch(/^(Moving .*\n){3}$/);
  });
});

describe("what cannot be done is refused in one sentence, and nothing moves:", () => {
  let shell: ShellProgram;
  beforeAll(async () => {
    shell = await openPrompt();
  });
  afterAll(() => shell[Symbol.asyncDispose]());

  const pairs = (command: string): string =>
    `${command} takes pairs of axis and number: ${command}(roby, 1.5, robz, 2)`;
  const limits = "roby cannot go to 200 mm: expected a position from -100 to 100 mm, its limits";
  it.each([
    ["mv()", pairs("mv")],
    ["mv(roby)", `roby has no number: ${pairs("mv")}`],
    ["umvr(slow, 1, roby)", `roby has no number: ${pairs("umvr")}`],
    ["mv(3, roby)", `3 is not an axis: ${pairs("mv")}`],
    ["mvd(slow, 1, diode, 2)", `diode is not an axis: ${pairs("mvd")}`],
    ["mv('roby', 3)", `'roby' is not an axis: ${pairs("mv")}`],
    ["mvr(slow, 1, roby, 'a')", `'a' is not a number for roby: ${pairs("mvr")}`],
    ["mv(slow, 1, roby, NaN)", "position of roby is NaN; expected a finite number"],
    ["mv(slow, 1, roby, 200)", limits],
    ["umv(slow, 1, roby, 200)", limits],
    ["mvdr(roby, 200)", limits],
    ["mv(slow, 1, slow, 2)", "slow is given twice: expected each axis once"],
    [
      "umv(s1hg, 20)",
      "s1f cannot go to 10 mm, where dial 20 of s1hg leads it: expected a position from -5 to 5 mm, its limits",
    ],
    ["mv(slow, 1, nix, 2)", "ReferenceError: nix is not defined"],
    ["move(roby, 3, { wiat: false })", "move has no option wiat: it knows wait"],
    ["wm()", "wm takes one axis or more: wm(roby, robz)"],
    ["wm('nix')", "'nix' is not an axis: wm takes one axis or more: wm(roby, robz)"],
    ["wa(3)", "3 is not an axis: wa takes axes, or nothing for all of them: wa(roby, robz)"],
    ["sta(diode)", "diode is not an axis: sta takes axes, or nothing for all of them: sta(roby, robz)"],
    ["sync({})", "{} is not an axis: sync takes axes, or nothing for all of them: sync(roby, robz)"],
    ["rockit(roby, 2)", "rockit takes an axis, a length and a function: rockit(roby, 0.2, () => ct(5))"],
    ["rockit(roby, 400, () => 1)", limits.replace("200", "-200")],
    ["tw(roby)", "tw needs a keyboard: type it at the prompt, on a terminal"],
  ])("%s", async (command, sentence) => {
    expect(await shell.ask(command)).toBe(`${sentence}\n`);
    expect(await shell.ask("wu()")).toMatch(/^user(?: +0\.0000){6} +10\.0000 /m);
    expect(await shell.ask("sta()")).not.toContain("MOVING");
  });

  it("two axes of which one moves the other", async () => {
    expect(await shell.ask("mv(s1hg, 1, s1f, 2)")).toMatch(/^.*s1hg.*s1f.*\n$/);
    expect(await shell.ask("sta(s1hg, s1f, s1b)")).not.toContain("MOVING");
  });
});

describe("moves", () => {
  it("mv, mvr, mvd and mvdr tell from where to where, and go there", async () => {
    await using shell = await openPrompt();
    expect(await shell.ask("mv(roby, 3, slow, 0.5)")).toBe(
      "Moving roby from 0.0000 to 3.0000 mm\nMoving slow from 0.0000 to 0.5000\n",
    );
    await shell.ask("roby.sign = -1; roby.offset = 1");
    expect(await shell.ask("roby.dial")).toContain("Out [");
    expect(await shell.ask("mvd(roby, 2)")).toBe("Moving roby from -2.0000 to -1.0000 mm\n");
    expect(await shell.ask("mvdr(roby, 2)")).toBe("Moving roby from -1.0000 to -3.0000 mm\n");
    expect(await shell.ask("mvr(roby, 1)")).toBe("Moving roby from -3.0000 to -2.0000 mm\n");
    expect(await shell.ask("wa(roby)")).toMatch(/user +-2\.0000\ndial +3\.0000\n/);
  });

  it("says nothing of an axis that stays", async () => {
    await using shell = await openPrompt();
    expect(await shell.ask("mv(roby, 0, slow, 0.1)")).toBe("Moving slow from 0.0000 to 0.1000\n");
  });

  it("umv into a pipe writes plain lines: the end, with the axes that a calculated one moves", async () => {
    await using shell = await openPrompt();
    expect(await shell.ask("umv(s1hg, 3, energy, 12)")).toBe(`Moving s1hg from 0.0000 to 3.0000 mm
Moving energy from 11.3860 to 12.0000 keV

      s1hg[mm]  s1f[mm]  s1b[mm]  energy[keV]  mono[deg]
----  --------  -------  -------  -----------  ---------
user    3.0000   1.5000   1.5000      12.0000     9.4835
dial    3.0000   1.5000   1.5000      12.0000     9.4835

`);
    expect(await shell.ask("umvr(s1ho, 0.5, roby, -2)")).toMatch(/^user +0\.5000 +2\.0000 +1\.0000 +-2\.0000$/m);
    expect(await shell.ask("umvdr(roby, 1)")).toMatch(/^user +-1\.0000$/m);
    expect(await shell.ask("umvd(roby, 2)")).toMatch(/^user +2\.0000\ndial +2\.0000$/m);
  });

  it("move with wait: false comes back at once; stm and another move tell that the axis moves", async () => {
    await using shell = await openPrompt();
    await shell.ask("move(tilt, 1000, { wait: false })");
    expect(await shell.ask("stm(tilt)")).toContain("tilt  MOVING (Axis is MOVING)\n");
    expect(await shell.ask("mv(tilt, 0)")).toMatch(/^tilt is moving: .*waitMove.*\n$/);
    await shell.ask("tilt.stop(); mv(tilt, 0)");
    expect(await shell.ask("wu(tilt)")).toMatch(/user +-?0\.0000$/m);
  });

  it("rockit gives back what the function gives, and brings the axis back", async () => {
    await using shell = await openPrompt();
    expect(await shell.ask("rockit(roby, 4, () => sleep(0.1).then(() => 'done'))")).toMatch(/Out \[\d+\]: 'done'\n$/);
    expect(await shell.ask("wu(roby)")).toMatch(/user +-?0\.0000$/m);
  });

  it("sync takes over what all controllers say that answer, and tells of the one that does not", async () => {
    await using shell = await openPrompt();
    await shell.ask("first = slow.controller; second = tilt.controller; first.rawCommand('MOVE slow 300')");
    await shell.ask("while (first.readPosition('slow') < 300) sleep(0.05)");
    await shell.ask("second.failNext('readState', Error('tilt does not answer'))");
    expect(await shell.ask("mv(slow, 0)")).toMatch(/^slow was left at dial 0.*syncHard\(\)/);
    expect(await shell.ask("sync(tilt, slow)")).toBe("tilt does not answer\n");
    expect(await shell.ask("wu(slow)")).toMatch(/user +0\.3000$/m);
    expect(await shell.ask("mv(slow, 0)")).toBe("Moving slow from 0.3000 to 0.0000\n");
  });
});

describe("help", () => {
  it("tells of a command by its name alone too", async () => {
    await using shell = await openPrompt();
    const text = await shell.ask("help(mv)");
    expect(text).toBe(`mv(axis, position, …)
  Moves axes together; Ctrl-C stops them.
  Positions are user positions, in units of each axis. It returns when all are there.
  Example: mv(roby, 1.5, robz, 2)
`);
    expect(await shell.ask("mv?")).toBe(text);
    expect(await shell.ask("mv")).toContain(text);
    expect(await shell.ask("help()")).toMatch(
      /^ {2}mv\(roby, 1\.5, robz, 2\) +moves axes together; Ctrl-C stops them$/m,
    );
    expect(await shell.ask("lastError?")).toMatch(/^lastError\(\)\n/);
  });

  it("shows an axis with all that is known of it, as its name and print do", async () => {
    await using shell = await openPrompt();
    const text = await shell.ask("roby?");
    expect(text).toMatch(/^Axis roby\n {2}unit +mm\n {2}position +-?0\.0000\n/);
    expect(await shell.ask("print(roby)")).toBe(text);
    expect(await shell.ask("roby")).toContain(text);
  });
});
