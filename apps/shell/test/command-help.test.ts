import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadConfig } from "@beamtime/config";
import { openSession, type Session } from "@beamtime/session";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commandHelp, describeCommands } from "../src/command-help.js";
import { commandTexts } from "../src/command-text.js";
import { Evaluator } from "../src/evaluator.js";
import { shellScope } from "../src/shell-scope.js";
import type { KeySource } from "../src/tweak.js";

const demo = fileURLToPath(new URL("../../../demo", import.meta.url));

/** Somebody who ends at once whatever wants keys. */
const quitting: KeySource = (listener) => {
  queueMicrotask(() => listener({ name: "q" }));
  return () => {};
};

describe("the help of commands", () => {
  let folder: string;
  let session: Session;
  let scope: Readonly<Record<string, unknown>>;
  let evaluator: Evaluator;
  let shown = "";

  /** The beamline of the demo with quicker axes, and with the data policy. */
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "beamtime-help-"));
    for (const part of ["__init__.yml", "counters", "motors", "sessions"]) {
      await cp(join(demo, part), join(folder, "config", part), { recursive: true });
    }
    const top = join(folder, "config/__init__.yml");
    const roots = ["tmp", "visitor", "inhouse"].map((root) => `  ${root}_data_root: ${join(folder, root)}\n`);
    const saving = `scan_saving:\n  class: ESRFScanSaving\n  beamline: id99\n${roots.join("")}`;
    await writeFile(top, `${await readFile(top, "utf8")}${saving}`);
    const motors = join(folder, "config/motors/simulation.yml");
    const quick = (await readFile(motors, "utf8")).replace(/(velocity|acceleration): (\d+)/g, "$1: $20");
    await writeFile(motors, quick);
    const config = await loadConfig(join(folder, "config"));
    session = await openSession({ name: "demo_session", config, redis: "private" });
    const print = (text: string): void => {
      shown += text;
    };
    const commands = shellScope(session, { print, isTerminal: false, width: 120 }, () => quitting);
    scope = { ...commands, ...describeCommands({ lastError: () => undefined }) };
    evaluator = new Evaluator(scope);
  });
  afterAll(async () => {
    await session?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  it("tells of each that there is: its arguments, what it does, and an example of it; and of no other", () => {
    const commands = Object.entries(scope).filter(([, value]) => typeof value === "function");
    expect(commands.map(([name]) => name).sort()).toEqual(Object.keys(commandTexts).sort());
    const list = commandHelp([]);
    for (const [name, command] of commands) {
      const lines = commandHelp([command]).split("\n");
      expect(lines[0]).toMatch(new RegExp(`^(new )?${name}\\(.*\\)$`));
      expect(lines[1]).toMatch(/^ {2}\S.*\.$/);
      const example = /^ {2}Example: (.*)$/.exec(lines.at(-2) ?? "")?.[1] ?? "none";
      expect(example).toContain(`${name}(`);
      expect(list).toContain(`\n  ${example}`);
      expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(120);
    }
  });

  it("tells the units of whatever takes numbers", () => {
    for (const [name, { usage, more }] of Object.entries(commandTexts)) {
      const takesNumbers = /position|distance|start|stop|total|step|time/i.test(usage) && !usage.includes("seconds");
      expect([name, !takesNumbers || /\bunits?\b|second/.test(more.join(" "))]).toEqual([name, true]);
    }
  });

  it.each(Object.entries(commandTexts))("has an example that works: %s", async (name, { example }) => {
    shown = "";
    const before = session.scans.at(-1);
    await evaluator.evaluate(example);
    for (const axis of session.axes) await axis.waitMove();
    expect(shown).not.toMatch(/error|!ERR|undefined/i);
    if (!/scan$|mesh$|^s?ct$/i.test(name)) return;
    expect(session.scans.at(-1)).not.toBe(before);
    expect(session.scans.at(-1)?.state).toBe("DONE");
  });
});
