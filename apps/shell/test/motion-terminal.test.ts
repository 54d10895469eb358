import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeAxisFolder } from "./axis-folder.js";
import { python, type ShellFolder, type ShellProgram } from "./shell-program.js";
import { terminalText } from "./terminal-text.js";

let folder: ShellFolder;
beforeAll(async () => {
  folder = await makeAxisFolder();
});
afterAll(() => folder[Symbol.asyncDispose]());

async function openPrompt(columns: number): Promise<ShellProgram> {
  const shell = folder.start(["-s", "lab", "--config", "config"], { columns });
  await shell.seen(/LAB \[1\]: /);
  return shell;
}

const [right, left, down] = ["\x1b[C", "\x1b[D", "\x1b[B"];

describe.skipIf(spawnSync(python, ["-c", "import pty"]).status !== 0)("axes on a terminal", () => {
  it("umv shows where they are while they move, in place, with the real axes of a calculated one", async () => {
    await using shell = await openPrompt(100);
    const shown = await shell.ask("umv(slow, 3, s1hg, 3)");
    expect(shown).toMatch(/^user +[012]\.(?!0000)\d+ /m);
    expect(terminalText(shown).trimStart()).toBe(`umv(slow, 3, s1hg, 3)
Moving slow from 0.0000 to 3.0000
Moving s1hg from 0.0000 to 3.0000 mm

        slow  s1hg[mm]  s1f[mm]  s1b[mm]
----  ------  --------  -------  -------
user  3.0000    3.0000   1.5000   1.5000
dial  3.0000    3.0000   1.5000   1.5000

`);
  });

  it("tables are as wide as the terminal, and umv stays in place there", async () => {
    await using shell = await openPrompt(40);
    const shown = terminalText(await shell.ask("umv(slow, 1, s1hg, 3)"));
    expect(shown.split("\n").slice(3)).toEqual([
      "",
      "        slow  s1hg[mm]  s1f[mm]  s1b[mm]",
      "----  ------  --------  -------  -------",
      "user  1.0000    3.0000   1.5000   1.5000",
      "dial  1.0000    3.0000   1.5000   1.5000",
      "",
      "",
    ]);
    const narrow = terminalText(await shell.ask("umv(slow, 0, s1hg, 0, energy, 12)"));
    expect(narrow.match(/^user.*$/gm)).toEqual([
      "user  0.0000    0.0000   0.0000   0.0000",
      "user      12.0000     9.4835",
    ]);
    for (const line of terminalText(await shell.ask("wa()")).split("\n")) expect(line.length).toBeLessThanOrEqual(40);
  });

  it("umv that fails on the way leaves the table with the last positions, and tells why", async () => {
    await using shell = await openPrompt(100);
    await shell.ask(
      "slow.onPosition((at) => { if (at > 0.2) slow.controller.breakDown('slow', 'drive overheated'); })",
    );
    const shown = terminalText(await shell.ask("umv(slow, 50, tilt, 50)"));
    expect(shown.match(/^user.*$/gm)).toEqual([expect.stringMatching(/^user +(?!0\.[01])\d+\.\d+ +(?!0\.0)\d+\.\d+$/)]);
    expect(shown).toMatch(/^slow is in fault: drive overheated/m);
    expect(await shell.ask("sta(slow, tilt)")).toMatch(/^slow +FAULT \(drive overheated\)\r\ntilt +READY/m);
  });

  it("tw steps axes by keys: which one, how far, which way, until q", async () => {
    await using shell = await openPrompt(100);
    shell.type("tw(roby, s1hg, { step: 0.5 })\r");
    const line = (name: string, position: string, step: string): RegExp =>
      new RegExp(`^> ${name}\\[mm\\] +${position} +step ${step}$`, "m");
    await shell.shows(line("roby", "0\\.0000", "0\\.5"));
    shell.type(right);
    await shell.shows(line("roby", "0\\.5000", "0\\.5"));
    shell.type("+");
    await shell.shows(line("roby", "0\\.5000", "1"));
    shell.type(right);
    await shell.shows(line("roby", "1\\.5000", "1"));
    shell.type(`${down}--`);
    await shell.shows(line("s1hg", "0\\.0000", "0\\.125"));
    shell.type(left);
    await shell.shows(line("s1hg", "-0\\.1250", "0\\.125"));
    const shown = terminalText(shell.out.slice(shell.out.indexOf("tw(")) + (await shell.answered("q")));
    expect(shown.match(/^. (roby|s1hg).*$/gm)).toEqual([
      "  roby[mm]   1.5000  step 1",
      "> s1hg[mm]  -0.1250  step 0.125",
    ]);
    expect(await shell.ask("wu(roby, s1hg, s1f)")).toMatch(/^user +1\.5000 +-0\.1250 +-0\.0625\r$/m);
  });

  it("tw tells why a step is refused, and stops a step on s", async () => {
    await using shell = await openPrompt(100);
    shell.type("tw(roby, tilt, { step: 60 })\r");
    await shell.shows(/^> roby/m);
    shell.type(right);
    await shell.shows(/^> roby\[mm\] +60\.0000 +step 60$/m);
    shell.type(right);
    await shell.shows(/^roby cannot go to 120 mm: expected a position from -100 to 100 mm, its limits$/m);
    shell.type(down + right);
    await shell.shows(/^> tilt\[mrad\] +(?!0\.0000)\d.* step 60 {2}moving$/m);
    shell.type("s");
    await shell.shows(/^tilt was stopped at \d+\.\d+ mrad on its way to 60 mrad/m);
    await shell.answered("q");
    expect(await shell.ask("stm(tilt)")).toContain("READY");
  });

  it("tw ends with a move in flight: q stops it, and so does Ctrl-C, which tells where", async () => {
    await using shell = await openPrompt(100);
    shell.type("tw(slow, { step: 100 })\r");
    await shell.shows(/^> slow +0\.0000/m);
    shell.type(right);
    await shell.shows(/^> slow +(?!0\.0000)\d/m);
    await shell.answered("q");
    expect(await shell.ask("stm(slow)")).toContain("READY");

    const from = shell.out.length;
    shell.type("tw(slow, { step: 100 })\r");
    await shell.shows(/^> slow +\d/m, from);
    shell.type(left);
    await shell.shows(/^> slow +-/m, from);
    const [, position = ""] = /^Aborted: slow stopped at (-\S+)\r$/m.exec(await shell.answered("\x03")) ?? [];
    expect(await shell.ask("wu(slow)")).toMatch(new RegExp(`^user +${position}\\r$`, "m"));
    expect(await shell.ask("tw(slow, { step: -1 })")).toContain("step is -1; expected a positive number");
  });

  it("completes commands, axes in them, and what axes have; takes up again what was typed before", async () => {
    await using shell = await openPrompt(100);
    shell.type("lsm\t");
    await shell.shows(/\]: lsmot$/);
    shell.type("(); umv(til\t");
    await shell.shows(/\]: lsmot\(\); umv\(tilt$/);
    shell.type(", tilt.toler\t");
    await shell.shows(/\]: lsmot\(\); umv\(tilt, tilt\.tolerance$/);
    const from = shell.out.length;
    await shell.answered(", slow, 0)\r");
    shell.type("\x1b[A");
    await shell.shows(/LAB \[2\]: lsmot\(\); umv\(tilt, tilt\.tolerance, slow, 0\)$/, from);
  });
});
